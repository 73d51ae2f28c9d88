"""The live output of a run: a line for each entry as it ends, and the progress of long measurements."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple, TextIO

from speccheck.model.run import EntryResult, Measured
from speccheck.model.verdict import Outcome

if TYPE_CHECKING:
    from speccheck.store import Redactor

WIDEST = 400
"""Columns of a line before it is cut to the terminal's width."""


PATIENCE = 0.2
"""When output is not a terminal, seconds for which lines may wait: a write per entry costs more than the entry."""

QUIET = 10.0
"""When output is not a terminal, print progress after this many seconds of silence.

A log keeps every line. That of a job of hours must show that the job goes on, and its results must still be found.
"""


class _Fold(NamedTuple):
    """Entries that ended one after the other for one reason: the first of them, how many more, the number done."""

    key: str
    first: EntryResult
    more: int
    done: int


class Progress:
    """Writes to the standard output as it was when the run began, which the capture of audited code does not reach.

    Entries that follow each other and end for a reason that an earlier line gave are one line, written when another
    entry ends. Without live lines it writes only the progress of measurements, to the standard error. ``tell`` may be
    called from any thread.
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
        self._readable = True
        self._told: dict[str, str] = {}  # the first entry that ended for each reason
        self._fold: _Fold | None = None
        self._lock = threading.Lock()
        self._width = shutil.get_terminal_size((100, 24)).columns

    def tell(self, message: str) -> None:
        """Show the progress of a measurement.

        On a terminal the next line overwrites it; elsewhere it is a line of its own, written only after a while of
        silence.
        """
        with self._lock:
            if not self._readable:
                return
            if self._transient:
                self._write(f"\r\x1b[K{self._progress_line(message)}")
            elif self._clock() - self._spoken >= QUIET:
                self._write(f"{self._progress_line(message)}\n")
                self._spoken = self._clock()

    def _progress_line(self, message: str) -> str:
        from speccheck.reporters._text import cut

        return f"  … {cut(_printable(self._redactor.text(message)), self._width - 5)}"

    def result(self, result: EntryResult, measured: Measured | None) -> None:
        """Show that an entry is done, with its outcome and one line of evidence."""
        with self._lock:
            self._done += 1
            if not (self._live and self._readable):
                return
            from speccheck.reporters._causes import cause_key
            from speccheck.reporters.terminal import entry_line

            key = cause_key(result, measured)
            fold = self._fold
            if fold is not None and fold.key == key:
                self._fold = fold._replace(more=fold.more + 1, done=self._done)
            else:
                self._unfold()
                if key is not None and (key in self._told or result.judgement.outcome is Outcome.BLOCKED):
                    self._fold = _Fold(key, result, 0, self._done)
            if self._fold is not None:
                if self._transient:
                    self._write(f"\r\x1b[K{self._line(self._done, self._folded(self._fold))}")
                return
            if key is not None:
                self._told[key] = result.entry.id
            # Values are masked before the line is made, because the line cuts them: half a secret is not recognised.
            shown = self._redactor.value(result), self._redactor.value(measured)
            clear = "\r\x1b[K" if self._transient else ""
            self._write(f"{clear}{self._line(self._done, entry_line(*shown, WIDEST))}\n")
            self._spoken = self._clock()

    def _line(self, done: int, line: str) -> str:
        """Return the line of an entry with its number.

        It is masked before it is cut, because a number becomes text only in the line.
        """
        from speccheck.reporters._text import cut

        count = f"{done:>{len(str(self._total))}}/{self._total} "
        return f"{count}{cut(self._redactor.text(line), self._width - len(count))}"

    def _folded(self, fold: _Fold) -> str:
        from speccheck.reporters.terminal import folded_line
        from speccheck.sdk.wording import judgement_text

        shown = self._redactor.value(fold.first)
        first = self._told.get(fold.key)
        return folded_line(shown, fold.more, f"as {first}" if first else judgement_text(shown.judgement), WIDEST)

    def _unfold(self) -> None:
        """Write the line of the entries that ended for one reason."""
        if self._fold is None:
            return
        clear = "\r\x1b[K" if self._transient else ""
        self._write(f"{clear}{self._line(self._fold.done, self._folded(self._fold))}\n")
        self._told.setdefault(self._fold.key, self._fold.first.entry.id)
        self._fold = None
        self._spoken = self._clock()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            if self._transient or self._clock() - self._flushed > PATIENCE:
                self._stream.flush()
                self._flushed = self._clock()
        except OSError:  # the reader is gone: the evidence is worth more than the lines about it
            self._readable = False

    def close(self) -> None:
        """Close the stream."""
        with self._lock:
            if self._readable:
                self._unfold()
            if self._transient and self._readable:
                self._write("\r\x1b[K")
            with contextlib.suppress(OSError):  # what could not be written before cannot be now
                self._stream.close()


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else " " for character in text)
