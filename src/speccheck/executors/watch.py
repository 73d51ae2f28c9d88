"""What audited code prints is told while it runs: a thread looks now and then for a new last line."""

from __future__ import annotations

import threading
from collections.abc import Callable

from speccheck.sdk.last_line import LastLine

EVERY = 0.5
"""Seconds between two looks: often enough for somebody who waits, and no cost beside what is measured."""


class Watch:
    """Looks at one file for as long as it lives, and tells the last line printed while something is measured.

    Measurements share the thread, and only say when they begin and end: most are over before it looks once. It takes no
    lock with them, so a child forked from a measurement never waits for a thread that the child does not have.
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
        """A measurement begins, and the file is empty."""
        self._lines = LastLine()

    def end(self) -> None:
        """The measurement is over: what is in the file, and what comes into it from now on, is not of interest."""
        self._lines = None

    def look(self) -> None:
        """Tell the last line completed since the last look, if there is one."""
        lines = self._lines
        if lines is None:
            return
        try:
            line = lines.of(self._descriptor)
        except OSError:  # audited code closed the descriptor; whoever takes the text after it meets the same, and fails
            return
        if line is not None and self._lines is lines:  # else it may be a piece of the next measurement's output
            self._tell(line)

    def close(self) -> None:
        """End the thread. What went wrong in it is reported now, as that of any thread is: before, the report would
        have become output of the code that is measured.
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
        except Exception as error:  # noqa: BLE001 - not hidden: `close` reports it, where it does no harm
            self._error = error
