"""Capture of the output of audited code, whether Python, a C extension or a child process prints it."""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from speccheck.executors.watch import EVERY, Watch
from speccheck.sdk.tail import tail


def output_file() -> IO[bytes]:
    """Return a new file for the output of audited code; it is gone when all who have it open have closed it.

    All output goes to its end. Writers and the reader share one position, which a look at the file moves.
    """
    file: IO[bytes] = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - the caller closes it
    if sys.platform != "win32":
        import fcntl

        fcntl.fcntl(file, fcntl.F_SETFL, fcntl.fcntl(file, fcntl.F_GETFL) | os.O_APPEND)
    return file


class Capture:
    """Redirects file descriptors 1 and 2, and the streams of ``sys``, into a file while a measurement runs.

    ``tell`` is called from another thread with the last line printed, if it is new, every ``every`` seconds. ``file``
    is one that :func:`output_file` made; without it, a new one is made.
    """

    def __init__(
        self, tell: Callable[[str], None] | None = None, every: float = EVERY, file: IO[bytes] | None = None
    ) -> None:
        self._file: IO[bytes] = file or output_file()
        self._stream = self._open()
        self._watch = Watch(self._file.fileno(), tell, every) if tell is not None else None
        self.text = ""

    def _open(self) -> io.TextIOWrapper:
        raw = os.fdopen(os.dup(self._file.fileno()), "wb", 0)
        return io.TextIOWrapper(raw, "utf-8", errors="replace", write_through=True)

    @contextmanager
    def __call__(self) -> Iterator[None]:
        """Capture inside; afterwards ``text`` holds the end of the output."""
        streams = sys.stdout, sys.stderr
        for stream in streams:
            stream.flush()
        saved = os.dup(1), os.dup(2)
        try:
            for descriptor in (1, 2):
                os.dup2(self._file.fileno(), descriptor)
            sys.stdout = sys.stderr = self._stream
            if self._watch is not None:
                self._watch.begin()
            yield
        finally:
            # Give the process its output back first: the rest may fail on what audited code left behind.
            sys.stdout, sys.stderr = streams
            for descriptor, kept in zip((1, 2), saved, strict=True):
                os.dup2(kept, descriptor)
                os.close(kept)
            if self._watch is not None:
                self._watch.end()
            self.text = self._take()

    def _take(self) -> str:
        try:
            self._stream.flush()
        except ValueError:  # audited code closed or detached it
            self._stream = self._open()
        if self._file.seek(0, os.SEEK_END) == 0:  # most measurements print nothing
            return ""
        end = tail(self._file)
        self._file.seek(0)
        self._file.truncate()
        return f"{end.remark}\n{end.text}" if end.remark else end.text

    def close(self) -> None:
        """Release the file, after the watch has ended."""
        if self._watch is not None:
            self._watch.close()
        self._stream.close()
        self._file.close()
