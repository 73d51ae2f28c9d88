"""Collects diagnostics while a spec is read, so that all of its errors are told at once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from speccheck.loading.source import Where
from speccheck.model.diagnostic import Diagnostic, Position

_LONGEST_LINE = 4000


class Problems:
    """The diagnostics found so far, each once. A code that starts with ``SC6`` is a warning, any other an error."""

    def __init__(self) -> None:
        self._found: dict[tuple[str, str, Position | None], Diagnostic] = {}
        self._errors = 0
        self._entry = ""

    @property
    def errors(self) -> int:
        """How many errors there are so far."""
        return self._errors

    @contextmanager
    def entry(self, name: str) -> Iterator[None]:
        """What is added within belongs to the entry of that id."""
        before, self._entry = self._entry, name
        try:
            yield
        finally:
            self._entry = before

    def add(self, code: str, message: str, where: Where | None, hint: str = "") -> None:
        """Add one diagnostic; what came from ``--set`` has no position and names the override instead."""
        if where is not None and where.file.override is not None:
            message, where = f"{message} (from --set {where.file.override})", None
        if where is None:
            self._keep(self._diagnostic(code, message, None, hint))
            return
        position = where.position()
        line = where.file.line(position.line)
        shown = line if len(line) <= _LONGEST_LINE else ""
        length = max(1, min(where.end - where.start, len(line.rstrip()) - position.column + 1))
        self._keep(self._diagnostic(code, message, position, hint, shown, length))

    def keep(self, diagnostic: Diagnostic) -> None:
        """Add a diagnostic that is already made."""
        self._keep(diagnostic)

    def sorted(self) -> tuple[Diagnostic, ...]:
        """Everything found, by position; what has none comes first."""
        return tuple(sorted(self._found.values(), key=_order))

    def _diagnostic(
        self, code: str, message: str, position: Position | None, hint: str, source: str = "", length: int = 1
    ) -> Diagnostic:
        return Diagnostic(
            code=code,
            message=message,
            position=position,
            severity="warning" if code.startswith("SC6") else "error",
            hint=hint,
            source=source,
            length=length,
            entry=self._entry,
        )

    def _keep(self, diagnostic: Diagnostic) -> None:
        key = (diagnostic.code, diagnostic.message, diagnostic.position)
        if key not in self._found:
            self._found[key] = diagnostic
            self._errors += diagnostic.severity == "error"


def _order(diagnostic: Diagnostic) -> tuple[str, int, int, str, str]:
    at = diagnostic.position
    if at is None:
        return ("", 0, 0, diagnostic.code, diagnostic.message)
    return (at.file, at.line, at.column, diagnostic.code, diagnostic.message)
