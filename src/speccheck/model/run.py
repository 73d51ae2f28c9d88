"""A run: the one file of record. Every report is a rendering of it, and judging it again needs nothing else."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.evidence import Evidence
from speccheck.model.spec import Entry, Measurement
from speccheck.model.values import Json, from_wire, to_wire
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, Outcome, Verdict

FORMAT = 1


class Failure(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why a measurement gave no evidence: the kind of error, its message, the audited code's own
    traceback, and what it printed."""

    kind: str
    message: str
    traceback: str = ""
    subject: str = ""
    log: str = ""


class Measured(msgspec.Struct, frozen=True, omit_defaults=True):
    """A measurement with what came of it: evidence, or a failure. ``seconds`` is wall time."""

    measurement: Measurement
    evidence: Evidence | None = None
    failure: Failure | None = None
    seconds: float = 0.0


class EntryResult(msgspec.Struct, frozen=True, omit_defaults=True):
    """An entry with its judgement; ``measured`` is the digest of its measurement when there is a record of it."""

    entry: Entry
    judgement: Judgement
    measured: str | None = None


class Coverage(msgspec.Struct, frozen=True):
    """How many entries there are, how many were judged, and how many came to each outcome."""

    total: int
    judged: int
    outcomes: dict[str, int]

    def __str__(self) -> str:
        shown = [outcome.value for outcome in Outcome if outcome not in (Outcome.PASSED, Outcome.FAILED)]
        rest = [f"{self.outcomes[name]} {name}" for name in shown if name in self.outcomes]
        return f"{self.judged} of {self.total} judged" + (f"; {', '.join(rest)}" if rest else "")


class BaselineUse(msgspec.Struct, frozen=True, omit_defaults=True):
    """The baseline a run was judged against: its path as written, sha256, and the entries that it offered.

    The entries stand here so that the run can be judged again without the file; ``reason`` says why there are none.
    """

    path: str
    sha256: str = ""
    entries: dict[str, AcceptedEntry] = {}
    reason: str = ""


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """One run of a spec. ``started`` and ``finished`` are ISO-8601 UTC; ``environment`` is facts by name."""

    speccheck_run: Literal[1]
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
    command: tuple[str, ...] = ()
    selection: tuple[str, ...] = ()
    overrides: tuple[str, ...] = ()
    baseline: BaselineUse | None = None
    interrupted: bool = False
    redacted: tuple[str, ...] = ()
    code: dict[str, str] = {}
    warnings: tuple[Diagnostic, ...] = ()
    fail_on: Literal["fail", "warn"] = "fail"

    def to_bytes(self) -> bytes:
        """The run file: indented JSON with sorted keys and a final newline."""
        # Read back once: a bound given as 0 and the 0.0 that a reader makes of it must not be two different files.
        canonical = msgspec.json.decode(msgspec.json.encode(_wired(self)), type=Run)
        return msgspec.json.format(msgspec.json.encode(canonical, order="deterministic"), indent=1) + b"\n"

    @classmethod
    def from_bytes(cls, data: bytes) -> Run:
        """Read a run file; msgspec.DecodeError (a ValueError) names the place where it is not one."""
        return _unwired(msgspec.json.decode(data, type=cls))


def run_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a run file."""
    schema = msgspec.json.schema(Run)
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "speccheck run, format 1", **schema}


def exit_relevant(outcomes: list[Outcome]) -> dict[str, int]:
    """How often each outcome occurs, in the order of the Outcome enumeration, absent ones left out."""
    return {outcome.value: outcomes.count(outcome) for outcome in Outcome if outcome in outcomes}


def _wired(run: Run) -> Run:
    return _converted(run, to_wire)


def _unwired(run: Run) -> Run:
    return _converted(run, from_wire)


def _converted(run: Run, convert: Any) -> Run:
    replace = msgspec.structs.replace
    measurements = {digest: _measured(measured, convert) for digest, measured in run.measurements.items()}
    entries = tuple(
        replace(
            result,
            entry=_entry(result.entry, convert),
            judgement=replace(result.judgement, verdicts=_verdicts(result.judgement.verdicts, convert)),
        )
        for result in run.entries
    )
    return replace(run, measurements=measurements, entries=entries)


def measured_bytes(measured: Measured) -> bytes:
    """One line of JSON: a measurement with what came of it, as the run file holds it."""
    return msgspec.json.encode(_measured(measured, to_wire), order="deterministic")


def _measured(measured: Measured, convert: Any) -> Measured:
    return msgspec.structs.replace(
        measured,
        measurement=_measurement(measured.measurement, convert),
        evidence=measured.evidence and _evidence(measured.evidence, convert),
    )


def _entry(entry: Entry, convert: Any) -> Entry:
    return msgspec.structs.replace(
        entry,
        measurement=_measurement(entry.measurement, convert),
        expect=convert(entry.expect),
        cell=convert(entry.cell),
    )


def _measurement(measurement: Measurement, convert: Any) -> Measurement:
    return msgspec.structs.replace(
        measurement, params=convert(measurement.params), subjects=convert(measurement.subjects)
    )


def _evidence(evidence: Evidence, convert: Any) -> Evidence:
    replace = msgspec.structs.replace
    return replace(
        evidence,
        metrics={name: convert(value) for name, value in evidence.metrics.items()},
        tables={
            name: replace(table, rows=tuple(tuple(convert(cell) for cell in row) for row in table.rows))
            for name, table in evidence.tables.items()
        },
    )


def _verdicts(verdicts: tuple[Verdict, ...], convert: Any) -> tuple[Verdict, ...]:
    replace = msgspec.structs.replace

    def constraint(verdict: ConstraintVerdict) -> ConstraintVerdict:
        return replace(verdict, observed=convert(verdict.observed), limit=convert(verdict.limit))

    return tuple(
        replace(v, observed=convert(v.observed), constraints=tuple(map(constraint, v.constraints))) for v in verdicts
    )
