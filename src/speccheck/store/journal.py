"""The journal of a run, ``evidence.jsonl``: what a crash must not take.

Its first line, the header, is the record of the run with every entry an error ("the run ended before it"). A line
follows for each measurement, and for each entry whose requirement is not met. So the record of a run that was killed
can be put together: that of the header, with what was measured.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from speccheck.judge import coverage, decide
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.repeated import RepeatedKeyError, refuse_repeated_keys
from speccheck.model.run import Ending, EntryResult, Measured, Run
from speccheck.model.verdict import Judgement, Outcome
from speccheck.store.durable import sync
from speccheck.store.errors import StoreError

JOURNAL = "evidence.jsonl"

PATIENCE = 0.05
"""The most seconds of work that a crash of the machine can take."""

T = TypeVar("T")


class Header(msgspec.Struct, frozen=True):
    """The first line: the record as it would be if the run ended now.

    ``measured`` of its entries is the digest of the measurement that each of them wants.
    """

    speccheck_journal: Literal[1]
    run: Run


class Line(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """A measurement with its digest, or an entry with the requirement that is not met."""

    digest: str = ""
    measured: Measured | None = None
    entry: str = ""
    unmet: Cause | None = None


class Journal:
    """The journal that is being written, locked for as long as its writer lives.

    A line is with the operating system when ``write`` returns, so that the end of this process takes none. It is on
    disk (fsync) when the measurement took at least 50 ms, or the last sync is that long ago; and before a worker begins
    a measurement, for which the executor calls ``sync``. So a crash of the machine takes less than 50 ms of work, and
    entries that are measured in microseconds do not each wait for the disk.
    """

    def __init__(self, path: Path, clock: Callable[[], float]) -> None:
        # Exclusively: two runs that were given one folder must not mix.
        self._stream = path.open("xb", buffering=0)
        self._folder = path.parent
        self._clock = clock
        self._synced = clock()
        self._waiting: list[Path] = []
        self._dirty = False
        _lock(self._stream.fileno())

    @property
    def exists(self) -> bool:
        """Whether the file still has a name: another process may have removed the folder."""
        try:
            return os.fstat(self._stream.fileno()).st_nlink > 0
        except OSError:  # code that ran in this process closed it
            return True

    def write(self, line: bytes, *, took: float = 0.0, files: Iterable[Path] = ()) -> None:
        """Write a line, and see that it is on disk if it cost much; ``files`` are those that it names."""
        self._waiting += files
        self._dirty = True
        rest = memoryview(line + b"\n")
        while rest:
            rest = rest[self._stream.write(rest) :]
        if took >= PATIENCE or self._clock() - self._synced >= PATIENCE:
            self.sync()

    def sync(self) -> None:
        """Put on disk what was written: first the files that lines name, then the lines."""
        if not self._dirty:
            return
        self.sync_files()
        os.fsync(self._stream.fileno())
        self._dirty = False
        self._synced = self._clock()

    def sync_files(self) -> None:
        """Put the files on disk that lines name, with the folders that they lie in."""
        waiting, self._waiting = self._waiting, []
        folders = {folder for path in waiting for folder in path.parents if self._folder in (folder, *folder.parents)}
        for path in (*waiting, *folders):
            sync(path)

    def close(self) -> None:
        """Close the file, which gives up its lock."""
        self._stream.close()


def record_of(path: Path) -> bytes:
    """Return the record of a run that has a journal alone, in the form of a run file, to be checked like one.

    Entries that were measured are still those of the header, to be judged. A last line that is cut is passed over, with
    a warning. A ValueError names the line that is not one of a journal.
    """
    with path.open("rb") as stream:
        running = _is_locked(stream.fileno())  # before the file is read: a run that ends meanwhile leaves a run file
        *lines, rest = stream.read().split(b"\n")
    if not lines:
        why = "has not measured anything yet" if running else "ended before it had measured anything"
        raise StoreError(f"the run in {path.parent} {why}", hint="see the others: .speccheck/runs")
    header = _decoded(lines[0], Header, 1).run
    _day(header.started)
    measured, unmet = _taken(header, lines[1:])
    ending: Ending = "running" if running else "cut"
    warnings = header.warnings if running or not rest else (*header.warnings, _cut(path, len(lines) + 1))
    lost = Judgement(Outcome.ERROR, Cause(CauseKind.NOT_YET_MEASURED if running else CauseKind.RUN_ENDED_BEFORE))
    entries = tuple(_result(result, lost, measured, unmet) for result in header.entries)
    outcomes = [result.judgement.outcome for result in entries]
    record = msgspec.structs.replace(
        header,
        entries=entries,
        measurements=measured,
        decision=decide(outcomes, interrupted=True, fail_on=header.fail_on),
        coverage=coverage(outcomes),
        ending=ending,
        warnings=warnings,
    )
    return msgspec.json.encode(record)


def _taken(header: Run, lines: Sequence[bytes]) -> tuple[dict[str, Measured], dict[str, Cause]]:
    """Return the measurements by digest, and the requirements that are not met by entry."""
    wanted = {result.measured for result in header.entries}
    ids = {result.entry.id for result in header.entries}
    measured: dict[str, Measured] = {}
    unmet: dict[str, Cause] = {}
    for number, text in enumerate(lines, 2):
        line = _decoded(text, Line, number)
        if line.measured is not None and line.digest in wanted and line.digest not in measured:
            measured[line.digest] = line.measured
        elif line.unmet is not None and line.entry in ids and line.entry not in unmet:
            unmet[line.entry] = line.unmet
        else:
            raise ValueError(f"line {number} is not of this run, or repeats another")
    return measured, unmet


def _result(
    result: EntryResult, lost: Judgement, measured: dict[str, Measured], unmet: dict[str, Cause]
) -> EntryResult:
    if result.entry.id in unmet:
        return EntryResult(result.entry, Judgement(Outcome.SKIPPED, unmet[result.entry.id]))
    return EntryResult(result.entry, lost, result.measured if result.measured in measured else None)


def _cut(path: Path, number: int) -> Diagnostic:
    message = f"line {number} of {path.name}, the last, is cut; what it held counts as not measured"
    return Diagnostic("SC807", message, severity="warning")


def _decoded(line: bytes, kind: type[T], number: int) -> T:
    try:
        refuse_repeated_keys(line)
        return msgspec.json.decode(line, type=kind)
    except RepeatedKeyError as error:
        raise RepeatedKeyError(f"line {number}: {error}") from error
    except (ValueError, RecursionError) as error:
        raise ValueError(f"line {number}: {error}") from error


def _day(started: str) -> None:
    """Raise a ValueError if the run does not tell the day by which what it measured is judged."""
    try:
        datetime.fromisoformat(started)
    except ValueError as error:
        raise ValueError(f"line 1: {error}") from error


def _lock(descriptor: int) -> None:
    """Lock the journal for this process alone: not for its children, which may outlive it.

    Without locks, a run that goes on reads as one that did not end.
    """
    with contextlib.suppress(ImportError, OSError):
        import fcntl

        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _is_locked(descriptor: int) -> bool:
    try:
        import fcntl

        fcntl.lockf(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return True
    except (ImportError, OSError):
        return False
    return False
