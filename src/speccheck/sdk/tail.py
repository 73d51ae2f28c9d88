"""The end of a long output in whole lines, since half a secret at a cut could not be recognised and masked."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO

LIMIT = 64 * 1024
"""Bytes of an output that are kept: the last ones, where errors are."""

_LEFT_OUT = re.compile(r"\[(\d+) lines? (?:is|are) left out\]")

_LINE_END = re.compile(rb"\r\n|\r|\n")
"""A carriage return also ends a line, since progress bars write nothing else."""


@dataclass(frozen=True)
class Tail:
    """The last whole lines of an output, and the number of bytes left out before them."""

    text: str
    left_out: int = 0

    @property
    def remark(self) -> str:
        """A note on what is left out, with the reason if nothing is kept; '' if everything is kept."""
        if not self.left_out:
            return ""
        if self.text:
            return f"[the first {self.left_out} bytes are left out]"
        return f"[{self.left_out} bytes are left out: the last line is longer than {LIMIT // 1024} KiB]"


def tail(stream: IO[bytes]) -> Tail:
    """Return the content of a file; of a long one, as many of its last lines as fit whole into `LIMIT` bytes."""
    # One byte more than is kept shows whether the rest begins at a line.
    start = max(0, stream.seek(0, os.SEEK_END) - LIMIT - 1)
    stream.seek(start)
    data = stream.read(LIMIT + 1)  # no more: another process may still write to it
    if start == 0 and len(data) <= LIMIT:
        return Tail(data.decode("utf-8", "replace"))
    found = _LINE_END.search(data)
    cut = len(data) if found is None else found.end()
    return Tail(data[cut:].decode("utf-8", "replace"), start + cut)


def lines_left_out(count: int) -> str:
    """Return the line that a log has in place of lines that are left out."""
    return f"[{count} {'line is' if count == 1 else 'lines are'} left out]"


def counted_lines(lines: Sequence[str]) -> int:
    """Return the number of lines of an output, with those that :func:`lines_left_out` replaces."""
    marks = [_LEFT_OUT.fullmatch(line) for line in lines]
    return sum(1 if mark is None else int(mark[1]) for mark in marks)


def plain_lines(lines: Sequence[str]) -> int:
    """Return the number of lines that are lines of the output itself."""
    return sum(_LEFT_OUT.fullmatch(line) is None for line in lines)
