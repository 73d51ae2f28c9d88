"""Loaders of subjects, which build live values from definitions in YAML."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from speccheck.model.values import Json

PATH: Json = {"type": "string", "minLength": 1, "format": "path"}
"""The JSON Schema of a path in a definition; the path is relative to the file that contains it, included or not."""


class BuildContext(Protocol):
    """The engine's side of building. References inside a definition are built before the loader is called."""

    @property
    def seed(self) -> int:
        """The seed of the subject; random, numpy and torch are already seeded with it."""

    @property
    def folder(self) -> Path:
        """The folder of the spec, absolute; relative paths start here."""

    def path(self, text: str) -> Path:
        """Return the absolute path of a path in the spec."""

    def reads(self, path: Path) -> None:
        """Count a file to those that the value is built from, by the digest of its content.

        Files that a definition names, and those that Python code opens, count already; this is for others, which a
        library in C reads.
        """

    def subject(self, name: str) -> Any:
        """Return the subject of that name, built when first needed."""

    def subject_names(self) -> tuple[str, ...]:
        """Return the names that a definition may use."""

    def import_target(self, dotted: str) -> Any:
        """Import ``package.module:attribute.path``, from the code folder before anything else."""

    def source_file(self, value: Any) -> str:
        """Return the source file of a function or of a value's class, '' if there is none."""


@dataclass(frozen=True)
class Loader:
    """A loader of subjects; ``name`` is its key in a definition (``audio`` in ``clip: {audio: a.wav}``).

    ``load`` takes the whole definition, a mapping that has this key, with its live values built. ``schema`` is the JSON
    Schema of the value under the key; ``keys`` are the other keys that a definition may have, with the schema of each.
    ``lazy`` keys keep their references unbuilt. ``plain``: what it loads is mappings, lists, text and numbers alone, so
    that ``validate`` knows that ``$name.key`` is no way to a key.
    """

    name: str
    load: Callable[[Mapping[str, Any], BuildContext], Any]
    schema: Json = field(default_factory=lambda: {"type": "string"})
    keys: Mapping[str, Json] = field(default_factory=dict)
    doc: str = ""
    lazy: frozenset[str] = frozenset()
    plain: bool = False
