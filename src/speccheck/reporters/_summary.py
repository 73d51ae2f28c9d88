"""The texts that every report shares: values, evidence on one line, reasons, counts, durations."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec

from speccheck.model.cause import CauseKind
from speccheck.model.evidence import Evidence, Finding
from speccheck.model.formatting import flow
from speccheck.model.metrics import declared
from speccheck.model.paths import PathError, parse_path, walk
from speccheck.model.run import EntryResult, Measured, Options, Run
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict
from speccheck.reporters._outcomes import PRESENTATIONS
from speccheck.reporters._text import cut, visible
from speccheck.reporters._values import BRIEF, margin_text, members_of, observed_of, show, show_pair
from speccheck.sdk.wording import cause_text, judgement_text, source_text, verdict_text

VACUOUS = "no value of this metric would violate it"

_STATES = (State.VIOLATED, State.INCONCLUSIVE, State.UNKNOWN, State.HELD)
"""The order in which a reader sees verdicts: a violation may explain what is unknown."""

_ABSENT = (CauseKind.METRIC_ABSENT, CauseKind.MEMBER_ABSENT)


_OPTIONS = {"selection": "only", "overrides": "set"}
"""The names of options that differ from those of their fields."""


def options_of(run: Run) -> Iterator[tuple[str, Sequence[str]]]:
    """Yield the options that the run was made with, by name, without those at their defaults, and what it redacted."""
    for field in msgspec.structs.fields(Options):
        value = getattr(run, field.name)
        if field.name != "command" and value != field.default:
            name = _OPTIONS.get(field.name, field.name.replace("_", "-"))
            yield name, value if isinstance(value, tuple) else (str(value),)
    if run.redacted:
        yield "redacted", run.redacted


def evidence_items(result: EntryResult, measured: Measured | None) -> list[str]:
    """Return the evidence for an outcome in short phrases, failures first: ``snr_db 24.3 (min 22.9, margin +1.4)``."""
    outcome, verdicts = result.judgement.outcome, result.judgement.verdicts
    if measured is not None and measured.failure is not None:
        return [cause_text(measured.failure.cause)]
    if verdicts:
        evidence = None if measured is None else measured.evidence
        return [*explained_by(result, evidence)[:1], *(_phrase(verdict, evidence) for verdict in by_state(verdicts))]
    if outcome is Outcome.MEASURED and measured is not None and measured.evidence is not None:
        return [f"{name} {show(value)}" for name, value in measured.evidence.metrics.items()]
    reason = judgement_text(result.judgement)
    return [reason] if reason else []


def by_state(verdicts: Sequence[Verdict]) -> list[Verdict]:
    """Return the verdicts with what is violated first and what holds last, else in spec order."""
    return sorted(
        verdicts, key=lambda verdict: _STATES.index(_worst(verdict).state if verdict.constraints else verdict.state)
    )


def worst_first(verdict: Verdict) -> list[ConstraintVerdict]:
    """Return the constraints of an expectation with what is violated first and what holds last."""
    return sorted(verdict.constraints, key=lambda item: _STATES.index(item.state))


def explained_by(result: EntryResult, evidence: Evidence | None) -> list[str]:
    """Return the findings that explain why metrics are absent; nothing where none is, or a violation explains it."""
    items = [item for verdict in result.judgement.verdicts for item in verdict.constraints]
    absent = any(item.cause is not None and item.cause.kind in _ABSENT for item in items)
    if evidence is None or not absent or any(item.state is State.VIOLATED for item in items):
        return []
    return [" ".join([*place_and_symbol(finding), finding.message]) for finding in evidence.findings]


def reason_of(result: EntryResult, evidence: Evidence | None = None) -> str:
    """Return why the outcome is what it is; without a cause, which expectations hold or do not.

    With the evidence, the first finding is named that explains an absent metric.
    """
    judgement = result.judgement
    if judgement.cause is not None or not judgement.verdicts:
        parts = [*explained_by(result, evidence)[:1], judgement_text(judgement)]
        if judgement.outcome is Outcome.ERROR:
            violated = [one.metric for one in judgement.verdicts if any(_violated(item) for item in one.constraints)]
            parts += [f"violated besides: {', '.join(violated)}"] if violated else []
        return "; ".join(parts)
    failing = [verdict.metric for verdict in judgement.verdicts if verdict.state is not State.HELD]
    if failing:
        return f"not held: {', '.join(failing)}"
    held = len(judgement.verdicts)
    return "the expectation holds" if held == 1 else f"all {held} expectations hold"


def repeats(judgement: Judgement, *, failure_shown: bool) -> bool:
    """Whether the section of an entry shows its cause anyway: as its failure, in a note, or with an expectation.

    ``failure_shown`` states that it shows a failure of the measurement; evidence that took longer than the timeout of
    this entry alone has none.
    """
    cause = judgement.cause
    if cause is None or cause.kind in (CauseKind.EXPECTED_FAILURE, CauseKind.WAIVED):
        return cause is not None
    if cause.kind is CauseKind.MEASUREMENT_FAILED:
        return failure_shown
    return cause.kind is CauseKind.CONSTRAINTS and not cause.fields.get("more")


def detail_of(item: ConstraintVerdict) -> str:
    """Return why a constraint is not held, or '' when the observed value and the limit beside it show that."""
    cause = item.cause
    if cause is None:
        return ""
    scalars = all(isinstance(value, (bool, int, float)) for value in (item.observed, item.limit))
    return "" if cause.kind in (CauseKind.OUTSIDE_LIMIT, CauseKind.NOT_EQUAL) and scalars else verdict_text(item)


def resolved(item: ConstraintVerdict, limit: str) -> str:
    """Return how the limit, shown as ``limit``, follows from its reference: `` (baseline 2.0 - 1.0 = 1)``, or ''."""
    if item.source is None or item.limit is None:
        return ""
    one = item.source.op and isinstance(item.limit, (int, float))
    return f" ({source_text(item.source)} = {limit})" if one else f" (that is {limit})"


def place_of(result: EntryResult, verdict: Verdict | None = None) -> str:
    """Return the place of an expectation, or of the entry: ``specs/stage3.yaml:14:7``; '' when it is not known."""
    position = result.entry.position
    if verdict is not None:
        position = verdict.position or result.entry.positions.get(verdict.metric) or position
    return "" if position is None else str(position)


def name_of(verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None) -> str:
    """Return the metric and the place in it that was worst; for a path with ``*`` also how many metrics it matches."""
    name, count = _named(verdict, item, evidence)
    return f"{name} ({count}; worst: {item.at})" if count > 1 else name


def _named(verdict: Verdict, item: ConstraintVerdict, evidence: Evidence | None) -> tuple[str, int]:
    """Return the metric and how many match its path with ``*``; the metric with the place in it where that is one."""
    before, star, _ = verdict.metric.partition("*")
    if star and item.at.startswith(before.rstrip(".")):
        count = _count(verdict.metric, evidence)
        return (verdict.metric, count) if count > 1 else (item.at, 1)
    return f"{verdict.metric} at {item.at}" if item.at else verdict.metric, 1


def _count(metric: str, evidence: Evidence | None) -> int:
    try:
        return 0 if evidence is None else sum(1 for _ in walk(evidence.metrics, parse_path(metric)))
    except PathError:
        return 0


def unit_of(run: Run, result: EntryResult, metric: str) -> str:
    """Return the declared unit of a metric, or ''."""
    check = run.checks.get(result.entry.check)
    if check is None:
        return ""
    try:
        metric_declared = declared(check.metrics, parse_path(metric))
    except PathError:
        return ""
    return "" if metric_declared is None else metric_declared.unit


def softened(result: EntryResult) -> Iterator[str]:
    """Yield the expected failure or the waiver of an entry as text, if it decided the outcome."""
    expected, waiver = result.entry.expected_failure, result.entry.waiver
    if expected is not None and result.judgement.outcome in (Outcome.XFAILED, Outcome.XPASSED):
        until = f" (until {expected.until})" if expected.until else ""
        yield f"expected to fail{until}: {expected.reason}"
    if waiver is not None and result.judgement.outcome is Outcome.WAIVED:
        worst = f"; must still hold: {show(waiver.worst, limit=200)}" if waiver.worst else ""
        yield f"waived by {waiver.owner} until {waiver.until}: {waiver.reason}{worst}"


def notes_of(result: EntryResult) -> list[str]:
    """Return the notes beside an outcome as texts."""
    return [*softened(result), *map(cause_text, result.judgement.notes)]


def measured_of(run: Run, result: EntryResult) -> Measured | None:
    """Return the record of an entry's measurement, or None."""
    return None if result.measured is None else run.measurements.get(result.measured)


def evidence_of(run: Run, result: EntryResult) -> Evidence | None:
    """Return the evidence of an entry's measurement, or None."""
    measured = measured_of(run, result)
    return None if measured is None else measured.evidence


def place_and_symbol(finding: Finding) -> list[str]:
    """Return ``file:line`` and the symbol of a finding, without what it lacks and a symbol that begins its message."""
    line = "" if finding.line is None else f":{finding.line}"
    symbol = "" if finding.message.startswith(finding.symbol) else finding.symbol
    return [part for part in (f"{finding.file}{line}" if finding.file else "", symbol) if part]


def vacuous_of(result: EntryResult) -> list[tuple[Verdict, ConstraintVerdict]]:
    """Return the constraints that no value of their metric could violate."""
    return [(verdict, item) for verdict in result.judgement.verdicts for item in verdict.constraints if item.vacuous]


def held_unexpectedly(result: EntryResult, verdict: Verdict) -> bool:
    """Whether this expectation holds although the entry expects it to fail."""
    expected = result.entry.expected_failure
    if expected is None or result.judgement.outcome is not Outcome.XPASSED or verdict.state is not State.HELD:
        return False
    return not expected.metrics or verdict.metric in expected.metrics


def counts(run: Run) -> str:
    """Return the number of entries, and of each outcome, the most urgent first: ``12 (2 failed, 10 passed)``."""
    outcomes = run.coverage.outcomes
    parts = [f"{outcomes[outcome.value]} {outcome.value}" for outcome in PRESENTATIONS if outcomes.get(outcome.value)]
    return f"{run.coverage.total}" + (f" ({', '.join(parts)})" if parts else "")


def decision_line(run: Run) -> str:
    """Return the decision with its coverage: ``PASS (43 of 45 judged; 1 skipped, 1 waived)``."""
    return visible(f"{run.decision.value} ({run.coverage})")


def seconds_text(seconds: float) -> str:
    """Return a duration: ``0.04 s``, ``12.3 s``, ``3 min 20 s``, ``2 h 5 min``."""
    if seconds < 60:
        return f"{seconds:.3g} s" if seconds >= 0.01 else "<0.01 s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def accepted_from(run: Run) -> list[str]:
    """Return the ids of the runs that the baseline's entries were accepted from, sorted."""
    return [] if run.baseline is None else sorted({entry.run for entry in run.baseline.entries.values()})


def duration_of(run: Run) -> str:
    """Return how long the run took, or '' when its times cannot be read, or it did not come to its end."""
    if run.ending != "whole":
        return ""
    try:
        return seconds_text(
            (datetime.fromisoformat(run.finished) - datetime.fromisoformat(run.started)).total_seconds()
        )
    except (ValueError, TypeError):
        return ""


def _violated(item: ConstraintVerdict) -> bool:
    return item.state is State.VIOLATED


def _worst(verdict: Verdict) -> ConstraintVerdict:
    """Return the constraint to show for an expectation: a violation before what is unknown, then by margin."""
    infinity = float("inf")
    return min(verdict.constraints, key=lambda c: (_STATES.index(c.state), infinity if c.margin is None else c.margin))


def _phrase(verdict: Verdict, evidence: Evidence | None) -> str:
    if not verdict.constraints:
        return f"{verdict.metric} {show(verdict.observed)} ({verdict.state.value})"
    worst = _worst(verdict)
    seen = observed_of(verdict, worst, evidence)
    observed, limit = show_pair(seen, worst.limit)
    name, count = _named(verdict, worst, evidence)
    plain = seen is not None and observed == limit and worst.state is State.HELD
    remarks = _remarks(worst, limit, plain) + ([f"worst of {count}: {worst.at}"] if count > 1 else [])
    members = members_of(verdict, worst, evidence)
    value = "" if seen is None else f" {observed}{'' if members is None else f' {show(members)}'}"
    return f"{name}{value}" + (f" ({', '.join(remarks)})" if remarks else "")


def _remarks(worst: ConstraintVerdict, limit: str, plain: bool) -> list[str]:
    written = "" if worst.written is None else cut(flow(worst.written), BRIEF)
    demanded = ["worst"] if worst.demanded_by == "worst" else []
    bound = " ".join([*demanded, *worst.nesting, worst.name, limit if worst.limit is not None else written]).rstrip()
    remarks = []
    if worst.state is State.UNKNOWN:
        remarks.append(f"unknown: {verdict_text(worst)}" if worst.cause is not None else f"unknown {bound}")
    elif worst.state is not State.HELD:
        remarks.append(f"{worst.state.value} {bound}")
    elif not plain:
        remarks.append(bound)
    if worst.margin is not None and not plain:
        remarks.append(f"margin {margin_text(worst.margin)}")
    return [*remarks, "vacuous"] if worst.vacuous else remarks
