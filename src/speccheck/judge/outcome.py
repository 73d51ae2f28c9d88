"""From verdicts to the outcome of an entry: severity, expected failure and waiver, in the order that the words have."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from speccheck.judge.evaluate import bind_symbols, judge_expectation
from speccheck.judge.fit import readable
from speccheck.judge.nodes import Parsed
from speccheck.judge.parse import compiled
from speccheck.judge.scene import Scene
from speccheck.model.baseline import BaselineEntry
from speccheck.model.evidence import Evidence
from speccheck.model.metrics import Metrics
from speccheck.model.spec import Entry, EntrySeverity, ExpectedFailure, Waiver
from speccheck.model.values import Json, Value
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict

_FAILING = (State.VIOLATED, State.INCONCLUSIVE)


def judge(
    entry: Entry,
    evidence: Evidence | None,
    others: Mapping[str, Mapping[str, Value]],
    baseline: BaselineEntry,
    today: datetime.date,
    metrics: Metrics,
    failure: str = "",
) -> Judgement:
    """Judge one entry: the verdict of each expectation, and the outcome they come to. Pure, and never raises.

    ``evidence`` is None when the measurement failed, for the reason ``failure``. ``others`` holds the metrics of other
    entries by id, ``baseline`` those accepted for this one. ``today`` is the UTC day that ``until`` is compared with.
    Whether an entry is skipped or blocked is not decided here.
    """
    expected, waiver = entry.expected_failure, entry.waiver
    notes: tuple[str, ...] = ()
    if expected is not None or waiver is not None:
        expected, waiver, notes = _in_force(expected, waiver, today)
    if evidence is None:
        return Judgement(Outcome.ERROR, failure or "not measured", notes=notes)
    if entry.observe:
        if entry.expect:
            return Judgement(Outcome.ERROR, "an entry is observed or has expectations, not both", notes=notes)
        return Judgement(Outcome.MEASURED, notes=notes)
    if not entry.expect:
        return Judgement(Outcome.ERROR, "no expectation: nothing can be judged", notes=notes)
    scene = Scene(entry, evidence.metrics, others, baseline, metrics)
    return _judged(entry, scene, expected, waiver, notes)


def _judged(
    entry: Entry, scene: Scene, expected: ExpectedFailure | None, waiver: Waiver | None, notes: tuple[str, ...]
) -> Judgement:
    parsed = compiled(entry.expect)
    worst = compiled(waiver.worst) if waiver is not None else Parsed((), (), frozenset())
    bind_symbols((*parsed.expectations, *worst.expectations), scene)
    verdicts = _verdicts(entry.expect, parsed, scene, entry.severity)
    if expected is None and waiver is None and all(verdict.state is State.HELD for verdict in verdicts):
        return Judgement(Outcome.PASSED, verdicts=verdicts, notes=notes)
    required = _verdicts(waiver.worst, worst, scene, "fail", "worst") if waiver is not None else ()
    tally = _tally(verdicts, required, expected)
    outcome, reason = _outcome(tally, expected, waiver)
    if waiver is not None and not tally.hard and not tally.unknown:
        needless = f"the waiver of {waiver.owner} until {waiver.until} is not needed: nothing fails that it lets by"
        notes = (*notes, needless)
    return Judgement(outcome, reason, (*verdicts, *tally.unnamed, *required), notes)


def _in_force(
    expected: ExpectedFailure | None, waiver: Waiver | None, today: datetime.date
) -> tuple[ExpectedFailure | None, Waiver | None, tuple[str, ...]]:
    notes: list[str] = []
    if expected is not None and expected.until is not None:
        ended = _ended(expected.until, today)
        if ended:
            notes.append(f"the expected failure {ended} and counts as absent: {expected.reason}")
            expected = None
    if waiver is not None:
        ended = _ended(waiver.until, today)
        if ended:
            notes.append(f"the waiver of {waiver.owner} {ended} and counts as absent: {waiver.reason}")
            waiver = None
    return expected, waiver, tuple(notes)


def _ended(until: str, today: datetime.date) -> str:
    """Why a thing until that day is over, or '' while it lasts; the day itself is the last."""
    try:
        last = datetime.date.fromisoformat(until)
    except (TypeError, ValueError):
        return f"has no readable last day ({until!r})"
    return f"ended on {until}" if today > last else ""


def _verdicts(
    expect: Mapping[str, Json], parsed: Parsed, scene: Scene, severity: EntrySeverity, mark: str = ""
) -> tuple[Verdict, ...]:
    """The verdicts in spec order; an expectation that cannot be read is unknown."""
    judged = [judge_expectation(expectation, scene, severity, mark) for expectation in parsed.expectations]
    if len(judged) == len(expect):
        return tuple(judged)
    by_name = {verdict.metric: verdict for verdict in judged}
    errors = [problem for problem in parsed.problems if problem.path and problem.severity == "error"]
    unread = {problem.path[0]: problem.message for problem in reversed(errors)}
    return tuple(by_name.get(name) or _unread(name, unread.get(name, "it cannot be read"), scene) for name in expect)


def _unread(name: str, message: str, scene: Scene) -> Verdict:
    constraint = ConstraintVerdict("expect", State.UNKNOWN, reason=f"the expectation is invalid: {message}")
    return Verdict(str(name), State.UNKNOWN, (constraint,), position=scene.entry.positions.get(name))


class _Tally(NamedTuple):
    """What the verdicts of an entry amount to, each with its reasons in words.

    ``hard`` are failures that nothing but a waiver softens, ``soft`` those of severity warn, ``worst`` those of what
    the waiver demands, ``xfailed`` and ``xpassed`` the metrics that were expected to fail and did or did not.
    """

    hard: list[str]
    soft: list[str]
    unknown: list[str]
    worst: list[str]
    xfailed: list[str]
    xpassed: list[str]
    unnamed: tuple[Verdict, ...]


def _tally(verdicts: tuple[Verdict, ...], required: tuple[Verdict, ...], expected: ExpectedFailure | None) -> _Tally:
    named, unnamed = _named(verdicts, expected)
    tally = _Tally([], [], [], _reasons(required, _FAILING), [], [], unnamed)
    for verdict in verdicts:
        if verdict.metric not in named:
            tally.hard.extend(_reasons([verdict], _FAILING, "fail"))
            tally.soft.extend(_reasons([verdict], _FAILING, "warn"))
        elif _reasons([verdict], _FAILING):
            tally.xfailed.append(verdict.metric)
        elif verdict.state is State.HELD:
            tally.xpassed.append(verdict.metric)
    tally.unknown.extend(_reasons((*verdicts, *unnamed, *required), (State.UNKNOWN,)))
    return tally


def _named(verdicts: tuple[Verdict, ...], expected: ExpectedFailure | None) -> tuple[set[str], tuple[Verdict, ...]]:
    """The metrics that must fail, and an unknown verdict for each name that no expectation has."""
    if expected is None:
        return set(), ()
    if not expected.metrics:
        return {verdict.metric for verdict in verdicts}, ()
    paths = [(readable(verdict.metric) or verdict.metric, verdict.metric) for verdict in verdicts]
    named: set[str] = set()
    missing: list[Verdict] = []
    for text in expected.metrics:
        found = {metric for path, metric in paths if path == (readable(text) or text)}
        named |= found
        if not found:
            reason = "named in expected_failure, and no expectation is of this metric"
            missing.append(
                Verdict(text, State.UNKNOWN, (ConstraintVerdict("expected_failure", State.UNKNOWN, reason=reason),))
            )
    return named, tuple(missing)


def _reasons(
    verdicts: Iterable[Verdict], states: tuple[State, ...], severity: EntrySeverity | None = None
) -> list[str]:
    return [
        f"{verdict.metric}: {constraint.reason}"
        for verdict in verdicts
        for constraint in verdict.constraints
        if constraint.state in states and severity in (None, constraint.severity)
    ]


def _outcome(tally: _Tally, expected: ExpectedFailure | None, waiver: Waiver | None) -> tuple[Outcome, str]:
    """The first outcome that applies, in the order of the design, and its reason."""
    if tally.worst:
        return Outcome.FAILED, f"the waiver's worst does not hold: {_first(tally.worst)}"
    if tally.hard and waiver is None:
        return Outcome.FAILED, _first(tally.hard)
    if tally.unknown:
        return Outcome.ERROR, _first(tally.unknown)
    if tally.xpassed:
        return Outcome.XPASSED, f"expected to fail, and it holds: {', '.join(tally.xpassed)}"
    if tally.xfailed and expected is not None:
        return Outcome.XFAILED, expected.reason
    if tally.hard and waiver is not None:
        return Outcome.WAIVED, f"waived by {waiver.owner} until {waiver.until}: {waiver.reason}"
    if tally.soft:
        return Outcome.WARNED, _first(tally.soft)
    return Outcome.PASSED, ""


def _first(reasons: list[str]) -> str:
    return reasons[0] + (f" (and {len(reasons) - 1} more)" if len(reasons) > 1 else "")
