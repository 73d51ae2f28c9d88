"""Untrusted text made safe to show: control characters are visible, lines have a known width."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import TextIO

ELLIPSIS = "…"

# Characters that move the cursor, start an escape sequence, reorder the line or break it: controls, formats (the
# bidirectional overrides and zero-width signs are among them), lone surrogates, line and paragraph separators.
_STEERING = ("Cc", "Cf", "Cs", "Zl", "Zp")

_SHORT = {"\n": "\\n", "\t": "\\t", "\r": "\\r"}


def visible(text: str, keep: str = "") -> str:
    """Return the text with every character that could control a terminal escaped as in JSON (``\\u001b``, ``\\n``).

    Characters in ``keep`` stay as they are.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        char if char in keep or unicodedata.category(char) not in _STEERING else _SHORT.get(char, _escape(char))
        for char in text
    )


def display_width(text: str) -> int:
    """Return the columns of a line in a terminal: two for wide East Asian characters, 0 for combining marks."""
    if text.isascii():
        return len(text)
    return sum(map(_columns, text))


def cut(text: str, width: int) -> str:
    """Return the text on one line of at most ``width`` columns, with an ellipsis if it was cut."""
    line = visible(text)
    if display_width(line) <= width:
        return line
    return _prefix(line, width - 1) + ELLIPSIS if width > 0 else ""


LONGEST = 5000
"""Characters of the longest text that is shown whole; of a longer one, the beginning and its length are shown."""

_SHOWN = 2000


def wrap(text: str, width: int) -> list[str]:
    """Return the text on lines of at most ``width`` columns, broken between words; a long word is divided.

    Text too long to be read in a terminal is cut, and its length is shown.
    """
    width = max(width, 2)
    lines: list[str] = []
    line = ""
    for word in _bounded(text).split(" "):
        candidate = f"{line} {word}" if line else word
        if display_width(candidate) <= width:
            line = candidate
            continue
        if line:
            lines.append(line)
        *whole, line = _pieces(word, width)
        lines += whole
    return [*lines, line] if line or not lines else lines


def fit(items: Sequence[str], width: int) -> str:
    """Return as many whole items as one line of ``width`` columns holds, and the number of the others."""
    most = min(len(items), width // 3 + 1)  # an item and its separator take at least three columns
    lines = [visible("; ".join(items[:kept])) + _more(len(items) - kept) for kept in range(most, 0, -1)]
    lines += [visible(item) for item in items[:1]]
    return next((line for line in lines if display_width(line) <= width), _shortened(lines[-1], width)) if lines else ""


def emit(stream: TextIO, text: str) -> None:
    """Write the text; characters that the stream's encoding lacks are escaped as in JSON."""
    encoding = getattr(stream, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        text = "".join(char if _encodable(char, encoding) else _escape(char) for char in text)
    stream.write(text)


def _bounded(text: str) -> str:
    shown = visible(text[: LONGEST + 1])
    if len(shown) <= LONGEST:
        return shown
    return f"{shown[:_SHOWN]}{ELLIPSIS} (cut here; {len(text)} characters in all)"


def _pieces(word: str, width: int) -> list[str]:
    """Return the word in pieces as wide as a line; the last may be shorter."""
    pieces, start, taken = [], 0, 0
    for index, char in enumerate(word):
        columns = _columns(char)
        if taken + columns > width:
            pieces.append(word[start:index])
            start, taken = index, 0
        taken += columns
    return [*pieces, word[start:]]


def _shortened(item: str, width: int) -> str:
    """Return an item without the last of its remarks in brackets, as far as that suffices: no number is cut."""
    head, bracket, remarks = item.partition(" (")
    parts = remarks.split(", ") if item.endswith(")") else []
    lines = [f"{head}{bracket}{', '.join(parts[:kept])}, {ELLIPSIS})" for kept in range(len(parts) - 1, 0, -1)]
    lines = [line for line in lines if all(line.count(a) == line.count(b) for a, b in ("[]", "()", "{}"))]
    return next((line for line in lines if display_width(line) <= width), cut(item, width))


def _more(count: int) -> str:
    return f"; +{count} more" if count else ""


def _encodable(char: str, encoding: str) -> bool:
    try:
        char.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


def _escape(char: str) -> str:
    code = ord(char)
    if code < 0x10000:
        return f"\\u{code:04x}"
    high, low = divmod(code - 0x10000, 0x400)
    return f"\\u{0xD800 + high:04x}\\u{0xDC00 + low:04x}"


def _columns(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _prefix(text: str, width: int) -> str:
    taken = 0
    for index, char in enumerate(text):
        taken += _columns(char)
        if taken > width:
            return text[:index]
    return text
