"""Diagnostics: an error in a spec, its place, and the remedy."""

from __future__ import annotations

from typing import Literal, TypeAlias

import msgspec


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a file; ``line`` and ``column`` are 1-based and count characters."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


Severity: TypeAlias = Literal["error", "warning"]


class Diagnostic(msgspec.Struct, frozen=True, omit_defaults=True):
    """One finding about a spec: a stable ``code`` (``SC102``), the message, the place and the remedy.

    ``source`` is that line of the file; ``length`` the number of characters to underline.
    """

    code: str
    message: str
    position: Position | None = None
    severity: Severity = "error"
    hint: str = ""
    source: str = ""
    length: int = 1
    entry: str = ""
