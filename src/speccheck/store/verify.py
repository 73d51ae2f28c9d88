"""A record is checked when it is read: what speccheck wrote follows from itself, and what was edited does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath, PureWindowsPath

from speccheck.judge.decision import coverage, decide
from speccheck.model.metrics import pattern_parts
from speccheck.model.paths import PathError
from speccheck.model.run import EntryResult, Run
from speccheck.model.verdict import Outcome, State
from speccheck.store.verify_verdicts import wrong_verdicts


def contradiction(run: Run) -> str:
    """Return what in the record does not follow from the rest of it, or ''."""
    return next(_contradictions(run), "")


def _contradictions(run: Run) -> Iterator[str]:
    yield from _ids(run)
    yield from _measurements(run)
    for result in run.entries:
        yield from _entry(run, result)
    yield from _decision(run)
    for name, check in run.checks.items():
        for pattern in check.metrics:
            try:
                pattern_parts(pattern)
            except PathError as error:
                yield f"check {name!r} declares the metric {pattern!r}: {error}"


def _ids(run: Run) -> Iterator[str]:
    seen: set[str] = set()
    for result in run.entries:
        if result.entry.id in seen:
            yield f"entry {result.entry.id!r} is there twice"
        seen.add(result.entry.id)


def _measurements(run: Run) -> Iterator[str]:
    for digest, measured in run.measurements.items():
        measurement = measured.measurement
        if measurement.digest() != digest and not (measurement.masked and run.redacted):
            yield f"measurement {digest[:12]} of {measurement.check} is not what its digest says"
        if measured.evidence is not None and measured.evidence.artifacts:
            for name, artifact in measured.evidence.artifacts.items():
                if not _stays_inside(artifact.path):
                    place = f"artifact {name!r} of measurement {digest[:12]}"
                    yield f"{place} is outside the run's folder: {artifact.path!r}"


def _stays_inside(path: str) -> bool:
    """Return whether a path of a record leads into the run's folder, on every system."""
    if not path or "\x00" in path:
        return False
    kinds = (PurePosixPath(path), PureWindowsPath(path))
    return not any(one.anchor or one.drive or ".." in one.parts for one in kinds)


def _entry(run: Run, result: EntryResult) -> Iterator[str]:
    entry, judgement, name = result.entry, result.judgement, f"entry {result.entry.id!r}"
    outcome = judgement.outcome
    if result.measured is not None:
        measured = run.measurements.get(result.measured)
        if measured is None:
            yield f"{name} names a measurement that is not there: {result.measured[:80]!r}"
        elif measured.measurement != entry.measurement and measured.measurement.digest() != entry.measurement.digest():
            yield f"{name} is not of the measurement that it names"
    elif outcome.judged or outcome is Outcome.MEASURED:
        yield f"{name} is {outcome.value}, and was not measured"
    if outcome is Outcome.PASSED or outcome in _SOFTENED:
        yield from (f"{name} is {outcome.value}, but {why}" for why in _against(result))
    yield from (f"{name} is {outcome.value}, but {why}" for why in _not_judged(result))
    yield from (f"{name}: {why}" for why in wrong_verdicts(run, result))


def _not_judged(result: EntryResult) -> Iterator[str]:
    """Yield what speaks against an outcome of an entry that was not judged."""
    outcome = result.judgement.outcome
    if outcome is Outcome.MEASURED and (not result.entry.observe or result.judgement.verdicts):
        yield "it was not to be observed alone"
    if outcome is Outcome.SKIPPED and (result.measured is not None or result.judgement.verdicts):
        yield "it was measured"


_SOFTENED = frozenset({Outcome.WARNED, Outcome.XFAILED, Outcome.WAIVED})


def _against(result: EntryResult) -> Iterator[str]:
    """Yield what speaks against an outcome that does not fail a run."""
    entry, judgement = result.entry, result.judgement
    if len(judgement.verdicts) < len(entry.expect):
        yield f"has {len(judgement.verdicts)} verdicts on {len(entry.expect)} expectations"
    allowed = (State.HELD,) if judgement.outcome is Outcome.PASSED else (State.HELD, State.VIOLATED, State.INCONCLUSIVE)
    for verdict in judgement.verdicts:
        for state in (verdict.state, *(constraint.state for constraint in verdict.constraints)):
            if state not in allowed:
                yield f"{verdict.metric} is {state.value}"
    hard = [one for verdict in judgement.verdicts for one in verdict.constraints if one.severity == "fail"]
    if judgement.outcome is Outcome.WARNED and any(one.state is not State.HELD for one in hard):
        yield "what does not hold is no warning"
    if judgement.outcome is Outcome.WAIVED and entry.waiver is None:
        yield "has no waiver"
    if judgement.outcome is Outcome.XFAILED and entry.expected_failure is None:
        yield "has no expected failure"


def _decision(run: Run) -> Iterator[str]:
    outcomes = [result.judgement.outcome for result in run.entries]
    decision = decide(outcomes, interrupted=run.partial, fail_on=run.fail_on)
    if decision is not run.decision:
        yield f"the decision is {run.decision.value}, and {decision.value} follows from the entries"
    found = coverage(outcomes)
    if found != run.coverage:
        yield f"the coverage is {run.coverage}, and {found} follows from the entries"
