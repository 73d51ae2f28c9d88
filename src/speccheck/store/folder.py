"""The folder of a run that is being written."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from speccheck.judge import decide
from speccheck.model.cause import Cause
from speccheck.model.run import Measured, Run, measured_bytes
from speccheck.model.texts import escape_surrogates, map_text
from speccheck.store.artifacts import Artifacts
from speccheck.store.durable import sync, write_atomic
from speccheck.store.errors import writing_to
from speccheck.store.journal import JOURNAL, Journal
from speccheck.store.redaction import Redactor

RUN_FILE = "run.json"


class RunFolder(Artifacts):
    """The folder of a run that is being written. Evidence is journaled as it arrives; ``finish`` leaves run.json.

    A journal that cannot be written does not end the run: it goes on in memory, and the record is written at its end.
    ``unjournaled`` is why the journal holds less than the run, ``lost`` why the run could not be kept; both are '' when
    all is well.
    """

    def __init__(
        self, path: Path, run_id: str, redactor: Redactor, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(path, redactor)
        self.id = run_id
        self.unjournaled = ""
        self.lost = ""
        self._names: dict[str, str] = {}
        self._journal = Journal(path / JOURNAL, clock)
        self._spare = _Spare()

    def start(self, run: Run) -> None:
        """Write the header: the record as it would be if the run ended now, from which a reader goes on.

        A StoreError (SC803) if it cannot be written, before anything was measured.
        """
        self._names = self._redactor.names(result.entry.id for result in run.entries)
        line = self._redactor.run(run).to_line()
        with writing_to(self.path, "free some space, or choose another folder with --out"):
            try:
                self._journal.write(b'{"speccheck_journal":1,"run":' + line + b"}")
                self._journal.sync()
                for folder in (self.path, self.path.parent):
                    sync(folder)
            except OSError:
                self._discard()
                raise

    def _discard(self) -> None:
        """Remove the folder of a run that could not begin, so that the user can try again with the same --out."""
        self._journal.close()
        with contextlib.suppress(OSError):
            (self.path / JOURNAL).unlink()
            self.path.rmdir()

    def append(self, digest: str, measured: Measured) -> None:
        """Journal one measurement; see :class:`Journal` for when it is on disk. A ValueError if JSON cannot hold it."""
        masked = self._redactor.measured(measured)
        line = msgspec.json.encode({"digest": digest, "measured": msgspec.Raw(measured_bytes(masked))})
        files = [self.path / kept.path for kept in measured.evidence.artifacts.values()] if measured.evidence else []
        self._keep(lambda: self._journal.write(line, took=measured.seconds, files=files))

    def append_unmet(self, entry: str, cause: Cause) -> None:
        """Journal the requirement of an entry that is not met."""
        masked = map_text(self._redactor.value(cause), escape_surrogates)
        line = msgspec.json.encode({"entry": self._names.get(entry, entry), "unmet": masked})
        self._keep(lambda: self._journal.write(line))

    def sync(self) -> None:
        """Put what was appended on disk. An executor calls it before a worker begins a measurement."""
        self._keep(self._journal.sync)

    def _keep(self, write: Callable[[], None]) -> None:
        """Write to the journal; after the first failure no more, because what follows half a line cannot be read."""
        if self.unjournaled:
            return
        try:
            write()
        except OSError as error:
            self.unjournaled = f"{self.path / JOURNAL}: {error.strerror or error}"

    def finish(self, run: Run) -> Run:
        """Write the file of record, secrets masked, by atomic replace; drop the journal, whose contents it includes.

        Return the run as a reader of the file gets it: every report is rendered from that. If the file cannot be
        written, ``lost`` is the reason, the journal stays, and the run is no PASS.
        """
        data = self._redactor.run(run).to_bytes()
        del run  # for a run of many entries, two of them and the bytes are the most memory that is used
        self._spare.free()
        removed = not self._journal.exists
        try:
            self._journal.sync_files()
            write_atomic(self.path / RUN_FILE, data)
        except OSError as error:
            self.sync()
            kept = "" if self.unjournaled else "; its journal is kept, and can be reported"
            self.lost = f"{self.path / RUN_FILE}: {error.strerror or error}{kept}"
        else:
            with contextlib.suppress(OSError):
                (self.path / JOURNAL).unlink()
        if removed:
            self.lost = f"{self.path} was removed, or emptied, while the run went on"
        self._journal.close()
        stored = Run.read_back(data)
        if not self.lost:
            return stored
        outcomes = [result.judgement.outcome for result in stored.entries]
        decision = decide(outcomes, interrupted=True, fail_on=stored.fail_on)
        return msgspec.structs.replace(stored, ending="unkept", decision=decision)


class _Spare:
    """Descriptors kept for the end: audited code may use up all others, and the record must still be written and shown.

    They belong to the process that made them: in a child, other files may have their numbers.
    """

    def __init__(self) -> None:
        self._process = os.getpid()
        self._held: list[int] = []
        for _ in range(16):
            self._held.append(os.open(os.devnull, os.O_RDONLY))

    def free(self) -> None:
        held, self._held = self._held, []
        for descriptor in held if self._process == os.getpid() else ():
            os.close(descriptor)

    __del__ = free
