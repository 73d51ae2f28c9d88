"""Run files of format 1, which held sentences where format 2 holds causes: read, and turned into format 2.

Nothing but this module reads those sentences. One that it does not know is kept as it is (cause ``recorded``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import msgspec

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.diagnostic import Position
from speccheck.model.run import BaselineUse, EntryResult, Measured, Run
from speccheck.model.spec import Entry, EntrySeverity
from speccheck.model.values import Value
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict
from speccheck.store.constraint_v1 import demanded_by, written

_INTERRUPTED = "the run was interrupted before this entry was measured"
_STOPPED = "an earlier entry did not pass and the run was told to stop there (-x)"

_GATES: tuple[tuple[CauseKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(pattern, re.DOTALL))
    for kind, pattern in (
        (CauseKind.PACKAGE_ABSENT, "requires package (?P<package>.+), which is not installed"),
        (CauseKind.FILE_ABSENT, "requires file (?P<file>.+), which does not exist"),
        (CauseKind.DEVICE_ABSENT, "requires device (?P<device>.+), which is not available"),
        (CauseKind.NEED_SKIPPED, "it needs (?P<entry>.+), which was skipped"),
        (CauseKind.NEED_NOT_IN_RUN, "it needs (?P<entry>.+), which is not part of this run"),
        (CauseKind.NEED_NOT_MET, "it needs (?P<entry>.+), which is (?P<outcome>[a-z]+)"),
        (CauseKind.STOPPED_EARLY, re.escape(_STOPPED)),
        (CauseKind.INTERRUPTED, re.escape(_INTERRUPTED)),
        (CauseKind.NO_EXPECTATION, "no expectation: nothing can be judged"),
        (CauseKind.OBSERVED_WITH_EXPECTATIONS, "an entry is observed or has expectations, not both"),
    )
)

_BASELINES: tuple[tuple[CauseKind, re.Pattern[str]], ...] = tuple(
    (kind, re.compile(f"(?:no usable baseline: )?{pattern}(?: \\(at .*\\))?", re.DOTALL))
    for kind, pattern in (
        (CauseKind.BASELINE_NOT_NAMED, "the spec names no baseline|no usable baseline: none for this entry"),
        (CauseKind.BASELINE_FILE_ABSENT, "baseline file (?P<path>.+) does not exist"),
        (CauseKind.BASELINE_LACKS_ENTRY, "baseline (?P<path>.+) has no entry (?P<entry>.+?)"),
        (CauseKind.BASELINE_FROM_THIS_RUN, "baseline (?P<path>.+) was accepted from this very run.*"),
        (CauseKind.BASELINE_MEASURED_OTHERWISE, "baseline (?P<path>.+) measured (?P<entry>.+) otherwise:.*"),
        (CauseKind.BASELINE_LACKS_METRIC, "the baseline has no metric '(?P<metric>.+)'"),
        (CauseKind.BASELINE_LACKS_ITEM, "in the baseline: there is no item (?P<item>-?[0-9]+|'.*?'|\".*?\")"),
    )
)


class _Constraint(msgspec.Struct, frozen=True):
    constraint: str
    state: State
    observed: Value = None
    limit: Value = None
    margin: float | None = None
    at: str = ""
    reason: str = ""
    severity: EntrySeverity = "fail"
    vacuous: bool = False
    why: str = ""


class _Verdict(msgspec.Struct, frozen=True):
    metric: str
    state: State
    constraints: tuple[_Constraint, ...]
    observed: Value = None
    position: Position | None = None


class _Judgement(msgspec.Struct, frozen=True):
    outcome: Outcome
    reason: str = ""
    verdicts: tuple[_Verdict, ...] = ()
    notes: tuple[str, ...] = ()


class _Result(msgspec.Struct, frozen=True):
    entry: Entry
    judgement: _Judgement
    measured: str | None = None


class _BaselineUse(msgspec.Struct, frozen=True):
    path: str
    sha256: str = ""
    entries: dict[str, AcceptedEntry] = {}
    reason: str = ""


class _Run(msgspec.Struct, frozen=True):
    """The parts of a run file that changed, and what is needed to read them; the others are taken as they are."""

    entries: tuple[_Result, ...]
    measurements: dict[str, Measured]
    baseline: _BaselineUse | None = None


class _Format(msgspec.Struct):
    speccheck_run: int


def is_format_1(data: bytes) -> bool:
    """Return whether a file calls itself a run of format 1."""
    try:
        return msgspec.json.decode(data, type=_Format).speccheck_run == 1
    except (msgspec.DecodeError, RecursionError):
        return False


def read_format_1(data: bytes) -> Run:
    """Return the run in a file of format 1; a ValueError names the place where it is not one."""
    try:
        old = msgspec.json.decode(data, type=_Run)
        whole = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except RecursionError:
        raise msgspec.DecodeError("it is nested too deep") from None
    entries = [_result(result, old.measurements) for result in old.entries]
    changed: dict[str, Any] = {"speccheck_run": 2, "entries": entries}
    if old.baseline is not None:
        changed["baseline"] = _baseline(old.baseline)
    # Values are in wire form still: read as format 2 they are checked and converted as any.
    return Run.from_bytes(msgspec.json.encode({**whole, **changed}))


def _baseline(old: _BaselineUse) -> BaselineUse:
    cause = _recognised(old.reason, _BASELINES) or _recorded(old.reason)
    return BaselineUse(old.path, old.sha256, old.entries, cause)


def _result(old: _Result, measurements: Mapping[str, Measured]) -> EntryResult:
    entry, judgement = old.entry, old.judgement
    verdicts = tuple(_verdict(verdict, entry) for verdict in judgement.verdicts)
    cause = _gated(old) or _failed(old, measurements) or _decided(old) or _recorded(judgement.reason)
    notes = tuple(Cause(CauseKind.RECORDED, {"text": note}) for note in judgement.notes)
    return EntryResult(entry, Judgement(judgement.outcome, cause, verdicts, notes), old.measured)


def _verdict(old: _Verdict, entry: Entry) -> Verdict:
    constraints = tuple(_constraint(one, old.metric, entry) for one in old.constraints)
    return Verdict(old.metric, old.state, constraints, old.observed, old.position)


def _constraint(old: _Constraint, metric: str, entry: Entry) -> ConstraintVerdict:
    demanded = demanded_by(old.constraint)
    tree = entry.waiver.worst if demanded == "worst" and entry.waiver is not None else entry.expect
    found = written(old.constraint, tree.get(metric))
    return ConstraintVerdict(
        name=found.name,
        state=old.state,
        nesting=found.nesting,
        written=found.limit,
        options=found.options,
        observed=old.observed,
        limit=old.limit,
        source=found.source,
        margin=old.margin,
        at=old.at,
        cause=_lacking(old, metric) or _recorded(_sentence(old)),
        severity=old.severity,
        vacuous=old.vacuous,
        why=old.why,
        demanded_by=demanded,
    )


def _lacking(old: _Constraint, metric: str) -> Cause | None:
    """Return the cause of a constraint that lacks its baseline."""
    cause = _recognised(old.reason, _BASELINES)
    if cause is None or cause.kind is not CauseKind.BASELINE_LACKS_ITEM:
        return cause
    item = cause.fields["item"]
    return Cause(cause.kind, {"metric": metric, "item": item[1:-1] if item[:1] in "'\"" else int(item)})


def _sentence(old: _Constraint) -> str:
    """The reason without its state, and without the place at its end, which the verdict names as ``at``."""
    reason = old.reason.removeprefix("inconclusive: ") if old.state is State.INCONCLUSIVE else old.reason
    return reason.removesuffix(f" (at {old.at})") if old.at else reason


def _gated(old: _Result) -> Cause | None:
    """Return the cause of an entry that was not measured."""
    reason = old.judgement.reason
    if old.measured is not None or old.judgement.verdicts:
        return None
    if old.entry.skip is not None and old.judgement.outcome is Outcome.SKIPPED:
        return Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": old.entry.skip})
    return _recognised(reason, _GATES)


def _failed(old: _Result, measurements: Mapping[str, Measured]) -> Cause | None:
    """Return the cause of an entry whose measurement failed."""
    measured = measurements.get(old.measured or "")
    if measured is None or measured.failure is None or old.judgement.outcome is not Outcome.ERROR:
        return None
    return measured.failure.cause


def _decided(old: _Result) -> Cause | None:
    """Return the cause of an entry whose verdicts, expected failure or waiver decided."""
    entry, judgement = old.entry, old.judgement
    outcome, expected, waiver = judgement.outcome, entry.expected_failure, entry.waiver
    if outcome is Outcome.XFAILED and expected is not None:
        until = {} if expected.until is None else {"until": expected.until}
        return Cause(CauseKind.EXPECTED_FAILURE, {"reason": expected.reason, **until})
    if outcome is Outcome.WAIVED and waiver is not None:
        fields = {"owner": waiver.owner, "until": waiver.until, "reason": waiver.reason}
        return Cause(CauseKind.WAIVED, fields)
    if outcome is Outcome.XPASSED and expected is not None:
        held = [verdict.metric for verdict in judgement.verdicts if verdict.state is State.HELD]
        return Cause(CauseKind.HOLDS_UNEXPECTEDLY, {"metrics": held})
    if outcome in (Outcome.FAILED, Outcome.ERROR, Outcome.WARNED):
        return _first(judgement)
    return None


def _first(judgement: _Judgement) -> Cause | None:
    """Return the cause that names the constraint whose sentence the reason repeats, and how many more there were."""
    worst = "the waiver's worst does not hold: "
    kind = CauseKind.WAIVER_WORST if judgement.reason.startswith(worst) else CauseKind.CONSTRAINTS
    reason = judgement.reason.removeprefix(worst)
    for place, verdict in enumerate(judgement.verdicts):
        for index, constraint in enumerate(verdict.constraints):
            text = f"{verdict.metric}: {constraint.reason}"
            rest = re.fullmatch(r"(?: \(and ([0-9]+) more\))?", reason.removeprefix(text))
            if constraint.reason and reason.startswith(text) and rest is not None:
                more = int(rest[1] or 0)
                return Cause(kind, {"metric": verdict.metric, "verdict": place, "index": index, "more": more})
    return None


def _recognised(reason: str, known: tuple[tuple[CauseKind, re.Pattern[str]], ...]) -> Cause | None:
    for kind, pattern in known:
        match = pattern.fullmatch(reason)
        if match is not None:
            return Cause(kind, dict(match.groupdict()))
    return None


def _recorded(reason: str) -> Cause | None:
    return Cause(CauseKind.RECORDED, {"text": reason}) if reason else None
