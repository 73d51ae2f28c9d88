"""A run: the file of record. Every report is a rendering of it, and judging it again needs nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Literal, TypeAlias

import msgspec

from speccheck.model.baseline import AcceptedEntry, check_metrics
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.coverage import Coverage
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.evidence import Evidence
from speccheck.model.repeated import refuse_repeated_keys
from speccheck.model.spec import Entry, Measurement
from speccheck.model.texts import escape_surrogates, map_text
from speccheck.model.values import MAX_DEPTH, Json, from_wire, to_wire
from speccheck.model.verdict import Decision, Judgement
from speccheck.model.wire import Convert, entry_form, evidence_form, judgement_form, measurement_form, number

_TAGS = re.compile(rb'"\$(?:number|tensor|map|masked)"')
"""A tagged value (:mod:`speccheck.model.values`) in a file that :meth:`Run.to_bytes` wrote."""


Tagged = Callable[[msgspec.Struct], bool]

_DEEP = b"\n" + b" " * MAX_DEPTH
"""In a file that is laid out: a line that may be nested deeper than a value may."""


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a measurement gave no evidence.

    The kind of error, its message, the audited code's own traceback, and what it printed.
    """

    kind: str
    message: str
    traceback: str = ""
    subject: str = ""
    log: str = ""

    @property
    def cause(self) -> Cause:
        """The cause of an entry that this failure left without evidence."""
        fields = {"kind": self.kind, "message": self.message}
        return Cause(CauseKind.MEASUREMENT_FAILED, fields | ({"subject": self.subject} if self.subject else {}))


class Measured(msgspec.Struct, frozen=True, omit_defaults=True):
    """A measurement with its evidence or failure. ``seconds`` is wall time.

    ``files`` maps each file that its subjects were built from to the digest of the content, and ``device`` names the
    accelerators that it used, or ``cpu``.
    """

    measurement: Measurement
    evidence: Evidence | None = None
    failure: Failure | None = None
    seconds: float = 0.0
    files: dict[str, str] = {}
    device: str = "cpu"


class EntryResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry with its judgement; ``measured`` is the digest of its measurement when there is a record of it."""

    entry: Entry
    judgement: Judgement
    measured: str | None = None


class BaselineUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The baseline a run was judged against: its path as written, sha256, and the entries that it offered.

    The entries are part of the record so that the run can be judged again without the file; ``cause`` states why they
    are absent. ``others`` are the digests of the files behind the other entries of the baseline.
    """

    path: str
    sha256: str = ""
    entries: dict[str, AcceptedEntry] = {}
    cause: Cause | None = None
    others: tuple[str, ...] = ()


class Options(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The options of ``run`` that go on record, each under its own name in the run file."""

    command: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    fail_on: Literal["fail", "warn"] = "fail"
    executor: str = "process"


Ending: TypeAlias = Literal["whole", "cut", "running", "unkept"]
"""Whether a run came to its end and was kept.

Else it was cut off (killed, or the machine failed), was still running when it was read, or could not be written.
"""


class Run(Options, frozen=True, omit_defaults=True):
    """One run of a spec. ``started`` and ``finished`` are ISO-8601 UTC; ``environment`` is facts by name.

    ``finished`` is ``started`` and the time that the run took, whatever became of the wall clock meanwhile.
    """

    speccheck_run: Literal[2]
    id: str
    title: str
    spec: str
    spec_digest: str
    started: str
    finished: str
    decision: Decision
    coverage: Coverage
    entries: tuple[EntryResult, ...]
    measurements: dict[str, Measured]
    checks: dict[str, CheckDeclaration]
    loaders: dict[str, LoaderDeclaration] = {}
    environment: dict[str, Json] = {}
    baseline: BaselineUse | None = None
    interrupted: bool = False
    ending: Ending = "whole"
    redacted: tuple[str, ...] = ()
    code: dict[str, str] = {}
    warnings: tuple[Diagnostic, ...] = ()

    @property
    def partial(self) -> bool:
        """Whether the run was interrupted, did not come to its end, or was not kept; such a run is no PASS."""
        return self.interrupted or self.ending != "whole"

    def to_bytes(self) -> bytes:
        """Return the run file: indented JSON with sorted keys and a final newline, stable when read and written again.

        Text that UTF-8 cannot encode is escaped.
        """
        try:
            return _written(self)
        except UnicodeEncodeError:
            return _written(map_text(self, escape_surrogates))

    def to_line(self) -> bytes:
        """Return the content of the run file as one line, without a newline."""
        try:
            return _encoded(self)
        except UnicodeEncodeError:
            return _encoded(map_text(self, escape_surrogates))

    def stored(self) -> Run:
        """Return the run as a reader of its file gets it."""
        return Run.read_back(self.to_bytes())

    @classmethod
    def read_back(cls, data: bytes) -> Run:
        """Read a file that :meth:`to_bytes` wrote, which needs no checks."""
        run = msgspec.json.decode(data, type=cls)
        return _read(run, _where_tagged(data))

    @classmethod
    def from_bytes(cls, data: bytes) -> Run:
        """Read a run file; a ValueError (mostly msgspec.DecodeError) names the place where it is not valid.

        RepeatedKeyError for a key that is there twice.
        """
        try:
            run = msgspec.json.decode(data, type=cls)
            written_here = _laid_out(msgspec.json.encode(run)) == data
        except RecursionError:
            raise msgspec.DecodeError("it is nested too deep") from None
        if not written_here:
            refuse_repeated_keys(data)
        elif _DEEP not in data:  # nothing in the file is nested too deep
            check_metrics(run.baseline.entries if run.baseline else {})
            return _read(run, _where_tagged(data))
        _check_plain_data(run)
        return _read(run, _everywhere)


def run_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a run file."""
    schema = msgspec.json.schema(Run)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "speccheck run, format 2", **schema}


def measured_bytes(measured: Measured, order: Literal["deterministic"] | None = "deterministic") -> bytes:
    """Return one line of JSON: a measurement with its evidence or failure, as the run file holds it.

    Without an ``order`` the keys of mappings stay in theirs.

    Evidence that a reader would refuse is a ValueError or TypeError: an error of one entry instead of a lost run.
    """
    wired, evidence = converted(measured, to_wire), measured.evidence
    try:
        data = msgspec.json.encode(wired, order=order)
    except UnicodeEncodeError:
        return measured_bytes(map_text(measured, escape_surrogates), order)
    # Numbers and a log that need no conversion can be read back; anything else is tried.
    if wired is not measured or evidence is None or type(evidence.log) is not str:
        converted(msgspec.json.decode(data, type=Measured), from_wire)
    return data


def converted(measured: Measured, convert: Convert) -> Measured:
    """Return the measurement and its evidence with their values converted."""
    measurement = measurement_form(measured.measurement, convert)
    evidence = measured.evidence and evidence_form(measured.evidence, convert)
    seconds = number(measured.seconds)
    if measurement is measured.measurement and evidence is measured.evidence and seconds is measured.seconds:
        return measured
    seconds = 0.0 if seconds is None else seconds
    return msgspec.structs.replace(measured, measurement=measurement, evidence=evidence, seconds=seconds)


def _result(result: EntryResult, convert: Convert) -> EntryResult:
    entry, judgement = entry_form(result.entry, convert), judgement_form(result.judgement, convert)
    if entry is result.entry and judgement is result.judgement:
        return result
    return msgspec.structs.replace(result, entry=entry, judgement=judgement)


def _where_tagged(data: bytes) -> Tagged | None:
    """Return a test for the parts of a run that hold a tagged value; None for a file in which no value is tagged.

    Where none is, the values that JSON gives are those that a reader gets.
    """
    return (lambda part: _TAGS.search(msgspec.json.encode(part)) is not None) if _TAGS.search(data) else None


def _everywhere(part: msgspec.Struct) -> bool:
    return True


def _read(run: Run, tagged: Tagged | None) -> Run:
    entries = tuple(_in_spec_order(result) for result in run.entries)
    if tagged is None:
        return msgspec.structs.replace(run, entries=entries)
    measurements = {
        digest: converted(measured, from_wire) if tagged(measured) else measured
        for digest, measured in run.measurements.items()
    }
    return msgspec.structs.replace(
        run,
        measurements=measurements,
        entries=tuple(_result(result, from_wire) if tagged(result) else result for result in entries),
    )


def _in_spec_order(result: EntryResult) -> EntryResult:
    """Return the entry with its expectations in the order of the spec, in which symbols of shapes bind.

    The file sorts them.
    """
    entry = result.entry
    if len(entry.expect) < 2 or not entry.positions.keys() >= entry.expect.keys():
        return result
    names = sorted(entry.expect, key=lambda name: (entry.positions[name].line, entry.positions[name].column))
    expect = {name: entry.expect[name] for name in names}
    return msgspec.structs.replace(result, entry=msgspec.structs.replace(entry, expect=expect))


def _written(run: Run) -> bytes:
    return _laid_out(_encoded(run))


def _encoded(run: Run) -> bytes:
    replace = msgspec.structs.replace
    # The small part is read back once: a bound given as 0, which a reader makes 0.0, must not give two files.
    rest = msgspec.json.encode(replace(run, measurements={}, entries=()))
    whole = replace(
        msgspec.json.decode(rest, type=Run),
        measurements={digest: converted(measured, to_wire) for digest, measured in run.measurements.items()},
        entries=tuple(_result(result, to_wire) for result in run.entries),
    )
    return msgspec.json.encode(whole, order="deterministic")


def _laid_out(data: bytes) -> bytes:
    return msgspec.json.format(data, indent=1) + b"\n"


def _check_plain_data(run: Run) -> None:
    """Raise ValueError when plain data is nested too deep, or metrics of the baseline are not in wire form."""
    check_metrics(run.baseline.entries if run.baseline else {})
    loaders = [(loader.params, loader.keys) for loader in run.loaders.values()]
    for value in (run.environment, *(check.params for check in run.checks.values()), *loaders):
        to_wire(value)
    for result in run.entries:
        if result.entry.waiver is not None:
            to_wire(result.entry.waiver.worst)
