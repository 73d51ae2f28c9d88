"""Judge a stored run again, under its own spec or an edited one; nothing that either names is imported."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from speccheck.engine.gating import UNMET
from speccheck.engine.loop import Judging, concluded, judged
from speccheck.engine.plan import select
from speccheck.engine.session import code_of
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.spec import Entry, Spec
from speccheck.model.values import Json, format_value, to_wire
from speccheck.store import BaselineFile


class RunDeclarations:
    """The declarations that a run recorded; implements ``model.declaration.Declarations``."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def check_names(self) -> Sequence[str]:
        """Return the checks that the run used, sorted."""
        return sorted(self._run.checks)

    def check(self, name: str) -> CheckDeclaration | None:
        """Return the declaration of a check that the run used."""
        return self._run.checks.get(name)

    def loader_names(self) -> Sequence[str]:
        """Return the loaders that the run knew, sorted."""
        return sorted(self._run.loaders)

    def loader(self, name: str) -> LoaderDeclaration | None:
        """Return the declaration of a loader that the run knew."""
        return self._run.loaders.get(name)


class Change(msgspec.Struct, frozen=True):
    """A threshold that differs between the run's spec and the one it is judged under now, with its effect."""

    entry: str
    metric: str
    before: str
    after: str
    verdict_before: str
    verdict_after: str
    outcome_before: str
    outcome_after: str


class Rejudged(msgspec.Struct, frozen=True):
    """The run judged again, the changes, and the entries of the run that the spec has dropped."""

    run: Run
    changes: tuple[Change, ...]
    dropped: tuple[str, ...]


def rejudge(run: Run, spec: Spec | None, baseline: BaselineFile, today: date) -> Rejudged:
    """Judge the stored evidence again.

    Entries are paired by id and need the same measurement digest: an entry of the spec that the run did not measure,
    or measured otherwise, is an error with that cause.
    """
    # The run's selection is applied again: the user asked for whatever it chooses from this spec.
    entries = select(spec, run.selection) if spec else tuple(result.entry for result in run.entries)
    source = _Stored(run, spec)
    judging = Judging(baseline, run.id, today)
    results = {result.entry.id: result for result, _ in judged(entries, source, judging)}
    in_order = [results[entry.id] for entry in entries]
    dropped = tuple(name for name in source.before if name not in results)
    again = concluded(run, in_order, spec, baseline).stored()
    return Rejudged(again, tuple(_changes(source.before, in_order)), dropped)


def as_far_as_it_got(run: Run) -> Run:
    """Return a run that did not end, or has not yet, judged by its own spec on the day it began; any other as it is."""
    if run.ending == "whole":
        return run
    return rejudge(run, None, BaselineFile.recorded(run.baseline), datetime.fromisoformat(run.started).date()).run


def unconfirmed(run: Run) -> tuple[str, ...]:
    """Return the entries whose judgement does not follow from the evidence beside it, judged on the day of the run.

    None of a run with masked values: it was judged by the true ones.
    """
    if run.redacted and b"***" in msgspec.json.encode(run):
        return ()
    again = rejudge(run, None, BaselineFile.recorded(run.baseline), datetime.fromisoformat(run.started).date()).run
    pairs = zip(run.entries, again.entries, strict=True)
    return tuple(old.entry.id for old, new in pairs if _plain(old) != _plain(new))


def _plain(result: EntryResult) -> bytes:
    """Return the outcome, and what each verdict observed and found: a record of format 1 has no more."""
    verdicts = [(verdict.metric, verdict.state, verdict.observed) for verdict in result.judgement.verdicts]
    return msgspec.json.encode((result.judgement.outcome, verdicts), order="deterministic")


class _Stored:
    """The evidence that a run recorded; a source of the loop."""

    def __init__(self, run: Run, spec: Spec | None) -> None:
        self.run = run
        self.before = {result.entry.id: result for result in run.entries}
        self.moved = spec is not None and code_of(spec) != run.code

    def unmet(self, entry: Entry) -> Cause | None:
        """Return the requirement that the run found not met, as long as the entry still requires the same."""
        old = self.before.get(entry.id)
        if old is None or old.judgement.cause is None or old.judgement.cause.kind not in UNMET:
            return None
        return old.judgement.cause if old.entry.requires == entry.requires else None

    def stops_before(self, entry: Entry) -> bool:
        """Return whether the run stopped before this entry."""
        old = self.before.get(entry.id)
        cause = old.judgement.cause if old is not None else None
        return cause is not None and cause.kind is CauseKind.STOPPED_EARLY

    def evidence(self, entry: Entry) -> tuple[str, Measured] | Cause:
        """Return what the run measured under the entry's id, if it is the same measurement of the same code."""
        old = self.before.get(entry.id)
        digest = _digest(entry, old)
        measured = self.run.measurements.get(digest) if old is not None and old.measured == digest else None
        if measured is None or (self.moved and entry.measurement.subjects):
            return self._why_not(entry, old, digest)
        return digest, measured

    def declaration(self, check: str) -> CheckDeclaration | None:
        """Return the declaration that the run recorded."""
        return self.run.checks.get(check)

    def _why_not(self, entry: Entry, old: EntryResult | None, digest: str) -> Cause:
        if old is None:
            return Cause(CauseKind.RUN_LACKS_ENTRY, {"run": self.run.id, "entry": entry.id})
        if old.measured is None:
            cause = old.judgement.cause
            if cause is not None and cause.kind in (CauseKind.RUN_ENDED_BEFORE, CauseKind.NOT_YET_MEASURED):
                return cause
            return Cause(CauseKind.RUN_DID_NOT_MEASURE, {"run": self.run.id}, cause)
        kind = CauseKind.CODE_MOVED if old.measured == digest else CauseKind.MEASURED_OTHERWISE
        return Cause(kind, {"run": self.run.id})


def _digest(entry: Entry, old: EntryResult | None) -> str:
    """Return the digest of the entry's measurement: as recorded where it is the recorded one, and masked."""
    if old is not None and old.measured is not None and old.entry is entry and entry.measurement.masked:
        return old.measured
    return entry.measurement.digest()


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
    def canonical(tree: Mapping[str, Json]) -> bytes:
        return msgspec.json.encode(to_wire(tree[metric]), order="deterministic")

    return metric in left and metric in right and canonical(left) == canonical(right)
