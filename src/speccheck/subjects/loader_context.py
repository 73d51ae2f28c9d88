"""What a loader gets besides the definition (:class:`speccheck.sdk.BuildContext`)."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.subjects.code_import import CodeImporter
from speccheck.subjects.describe import source_file
from speccheck.subjects.seeding import derived_seed, seeded


@dataclass(frozen=True)
class LoaderContext:
    """The context of one build; ``tree`` is the subject's ``code:``, ``get`` gives other subjects."""

    seed: int
    folder: Path
    code: CodeImporter
    tree: str | None
    get: Callable[[str], Any]
    names: tuple[str, ...]

    def path(self, text: str) -> Path:
        """The absolute path of a path written in the spec."""
        return absolute(text, self.folder)

    def subject(self, name: str) -> Any:
        """The subject of that name, built when first needed."""
        return self.get(name)

    def subject_names(self) -> tuple[str, ...]:
        """The names that a definition may use."""
        return self.names

    def import_target(self, dotted: str) -> Any:
        """What ``package.module:attribute.path`` names, loaded from the code folder before anything else.

        The import draws from a seed of its own, so what is built after it does not depend on whether the module had
        been imported before.
        """
        name, _, attributes = dotted.partition(":")
        with seeded(derived_seed(0, f"import {name}")):
            value: Any = self.code.load(name, self.tree)
        found = name
        for step in attributes.split(".") if attributes else ():
            if not hasattr(value, step):
                raise SubjectError(_lacking(found, value, step, source_file(value)))
            value, found = getattr(value, step), f"{found}.{step}"
        return value

    def source_file(self, value: Any) -> str:
        """The source file of a value's class or of a function, or '' where there is none."""
        return source_file(value)


def absolute(text: str, folder: Path) -> Path:
    """The absolute path; its folder has ``..`` and links resolved, its own name stays (a link may lack the suffix)."""
    path = folder / text
    return path.resolve() if path.name in ("", "..") else path.parent.resolve() / path.name


def suggestion(name: str, known: Any) -> str:
    """``; did you mean 'x'?`` for the nearest known name, '' when none is near."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""


def _lacking(owner: str, value: Any, step: str, file: str) -> str:
    return f"{owner} has no attribute {step!r}{suggestion(step, dir(value))}" + (f" ({file})" if file else "")
