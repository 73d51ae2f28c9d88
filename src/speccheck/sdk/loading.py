"""Loaders of subjects: what a plugin offers to build live values from a definition in YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from speccheck.model.values import Json

PATH: Json = {"type": "string", "minLength": 1, "format": "path"}
"""The JSON Schema of a path in a definition: relative to the file that wrote it, also when that is an included one."""


class BuildContext(Protocol):
    """What a loader gets besides the definition. References inside the definition are built before it is called."""

    @property
    def seed(self) -> int:
        """The subject's own seed; random, numpy and torch are already seeded with it."""

    @property
    def folder(self) -> Path:
        """The folder of the spec, absolute; relative paths start here."""

    def path(self, text: str) -> Path:
        """The absolute path of a path written in the spec."""

    def subject(self, name: str) -> Any:
        """The subject of that name, built when first needed."""

    def subject_names(self) -> tuple[str, ...]:
        """The names that a definition may use."""

    def import_target(self, dotted: str) -> Any:
        """What ``package.module:attribute.path`` names, loaded from the code folder before anything else."""

    def source_file(self, value: Any) -> str:
        """The source file of a value's class or of a function, or '' where there is none."""


@dataclass(frozen=True)
class Loader:
    """A loader of subjects, named by the key it answers to (``audio`` in ``clip: {audio: a.wav}``).

    ``load`` takes the whole definition (a mapping that has the loader's key), live values built. ``keys`` are the keys
    that may stand beside the loader's own, with the JSON Schema of each; ``schema`` is that of the loader's own value.
    ``lazy`` keys are handed over with their references unbuilt.
    """

    name: str
    load: Callable[[Mapping[str, Any], BuildContext], Any]
    schema: Json = field(default_factory=lambda: {"type": "string"})
    keys: Mapping[str, Json] = field(default_factory=dict)
    doc: str = ""
    lazy: frozenset[str] = frozenset()
