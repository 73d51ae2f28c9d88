"""The last line of a file that another process still writes to: the progress of a long measurement."""

from __future__ import annotations

import os
import re

WINDOW = 8 * 1024
"""Bytes at the end of the file that are searched, however much was written since the last call."""

_ENDS = re.compile(rb"[\r\n]")


class LastLine:
    """Find the last line completed since the last call; an instance follows one file."""

    def __init__(self) -> None:
        self._read = 0

    def of(self, descriptor: int) -> str | None:
        """Return the last non-blank line completed since the last call, or None.

        A carriage return also ends a line, since progress bars write nothing else. A line that begins before the window
        is left out, since half a secret could not be recognised and masked. The file offset does not change.
        """
        if not hasattr(os, "pread"):  # Windows reads only at the offset, which it shares with the writer
            return None
        size = os.fstat(descriptor).st_size
        if size < self._read:  # the file was truncated, so its content is new
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
