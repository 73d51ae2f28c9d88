"""The end of a long output, in whole lines: half a secret at a cut would not be recognised and masked."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import IO

LIMIT = 64 * 1024
"""Bytes of an output that are kept: the last ones, where errors stand."""

_LINE_END = re.compile(rb"\r\n|\r|\n")
"""A carriage return ends a line as well: progress bars write no other end."""


@dataclass(frozen=True)
class Tail:
    """The last whole lines of an output, and how many bytes before them are left out."""

    text: str
    left_out: int = 0

    @property
    def remark(self) -> str:
        """Says what is left out, and why where nothing is kept; '' where all is."""
        if not self.left_out:
            return ""
        if self.text:
            return f"[the first {self.left_out} bytes are left out]"
        return f"[{self.left_out} bytes are left out: the last line is longer than {LIMIT // 1024} KiB]"


def tail(stream: IO[bytes]) -> Tail:
    """What is in a file, or of a long one its last lines, as many whole ones as `LIMIT` bytes hold."""
    # One byte more than is kept: it tells whether what comes after it begins a line.
    start = max(0, stream.seek(0, os.SEEK_END) - LIMIT - 1)
    stream.seek(start)
    data = stream.read()
    if start == 0 and len(data) <= LIMIT:
        return Tail(data.decode("utf-8", "replace"))
    found = _LINE_END.search(data)
    cut = len(data) if found is None else found.end()
    return Tail(data[cut:].decode("utf-8", "replace"), start + cut)
