"""The context that a loader gets beside the definition; implements :class:`speccheck.sdk.BuildContext`."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.subjects.code_import import CodeImporter
from speccheck.subjects.describe import source_file
from speccheck.subjects.input_files import Reading
from speccheck.subjects.seeding import derived_seed, seeded


@dataclass(frozen=True)
class LoaderContext:
    """The context of one build; ``tree`` is the subject's ``code:``, ``get`` returns other subjects."""

    seed: int
    folder: Path
    code: CodeImporter
    tree: str | None
    get: Callable[[str], Any]
    names: tuple[str, ...]
    reading: Reading

    def path(self, text: str) -> Path:
        """Return the absolute path of a path written in the spec."""
        return absolute(text, self.folder)

    def reads(self, path: Path) -> None:
        """Count the file to those that the value is built from."""
        self.reading.declare(path)

    def subject(self, name: str) -> Any:
        """Return the subject of that name, built when first needed."""
        return self.get(name)

    def subject_names(self) -> tuple[str, ...]:
        """Return the names of subjects that a definition may use."""
        return self.names

    def import_target(self, dotted: str) -> Any:
        """Return the object that ``package.module:attribute.path`` names; its code folder is searched first.

        The import runs under a seed of its own, so later builds do not depend on whether the module was already
        imported.
        """
        name, _, attributes = dotted.partition(":")
        with seeded(derived_seed(0, f"import {name}")):
            value: Any = self.code.load(name, self.tree)
        self.reading.use(name, self.code.audits)
        found = name
        for attribute in attributes.split(".") if attributes else ():
            if not hasattr(value, attribute):
                raise SubjectError(_missing(found, value, attribute, source_file(value)))
            value, found = getattr(value, attribute), f"{found}.{attribute}"
        return value

    def source_file(self, value: Any) -> str:
        """Return the source file of a function or of a value's class, or '' for built-in ones."""
        return source_file(value)


def absolute(text: str, folder: Path) -> Path:
    """Return the absolute path with ``..`` and links resolved in its folder; a link keeps its own name and suffix."""
    path = folder / text
    return path.resolve() if path.name in ("", "..") else path.parent.resolve() / path.name


def suggestion(name: str, known: Any) -> str:
    """Return ``; did you mean 'x'?`` for the nearest known name, or '' when none is close."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _missing(owner: str, value: Any, attribute: str, file: str) -> str:
    hint = suggestion(attribute, dir(value))
    return f"{owner} has no attribute {attribute!r}{hint}" + (f" ({file})" if file else "")


def step_failed(shown: str, value: Any, kind: str, step: str | int, error: Exception) -> str:
    """Return what went wrong at one step (``attr`` or ``item``) of a reference, shown so far as ``shown``."""
    of = type(value).__qualname__
    if kind == "attr" and isinstance(error, AttributeError) and not hasattr(type(value), str(step)):
        hint = suggestion(str(step), dir(value))
        if isinstance(value, Mapping) and step in value:
            hint = f'; for its key write {shown}["{step}"]'
        return f"{shown} ({of}) has no attribute {step!r}{hint}"
    written = f"{shown}.{step}" if kind == "attr" else f"{shown}[{step!r}]"
    return f"{written} ({of}) raised {type(error).__name__}: {error}"
