"""The last line of a file that somebody else still writes to: what a long measurement has to tell meanwhile."""

from __future__ import annotations

import os
import re

WINDOW = 8 * 1024
"""Bytes looked at: the end of the file, however much was written since the last look."""

_ENDS = re.compile(rb"[\r\n]")


class LastLine:
    """Knows how far one file was read, and finds the last line that was completed since."""

    def __init__(self) -> None:
        self._read = 0

    def of(self, descriptor: int) -> str | None:
        """The last line with anything in it that was completed since the last call; None when there is none.

        A carriage return ends a line as well: progress bars write no other end. A line that began before the window is
        left out: half a secret would not be recognised and masked. The offset of the file stays where it is.
        """
        if not hasattr(os, "pread"):  # Windows only reads at the offset, which is the writer's too
            return None
        size = os.fstat(descriptor).st_size
        if size < self._read:  # it was truncated, and what is in it now is new
            self._read = 0
        start = max(self._read, size - WINDOW)
        data = os.pread(descriptor, size - start, start)
        end = max(data.rfind(b"\n"), data.rfind(b"\r"))
        if end < 0:
            return None
        lines = _ENDS.split(data[:end])
        if start > self._read:
            del lines[0]
        self._read = start + end + 1
        texts = (line.decode("utf-8", "replace").strip() for line in reversed(lines))
        return next((text for text in texts if text), None)
