"""The live output of a run: a line an entry as it ends, and what long measurements tell meanwhile."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, TextIO

from speccheck.model.run import EntryResult, Measured

if TYPE_CHECKING:
    from speccheck.store import Redactor

WIDEST = 400
"""Columns of a line before it is cut to the terminal's width."""


PATIENCE = 0.2
"""Seconds for which lines may wait where nobody sits at a terminal: a write per entry costs more than the entry."""

QUIET = 10.0
"""Seconds without a line after which a message is one where nobody sits at a terminal. A log keeps every line: of a job
of hours it shall show that it gets on, and still be read for its results.
"""


class Progress:
    """Writes to the standard output as it was when the run began: capture of audited code does not reach it.

    Without live lines it writes what measurements tell, and nothing else, to the standard error. ``tell`` may be called
    from any thread.
    """

    def __init__(self, total: int, *, live: bool, redactor: Redactor, clock: Callable[[], float]) -> None:
        self._redactor = redactor
        self._total = total
        self._live = live
        self._done = 0
        self._clock = clock
        self._flushed = self._spoken = clock()
        self._stream: TextIO = os.fdopen(os.dup(sys.stdout.fileno() if live else sys.stderr.fileno()), "w", -1, "utf-8")
        self._transient = self._stream.isatty()
        self._heard = True
        self._lock = threading.Lock()
        self._width = shutil.get_terminal_size((100, 24)).columns

    def tell(self, message: str) -> None:
        """Show what a measurement says of its progress: on a terminal the next line overwrites it; anywhere else it is
        a line like others, and left out unless nothing was written for a while.
        """
        with self._lock:
            if not self._heard:
                return
            if self._transient:
                self._write(f"\r\x1b[K{self._told(message)}")
            elif self._clock() - self._spoken >= QUIET:
                self._write(f"{self._told(message)}\n")
                self._spoken = self._clock()

    def _told(self, message: str) -> str:
        from speccheck.reporters._text import cut

        return f"  … {cut(_printable(self._redactor.text(message)), self._width - 5)}"

    def result(self, result: EntryResult, measured: Measured | None) -> None:
        """Show that an entry is done, with its outcome and one line of evidence."""
        with self._lock:
            self._done += 1
            if not (self._live and self._heard):
                return
            from speccheck.reporters._text import cut
            from speccheck.reporters.terminal import entry_line

            clear = "\r\x1b[K" if self._transient else ""
            count = f"{self._done:>{len(str(self._total))}}/{self._total} "
            # The values are masked before the line is made: it cuts them, and half a secret would not be recognised.
            shown = self._redactor.value(result), self._redactor.value(measured)
            # And the line before it is cut, for what stands in no text but in the line: a number.
            line = self._redactor.text(entry_line(*shown, WIDEST))
            self._write(f"{clear}{count}{cut(line, self._width - len(count))}\n")
            self._spoken = self._clock()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            if self._transient or self._clock() - self._flushed > PATIENCE:
                self._stream.flush()
                self._flushed = self._clock()
        except OSError:  # nobody reads any more: the evidence is worth more than the lines about it
            self._heard = False

    def close(self) -> None:
        """Let go of the stream."""
        with self._lock:
            if self._transient and self._heard:
                self._write("\r\x1b[K")
            with contextlib.suppress(OSError):  # what could not be written before cannot be now
                self._stream.close()


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
