"""Progress of audited code: a thread looks for a new last line of its output and reports it."""

from __future__ import annotations

import threading
from collections.abc import Callable

from speccheck.sdk.last_line import LastLine

EVERY = 0.5
"""Seconds between two looks: often enough for a person who waits, at no cost beside a measurement."""


class Watch:
    """Looks at one file as long as it is open, and reports the last line printed during a measurement.

    Measurements share the thread and only mark their beginning and end: most end before it looks once. It shares no
    lock with them, so a child forked from a measurement never waits for a thread that the child lacks.
    """

    def __init__(self, descriptor: int, tell: Callable[[str], None], every: float = EVERY) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._every = every
        self._lines: LastLine | None = None
        self._error: Exception | None = None
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="speccheck-watch", daemon=True)
        self._thread.start()

    def begin(self) -> None:
        """Begin a measurement; the file is empty."""
        self._lines = LastLine()

    def end(self) -> None:
        """End the measurement; ignore what is in the file and what is written to it from now on."""
        self._lines = None

    def look(self) -> None:
        """Report the last line completed since the last look, if there is one."""
        lines = self._lines
        if lines is None:
            return
        try:
            line = lines.of(self._descriptor)
        except OSError:  # audited code closed the descriptor; the capture fails on it too
            return
        if line is not None and self._lines is lines:  # else it may be part of the next measurement's output
            self._tell(line)

    def close(self) -> None:
        """End the thread and report its error, if it raised one.

        Earlier, the report would have become output of the code that is measured.
        """
        self._over.set()
        self._thread.join()
        error = self._error
        if error is not None:
            threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, self._thread)))

    def _run(self) -> None:
        try:
            while not self._over.wait(self._every):
                self.look()
        except Exception as error:  # noqa: BLE001 - not hidden: `close` reports it, after the measurements
            self._error = error
