"""The declarations of checks and loaders, as plain data: enough to read and judge a spec without importing any."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Protocol, TypeAlias

import msgspec

from speccheck.model.metrics import Metric
from speccheck.model.values import Json

FieldKind: TypeAlias = Literal["plain", "path", "live", "live_mapping", "live_list", "fresh"]
"""The treatment of a parameter's value: as written; as a path relative to the file that wrote it; built by a loader
(one value, each value of a mapping, each item of a list); or built anew at each use."""


PLACEHOLDERS = "x-placeholders"
"""The key, in the schema of a live parameter, of the placeholders that the check fills in when it calls it."""


class CheckDeclaration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A check's version, first line of its doc, metrics, the JSON Schema of its parameters and their kinds."""

    version: int
    summary: str
    metrics: dict[str, Metric]
    params: Json = {}
    fields: dict[str, FieldKind] = {}
    distribution: str = ""


class LoaderDeclaration(msgspec.Struct, frozen=True, omit_defaults=True):
    """A loader's JSON Schema, the schemas of its other keys, which stay unbuilt, and if it gives plain data."""

    params: Json = {}
    keys: dict[str, Json] = {}
    doc: str = ""
    lazy: tuple[str, ...] = ()
    distribution: str = ""
    plain: bool = False


class Declarations(Protocol):
    """A source of declarations: the registry, or the record of a run."""

    def check_names(self) -> Sequence[str]:
        """Return the names of all registered checks, sorted."""

    def check(self, name: str) -> CheckDeclaration | None:
        """Return the declaration of a check, or None for an unknown name."""

    def loader_names(self) -> Sequence[str]:
        """Return the names of all registered loaders, sorted."""

    def loader(self, name: str) -> LoaderDeclaration | None:
        """Return the declaration of a loader, or None for an unknown name."""
