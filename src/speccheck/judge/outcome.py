"""From verdicts to the outcome of an entry: severity, expected failure and waiver, in the order that the words have."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Literal, NamedTuple

from speccheck.judge.applicability import readable
from speccheck.judge.context import JudgingContext
from speccheck.judge.evaluate import bind_symbols, judge_expectation
from speccheck.judge.expectation import Parsed
from speccheck.judge.parse import reading
from speccheck.judge.reader import Problem
from speccheck.model.baseline import BaselineEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.formatting import cut
from speccheck.model.metrics import Metrics
from speccheck.model.spec import Entry, EntrySeverity, ExpectedFailure, Waiver
from speccheck.model.values import Json, Value, is_masked
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict

_FAILING = (State.VIOLATED, State.INCONCLUSIVE)


def judge(
    entry: Entry,
    evidence: Evidence | None,
    others: Mapping[str, Mapping[str, Value]],
    baseline: BaselineEntry,
    today: datetime.date,
    metrics: Metrics,
    failure: Cause | None = None,
    same: Collection[str] = (),
) -> Judgement:
    """Judge one entry: the verdict of each expectation, and the outcome that follows. Pure, and never raises.

    ``evidence`` is None when the measurement failed, because of ``failure``. ``others`` holds the metrics of other
    entries by id, ``same`` the ids of those with the same measurement, whose values are this entry's own;
    ``baseline`` holds the metrics accepted for this one. ``today`` is the UTC day that ``until`` is compared with.
    Whether an entry is skipped or blocked is not decided here.
    """
    expected, waiver = entry.expected_failure, entry.waiver
    notes: tuple[Cause, ...] = ()
    if expected is not None or waiver is not None:
        expected, waiver, notes = _in_force(expected, waiver, today)
    if evidence is None:
        return Judgement(Outcome.ERROR, failure or Cause(CauseKind.NOT_MEASURED), notes=notes)
    if entry.observe:
        if entry.expect:
            return Judgement(Outcome.ERROR, Cause(CauseKind.OBSERVED_WITH_EXPECTATIONS), notes=notes)
        return Judgement(Outcome.MEASURED, notes=notes)
    if not entry.expect:
        return Judgement(Outcome.ERROR, Cause(CauseKind.NO_EXPECTATION), notes=notes)
    context = JudgingContext(entry, evidence.metrics, others, baseline, metrics, same)
    try:
        return _judged(entry, context, expected, waiver, notes)
    except Exception as error:  # noqa: BLE001 - an error of one entry must not lose the run
        cause = Cause(CauseKind.JUDGING_FAILED, {"kind": type(error).__name__, "message": cut(str(error))})
        return Judgement(Outcome.ERROR, cause, notes=notes)


def _judged(
    entry: Entry,
    context: JudgingContext,
    expected: ExpectedFailure | None,
    waiver: Waiver | None,
    notes: tuple[Cause, ...],
) -> Judgement:
    parsed = _read(entry.expect, context.metrics)
    worst = _read(waiver.worst, context.metrics) if waiver is not None else _NOTHING
    bind_symbols((*parsed.expectations, *worst.expectations), context)
    verdicts = _verdicts(entry.expect, parsed, context, entry.severity)
    if expected is None and waiver is None and all(verdict.state is State.HELD for verdict in verdicts):
        return Judgement(Outcome.PASSED, verdicts=verdicts, notes=notes)
    required = _verdicts(waiver.worst, worst, context, "fail", "worst") if waiver is not None else ()
    named, unnamed = _named(verdicts, expected)
    tally = _tally((*verdicts, *unnamed, *required), named)
    outcome, cause = _outcome(tally, expected, waiver)
    if waiver is not None and not tally.hard and not tally.unknown:
        notes = (*notes, Cause(CauseKind.WAIVER_UNUSED, {"owner": waiver.owner, "until": waiver.until}))
    return Judgement(outcome, cause, (*verdicts, *unnamed, *required), notes)


_NOTHING = Parsed((), (), frozenset())


def _read(expect: Mapping[str, Json], metrics: Metrics) -> Parsed:
    """Return the reading that loading made, or one without declarations where these do not cover the expectations."""
    if is_masked(expect):
        expect = {name: node for name, node in expect.items() if not is_masked(node)}
    parsed = reading(expect, metrics) if metrics else None
    return parsed if parsed is not None and parsed.sound else reading(expect, None)


def _in_force(
    expected: ExpectedFailure | None, waiver: Waiver | None, today: datetime.date
) -> tuple[ExpectedFailure | None, Waiver | None, tuple[Cause, ...]]:
    """Return the expected failure and the waiver that count on this day, and a note for each that does not."""
    notes: list[Cause] = []
    if expected is not None and expected.until is not None:
        ended = _ended(expected.until, today, CauseKind.EXPECTED_FAILURE_EXPIRED, CauseKind.EXPECTED_FAILURE_UNDATED)
        if ended is not None:
            notes.append(Cause(ended, {"until": expected.until, "reason": expected.reason}))
            expected = None
    if waiver is not None:
        ended = _ended(waiver.until, today, CauseKind.WAIVER_EXPIRED, CauseKind.WAIVER_UNDATED)
        if ended is not None:
            notes.append(Cause(ended, {"owner": waiver.owner, "until": waiver.until, "reason": waiver.reason}))
            waiver = None
    return expected, waiver, tuple(notes)


def _ended(until: str, today: datetime.date, expired: CauseKind, undated: CauseKind) -> CauseKind | None:
    """Which of the two ended a thing until that day, or None while it lasts; the day itself is the last."""
    try:
        last = datetime.date.fromisoformat(until)
    except (TypeError, ValueError):
        return undated
    return expired if today > last else None


def _verdicts(
    expect: Mapping[str, Json],
    parsed: Parsed,
    context: JudgingContext,
    severity: EntrySeverity,
    demanded_by: Literal["expect", "worst"] = "expect",
) -> tuple[Verdict, ...]:
    """Return the verdicts in spec order; an expectation that cannot be read is unknown."""
    judged = [judge_expectation(expectation, context, severity, demanded_by) for expectation in parsed.expectations]
    if len(judged) == len(expect):
        return tuple(judged)
    by_name = {verdict.metric: verdict for verdict in judged}
    errors = [problem for problem in parsed.problems if problem.path and problem.severity == "error"]
    unread = {problem.path[0]: problem for problem in reversed(errors)}
    return tuple(
        by_name.get(name) or _unread(name, _why_unread(expect[name], unread.get(name)), context.entry, demanded_by)
        for name in expect
    )


def _why_unread(node: Json, problem: Problem | None) -> Cause:
    if is_masked(node):
        return Cause(CauseKind.MASKED, {"role": "expected"})
    fields = {"message": "it cannot be read"} if problem is None else {"message": problem.message, "code": problem.code}
    return Cause(CauseKind.EXPECTATION_INVALID, fields)


def _unread(name: str, cause: Cause, entry: Entry, demanded_by: Literal["expect", "worst"]) -> Verdict:
    constraint = ConstraintVerdict("expect", State.UNKNOWN, cause=cause, demanded_by=demanded_by)
    return Verdict(str(name), State.UNKNOWN, (constraint,), position=entry.positions.get(name))


class _Decisive(NamedTuple):
    """A constraint that bears on the outcome: its metric, and the indices of verdict and constraint."""

    metric: str
    verdict: int
    constraint: int


class _Tally(NamedTuple):
    """The constraints of an entry that bear on its outcome.

    ``hard`` are failures that nothing but a waiver softens, ``soft`` those of severity warn, ``worst`` those of what
    the waiver demands, ``xfailed`` and ``xpassed`` the metrics that were expected to fail and did or did not.
    """

    hard: list[_Decisive]
    soft: list[_Decisive]
    unknown: list[_Decisive]
    worst: list[_Decisive]
    xfailed: list[str]
    xpassed: list[str]


def _tally(verdicts: tuple[Verdict, ...], named: set[str]) -> _Tally:
    tally = _Tally([], [], [], [], [], [])
    for at, verdict in enumerate(verdicts):
        failing: list[tuple[_Decisive, ConstraintVerdict]] = []
        for index, constraint in enumerate(verdict.constraints):
            decisive = _Decisive(verdict.metric, at, index)
            if constraint.state is State.UNKNOWN:
                tally.unknown.append(decisive)
            elif constraint.state in _FAILING:
                failing.append((decisive, constraint))
        demanded_by = verdict.constraints[0].demanded_by
        if demanded_by == "worst":
            tally.worst.extend(decisive for decisive, _ in failing)
        elif demanded_by == "expect" and verdict.metric not in named:
            for decisive, constraint in failing:
                (tally.hard if constraint.severity == "fail" else tally.soft).append(decisive)
        elif demanded_by == "expect" and failing:
            tally.xfailed.append(verdict.metric)
        elif demanded_by == "expect" and verdict.state is State.HELD:
            tally.xpassed.append(verdict.metric)
    return tally


def _named(verdicts: tuple[Verdict, ...], expected: ExpectedFailure | None) -> tuple[set[str], tuple[Verdict, ...]]:
    """Return the metrics that must fail, and an unknown verdict for each name that no expectation has."""
    if expected is None:
        return set(), ()
    if not expected.metrics:
        return {verdict.metric for verdict in verdicts}, ()
    paths = [(readable(verdict.metric) or verdict.metric, verdict.metric) for verdict in verdicts]
    named: set[str] = set()
    missing: list[Verdict] = []
    unmatched = ConstraintVerdict(
        "expected_failure",
        State.UNKNOWN,
        cause=Cause(CauseKind.EXPECTED_FAILURE_UNMATCHED),
        demanded_by="expected_failure",
    )
    for text in expected.metrics:
        found = {metric for path, metric in paths if path == (readable(text) or text)}
        named |= found
        if not found:
            missing.append(Verdict(text, State.UNKNOWN, (unmatched,)))
    return named, tuple(missing)


def _outcome(tally: _Tally, expected: ExpectedFailure | None, waiver: Waiver | None) -> tuple[Outcome, Cause | None]:
    """Return the first outcome that applies, in the order of the design, and its cause."""
    if tally.worst:
        return Outcome.FAILED, _due_to(tally.worst, CauseKind.WAIVER_WORST)
    if tally.hard and waiver is None:
        return Outcome.FAILED, _due_to(tally.hard)
    if tally.unknown:
        return Outcome.ERROR, _due_to(tally.unknown)
    if tally.xpassed:
        return Outcome.XPASSED, Cause(CauseKind.HOLDS_UNEXPECTEDLY, {"metrics": tally.xpassed})
    if tally.xfailed and expected is not None:
        until = {} if expected.until is None else {"until": expected.until}
        return Outcome.XFAILED, Cause(CauseKind.EXPECTED_FAILURE, {"reason": expected.reason, **until})
    if tally.hard and waiver is not None:
        fields = {"owner": waiver.owner, "until": waiver.until, "reason": waiver.reason}
        return Outcome.WAIVED, Cause(CauseKind.WAIVED, fields)
    if tally.soft:
        return Outcome.WARNED, _due_to(tally.soft)
    return Outcome.PASSED, None


def _due_to(found: list[_Decisive], kind: CauseKind = CauseKind.CONSTRAINTS) -> Cause:
    """Return the cause that points at the first of the constraints, and counts the others."""
    first = found[0]
    more = {"more": len(found) - 1} if len(found) > 1 else {}
    return Cause(kind, {"metric": first.metric, "verdict": first.verdict, "index": first.constraint, **more})
