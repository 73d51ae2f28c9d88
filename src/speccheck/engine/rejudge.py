"""Judging a stored run again, under its own spec or an edited one, with nothing imported that either names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from speccheck.engine.gating import STOPPED, gate
from speccheck.engine.plan import ordered
from speccheck.judge import coverage, decide, judge
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.run import EntryResult, Run
from speccheck.model.spec import Entry, Spec
from speccheck.model.values import Json, Value, format_value
from speccheck.model.verdict import Judgement, Outcome
from speccheck.store import BaselineFile


class RunDeclarations:
    """The declarations that a run recorded; implements ``model.declaration.Declarations``."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def check_names(self) -> Sequence[str]:
        """Every check the run used, sorted."""
        return sorted(self._run.checks)

    def check(self, name: str) -> CheckDeclaration | None:
        """The declaration of a check the run used."""
        return self._run.checks.get(name)

    def loader_names(self) -> Sequence[str]:
        """Every loader the run knew, sorted."""
        return sorted(self._run.loaders)

    def loader(self, name: str) -> LoaderDeclaration | None:
        """The declaration of a loader the run knew."""
        return self._run.loaders.get(name)


class Change(msgspec.Struct, frozen=True):
    """A threshold that differs between the run's spec and the one it is judged under now, and what it did."""

    entry: str
    metric: str
    before: str
    after: str
    verdict_before: str
    verdict_after: str
    outcome_before: str
    outcome_after: str


class Rejudged(msgspec.Struct, frozen=True):
    """The run judged again, what changed, and the entries of the run that the spec no longer has."""

    run: Run
    changes: tuple[Change, ...]
    dropped: tuple[str, ...]


def rejudge(run: Run, spec: Spec | None, baseline: BaselineFile, today: date) -> Rejudged:
    """Judge the stored evidence again. Entries are paired by id and need the same measurement digest: an entry of the
    spec that the run did not measure, or measured otherwise, is an error that says so.
    """
    before = {result.entry.id: result for result in run.entries}
    entries = _entries(run, spec)
    outcomes: dict[str, Outcome] = {}
    results: dict[str, EntryResult] = {}
    metrics: dict[str, Mapping[str, Value]] = {}
    for entry in ordered(entries):
        old = before.get(entry.id)
        result = _result(run, entry, old, outcomes, metrics, baseline, today)
        results[entry.id] = result
        outcomes[entry.id] = result.judgement.outcome
    ordered_results = tuple(results[entry.id] for entry in entries)
    all_outcomes = [result.judgement.outcome for result in ordered_results]
    judged = msgspec.structs.replace(
        run,
        title=spec.title if spec else run.title,
        spec=spec.file if spec else run.spec,
        spec_digest=spec.digest if spec else run.spec_digest,
        entries=ordered_results,
        decision=decide(all_outcomes, interrupted=run.interrupted, fail_on=run.fail_on),
        coverage=coverage(all_outcomes),
        baseline=baseline.use(list(results)) if spec and spec.baseline else run.baseline,
        warnings=spec.warnings if spec else run.warnings,
    )
    kept = {entry.id for entry in entries}
    return Rejudged(judged, tuple(_changes(before, ordered_results)), tuple(i for i in before if i not in kept))


def _entries(run: Run, spec: Spec | None) -> tuple[Entry, ...]:
    stored = tuple(result.entry for result in run.entries)
    if spec is None:
        return stored
    if not run.selection:
        return spec.entries
    # A run of selected entries is judged again on its selection; the rest of the spec was never asked for.
    known = {entry.id for entry in stored}
    return tuple(entry for entry in spec.entries if entry.id in known)


def _result(
    run: Run,
    entry: Entry,
    old: EntryResult | None,
    outcomes: Mapping[str, Outcome],
    metrics: dict[str, Mapping[str, Value]],
    baseline: BaselineFile,
    today: date,
) -> EntryResult:
    unmet, stopped = "", False
    if old is not None and old.measured is None and old.judgement.outcome == Outcome.SKIPPED:
        stopped = old.judgement.reason == STOPPED
        unmet = old.judgement.reason if old.entry.skip is None and entry.requires is not None and not stopped else ""
    gated = gate(entry, outcomes, stopped=stopped, unmet=unmet)
    if gated is not None:
        return EntryResult(entry, gated)
    digest = entry.measurement.digest()
    measured = run.measurements.get(digest)
    if measured is None:
        return EntryResult(entry, Judgement(Outcome.ERROR, _why_unmeasured(run, old)))
    if measured.evidence is not None:
        metrics[entry.id] = measured.evidence.metrics
    declaration = run.checks.get(entry.check)
    judgement = judge(
        entry,
        measured.evidence,
        metrics,
        baseline.entry(entry.id, digest, run.id),
        today,
        declaration.metrics if declaration else {},
        measured.failure.message if measured.failure else "",
    )
    return EntryResult(entry, judgement, digest)


def _why_unmeasured(run: Run, old: EntryResult | None) -> str:
    if old is None:
        return f"run {run.id} has no such entry; run the spec to measure it"
    if old.measured is None:
        return f"run {run.id} did not measure it ({old.judgement.reason}); run the spec to measure it"
    return f"run {run.id} measured it otherwise: parameters, seed or subjects differ; run the spec to measure it anew"


def _changes(before: Mapping[str, EntryResult], results: Sequence[EntryResult]) -> list[Change]:
    changes = []
    for result in results:
        old = before.get(result.entry.id)
        if old is None:
            continue
        states = {v.metric: v.state.value for v in result.judgement.verdicts}
        old_states = {v.metric: v.state.value for v in old.judgement.verdicts}
        expect, old_expect = result.entry.expect, old.entry.expect
        for metric in dict.fromkeys([*old_expect, *expect]):
            if _same(expect, old_expect, metric):
                continue
            changes.append(
                Change(
                    entry=result.entry.id,
                    metric=metric,
                    before=format_value(old_expect[metric]) if metric in old_expect else "absent",
                    after=format_value(expect[metric]) if metric in expect else "absent",
                    verdict_before=old_states.get(metric, "not judged"),
                    verdict_after=states.get(metric, "not judged"),
                    outcome_before=old.judgement.outcome.value,
                    outcome_after=result.judgement.outcome.value,
                )
            )
    return changes


def _same(left: Mapping[str, Json], right: Mapping[str, Json], metric: str) -> bool:
    return metric in left and metric in right and repr(left[metric]) == repr(right[metric])
