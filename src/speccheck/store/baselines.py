"""Baselines: reading them for the judge, and accepting metrics from a run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from speccheck.model.baseline import AcceptedEntry, Baseline, BaselineEntry, accepted_metrics
from speccheck.model.run import BaselineUse, EntryResult, Run
from speccheck.model.verdict import Outcome, State
from speccheck.store.runs import StoreError, write_atomic


class BaselineFile(msgspec.Struct, frozen=True):
    """A baseline as a run sees it: its entries, or the reason why there are none."""

    path: str
    baseline: Baseline | None
    sha256: str = ""
    reason: str = ""

    def entry(self, entry_id: str, digest: str, run_id: str) -> BaselineEntry:
        """What the judge sees for one entry; never a value measured by another measurement, or by this very run."""
        if self.baseline is None:
            return BaselineEntry(reason=self.reason)
        found = self.baseline.entries.get(entry_id)
        if found is None:
            return BaselineEntry(reason=f"baseline {self.path} has no entry {entry_id}")
        if found.run == run_id:
            return BaselineEntry(reason=f"baseline {self.path} was accepted from this very run, which proves nothing")
        if found.measurement != digest:
            return BaselineEntry(
                reason=f"baseline {self.path} measured {entry_id} otherwise: check version, parameters, seed or "
                "subjects have changed since; accept it anew"
            )
        return BaselineEntry(metrics=found.values())

    def use(self, ids: Sequence[str]) -> BaselineUse:
        """What the run's record keeps of it: the entries of these ids."""
        known = self.baseline.entries if self.baseline else {}
        return BaselineUse(self.path, self.sha256, {i: known[i] for i in sorted(ids) if i in known}, self.reason)

    @classmethod
    def recorded(cls, use: BaselineUse | None) -> BaselineFile:
        """The baseline as a run recorded it."""
        if use is None:
            return NO_BASELINE
        return cls(use.path, None if use.reason else Baseline(1, use.entries), use.sha256, use.reason)


NO_BASELINE = BaselineFile("", None, reason="the spec names no baseline")


def load_baseline(path: str | None, folder: Path) -> BaselineFile:
    """The baseline a spec names, relative to its folder. A missing file is a reason, not an error: every gate on it is
    unknown. StoreError (SC802) for a file that is there and is no baseline.
    """
    if path is None:
        return NO_BASELINE
    file = folder / path
    path = Path(os.path.relpath(file, folder)).as_posix()  # as a record of any machine names it
    try:
        data = file.read_bytes()
    except FileNotFoundError:
        return BaselineFile(path, None, reason=f"baseline file {path} does not exist")
    except OSError as error:
        raise StoreError(f"cannot read baseline {file}: {error.strerror}", "SC802") from error
    try:
        baseline = Baseline.from_bytes(data)
    except ValueError as error:
        raise StoreError(
            f"{file} is not a baseline: {error}", "SC802", "write one with: speccheck baseline accept RUN"
        ) from error
    return BaselineFile(path, baseline, hashlib.sha256(data).hexdigest())


class Acceptance(msgspec.Struct, frozen=True):
    """What accepting a run did: the entries taken, and those left with the reason."""

    taken: tuple[str, ...]
    left: dict[str, str]


def accept(run: Run, file: Path, *, owner: str, reason: str, now: datetime, partial: bool, dirty: bool) -> Acceptance:
    """Merge into the baseline file what the run measured in entries that passed or lack only a baseline.

    StoreError (SC804) for a run of selected entries unless ``partial``, for a run of a tree with uncommitted changes
    unless ``dirty``, for an interrupted run, and when there is nothing to take.
    """
    _refuse(run, partial=partial, dirty=dirty)
    accepted, left = {}, {}
    for result in run.entries:
        why_not = _unacceptable(result)
        measured = run.measurements.get(result.measured or "")
        if why_not or measured is None or measured.evidence is None:
            left[result.entry.id] = why_not or "not measured"
            continue
        accepted[result.entry.id] = AcceptedEntry(
            measurement=result.measured or "",
            metrics=accepted_metrics(measured.evidence.metrics),
            run=run.id,
            owner=owner,
            reason=reason,
            accepted=f"{now:%Y-%m-%d}",
        )
    if not accepted:
        raise StoreError(f"run {run.id} has no entry that passed or lacks only a baseline", "SC804")
    existing = load_baseline(file.name, file.parent).baseline
    merged = {**(existing.entries if existing else {}), **accepted}
    file.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(file, Baseline(1, dict(sorted(merged.items()))).to_bytes())
    return Acceptance(tuple(accepted), left)


def _refuse(run: Run, *, partial: bool, dirty: bool) -> None:
    if run.interrupted:
        raise StoreError(f"run {run.id} was interrupted", "SC804", "let a run finish and accept that")
    if run.selection and not partial:
        chosen = ", ".join(run.selection)
        raise StoreError(f"run {run.id} measured only a selection ({chosen})", "SC804", "say --partial to accept it")
    git = run.environment.get("git")
    if isinstance(git, dict) and git.get("dirty") and not dirty:
        changed = ", ".join(sorted(git.get("changed", {}))[:5])
        raise StoreError(
            f"run {run.id} was made with uncommitted changes ({changed})", "SC804", "say --dirty to accept"
        )


def _unacceptable(result: EntryResult) -> str:
    """Why an entry's metrics are not taken: it neither passed nor lacks only a baseline. Empty when they are."""
    outcome = result.judgement.outcome
    if outcome in (Outcome.PASSED, Outcome.MEASURED, Outcome.XFAILED):
        return ""
    constraints = [c for verdict in result.judgement.verdicts for c in verdict.constraints if c.state != State.HELD]
    if constraints and all(c.state == State.UNKNOWN and "baseline" in c.constraint for c in constraints):
        return ""
    return f"{outcome.value}: {result.judgement.reason}"
