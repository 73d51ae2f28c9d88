"""Diagnostics as text: place, code, message, the source line, and the remedy under the place."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

from speccheck.model.diagnostic import Diagnostic

_WIDEST = 160
_BEFORE = 60
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}


def render_diagnostics(diagnostics: Iterable[Diagnostic]) -> str:
    """All diagnostics and a last line that counts them; '' when there are none.

    Nothing was run if there is an error: the caller runs nothing then.
    """
    found = list(diagnostics)
    if not found:
        return ""
    return "\n".join([*(_one(item) for item in found), _summary(found)])


def _one(item: Diagnostic) -> str:
    place = f"{_shown(str(item.position))}: " if item.position is not None else ""
    message = _shown(" ".join(item.message.split("\n")))
    head = f"{place}{item.severity}[{item.code}]: {message}"
    hint = _shown(" ".join(item.hint.split("\n")))
    if item.position is None or not item.source:
        return f"{head}\n      | {hint}" if hint else head
    line, start = _window(item.source, item.position.column - 1)
    before = line[:start]
    marked = line[start : start + max(1, item.length)] or " "
    pad = "".join("\t" if sign == "\t" else " " * _width(sign) for sign in before)
    carets = "^" * max(1, sum(map(_width, marked)))
    under = f"{pad}{carets} {hint}".rstrip()
    return f"{head}\n{item.position.line:>5} | {_shown(line)}\n      | {under}"


def _summary(found: Sequence[Diagnostic]) -> str:
    errors = [item for item in found if item.severity == "error"]
    counts = [(len(errors), "error"), (len(found) - len(errors), "warning")]
    told = ", ".join(f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in counts if count)
    code = (errors or found)[0].code
    return f"{told}; nothing was run. speccheck explain {code}" if errors else f"{told}. speccheck explain {code}"


def _window(line: str, start: int) -> tuple[str, int]:
    """The part of a long line around the place, and where the place is in it."""
    if len(line) <= _WIDEST:
        return line, start
    first = max(0, min(start - _BEFORE, len(line) - _WIDEST))
    cut = line[first : first + _WIDEST]
    left, right = "…" if first else "", "…" if first + _WIDEST < len(line) else ""
    return f"{left}{cut}{right}", start - first + len(left)


def _shown(text: str) -> str:
    """The text without what would move the cursor or hide a part of it."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if sign != "\t" and unicodedata.category(sign) in _HIDDEN else sign for sign in text)


def _width(sign: str) -> int:
    """Columns that a character takes on a terminal."""
    if unicodedata.combining(sign):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
