"""Baselines: read them for the judge, and accept metrics from a run."""

from __future__ import annotations

import errno
import hashlib
import math
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec

from speccheck.model.baseline import AcceptedEntry, Baseline, BaselineEntry, accepted_metrics
from speccheck.model.cause import BASELINE_LACKING, Cause, CauseKind
from speccheck.model.paths import MetricPath, format_path
from speccheck.model.repeated import RepeatedKeyError
from speccheck.model.run import BaselineUse, Run
from speccheck.model.texts import escape_surrogates, map_text
from speccheck.model.values import Masked, Value
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State
from speccheck.store.baseline_files import NO_FILES, SeenFiles, digests, other_files
from speccheck.store.durable import write_atomic
from speccheck.store.errors import CHANGED_BASELINE, StoreError, writing_to

LONGEST_TEXT = 1000
"""The longest text in a baseline, in characters; a longer one is output, such as that of a command."""


class BaselineFile(msgspec.Struct, frozen=True):
    """A baseline as a run sees it: its entries, or the cause of their absence.

    ``others`` are the digests of the files behind entries that are left out.
    """

    path: str
    baseline: Baseline | None
    sha256: str = ""
    cause: Cause | None = None
    others: tuple[str, ...] = ()

    def entry(self, entry_id: str, digest: str, run_id: str, seen: SeenFiles = NO_FILES) -> BaselineEntry:
        """Return what the judge sees for one entry.

        That is never a value of another measurement, of a measurement of other files, or of this very run.
        """
        if self.baseline is None:
            return BaselineEntry(cause=self.cause)
        found = self.baseline.entries.get(entry_id)
        named = {"path": self.path, "entry": entry_id}
        if found is None:
            return BaselineEntry(cause=Cause(CauseKind.BASELINE_LACKS_ENTRY, named))
        if found.run == run_id:
            return BaselineEntry(cause=Cause(CauseKind.BASELINE_FROM_THIS_RUN, {"path": self.path}))
        if found.measurement != digest:
            return BaselineEntry(cause=Cause(CauseKind.BASELINE_MEASURED_OTHERWISE, named))
        if found.edited:
            return BaselineEntry(cause=Cause(CauseKind.BASELINE_EDITED, named))
        if found.files != seen.own:
            known = {*self.others, *digests(self.baseline.entries.values())}
            other = other_files(found, known, seen, named)
            if other is not None:
                return BaselineEntry(cause=other)
        return BaselineEntry(metrics=found.values())

    def use(self, ids: Sequence[str]) -> BaselineUse:
        """Return what the run's record keeps of it: the entries of these ids."""
        known = self.baseline.entries if self.baseline else {}
        kept = {i: known[i] for i in sorted(ids) if i in known}
        others = {*self.others, *digests(known.values())} - digests(kept.values())
        return BaselineUse(self.path, self.sha256, kept, self.cause, tuple(sorted(others)))

    @classmethod
    def recorded(cls, use: BaselineUse | None) -> BaselineFile:
        """Return the baseline as a run recorded it."""
        if use is None:
            return NO_BASELINE
        return cls(use.path, None if use.cause else Baseline(1, use.entries), use.sha256, use.cause, use.others)


NO_BASELINE = BaselineFile("", None, cause=Cause(CauseKind.BASELINE_NOT_NAMED))


def load_baseline(path: str | None, folder: Path) -> BaselineFile:
    """Return the baseline that a spec names, relative to its folder.

    A missing file is a cause, not an error: every gate on it is unknown. A file that is not a baseline is a StoreError
    (SC802).
    """
    if path is None:
        return NO_BASELINE
    file = folder / path
    path = Path(os.path.relpath(file, folder)).as_posix()  # as a record of any machine names it
    try:
        if not (file.is_file() or file.is_dir()) and file.exists():  # a pipe or a device may block, or never end
            raise OSError(errno.EINVAL, "not a regular file")
        data = file.read_bytes()
    except FileNotFoundError:
        return BaselineFile(path, None, cause=Cause(CauseKind.BASELINE_FILE_ABSENT, {"path": path}))
    except (OSError, ValueError) as error:  # a path with U+0000 is a ValueError
        reason = getattr(error, "strerror", None) or str(error)
        raise StoreError(f"cannot read baseline {file}: {reason}", "SC802", "check 'baseline' of the spec") from error
    try:
        baseline = Baseline.from_bytes(data)
    except RepeatedKeyError as error:
        raise StoreError(f"{file}: {error}", *CHANGED_BASELINE) from error
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError(
            f"{file} is not a baseline: {error}", "SC802", "write one with: speccheck baseline accept RUN"
        ) from error
    return BaselineFile(path, baseline, hashlib.sha256(data).hexdigest())


class Acceptance(msgspec.Struct, frozen=True):
    """The result of accepting a run.

    The entries taken, the judgements of those left out, and the metrics of those taken that no gate could use, with the
    reason.
    """

    taken: tuple[str, ...]
    left: dict[str, Judgement]
    omitted: dict[str, dict[str, str]] = {}


def accept(run: Run, file: Path, *, owner: str, reason: str, now: datetime, partial: bool, dirty: bool) -> Acceptance:
    """Merge into the baseline file what the run measured in entries that passed or lack only a baseline.

    A StoreError (SC804) is raised without an owner and a reason, for a run of selected entries unless ``partial``, for
    a run of a tree with uncommitted changes unless ``dirty``, for an interrupted run, and when nothing can be taken.
    """
    owner, reason = escape_surrogates(owner.strip()), escape_surrogates(reason.strip())
    _refuse(run, owner, reason, partial=partial, dirty=dirty)
    accepted: dict[str, AcceptedEntry] = {}
    left: dict[str, Judgement] = {}
    omitted: dict[str, dict[str, str]] = {}
    for result in run.entries:
        name, measured = result.entry.id, run.measurements.get(result.measured or "")
        if measured is None or measured.evidence is None or not _acceptable(result.judgement):
            left[name] = result.judgement
            continue
        metrics, without = usable(measured.evidence.metrics)
        omitted |= {name: without} if without else {}
        stored = map_text(accepted_metrics(metrics), escape_surrogates)
        files = map_text(measured.files, escape_surrogates)
        taken = AcceptedEntry(result.measured or "", stored, run.id, owner, reason, f"{now:%Y-%m-%d}", files=files)
        accepted[name] = taken.sealed()
    if not accepted:
        hint = f"see why: speccheck report {run.id}"
        raise StoreError(f"no entry of run {run.id} passed or lacks only a baseline", "SC804", hint)
    _merge(file, accepted)
    return Acceptance(tuple(accepted), left, omitted)


def _merge(file: Path, accepted: dict[str, AcceptedEntry]) -> None:
    existing = load_baseline(file.name, file.parent).baseline
    merged = {**(existing.entries if existing else {}), **accepted}
    with writing_to(file, "name another place with --file"):
        file.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(file, Baseline(1, dict(sorted(merged.items()))).to_bytes())


def usable(metrics: dict[str, Value]) -> tuple[dict[str, Value], dict[str, str]]:
    """Return the metrics that a later run can be compared with, and the others with the reason.

    NaN and what is masked equal nothing, and long text is output.
    """
    omitted: dict[str, str] = {}
    return {
        name: kept for name, value in metrics.items() if (kept := _kept((name,), value, omitted)) is not _NONE
    }, omitted


_NONE = object()


def _kept(path: MetricPath, value: Value, omitted: dict[str, str]) -> Value:
    if isinstance(value, dict) and value:
        below = {key: kept for key, item in value.items() if (kept := _kept((*path, key), item, omitted)) is not _NONE}
        return below or _NONE
    why = _unusable(value)
    if why:
        omitted[format_path(path)] = why
        return _NONE
    return value


def _unusable(value: Value) -> str:
    """Return why a value cannot be compared with, or ''; one such item makes a whole list unusable."""
    if isinstance(value, Masked):
        return "masked by 'redact'"
    if isinstance(value, float) and math.isnan(value):
        return "NaN"
    if isinstance(value, str) and len(value) > LONGEST_TEXT:
        return f"a text of {len(value)} characters"
    items = value.values() if isinstance(value, dict) else value if isinstance(value, (list, tuple)) else ()
    return next((why for item in items if (why := _unusable(item))), "")


def _refuse(run: Run, owner: str, reason: str, *, partial: bool, dirty: bool) -> None:
    for option, value, what in (("--owner", owner, "who accepts it"), ("--reason", reason, "why")):
        if not value:
            raise StoreError(f"a baseline without {option} cannot be trusted later", "SC804", f"state {what}")
    if run.partial:
        whys = {"cut": "did not end", "running": "is still running", "unkept": "could not be kept"}
        why = whys.get(run.ending, "was interrupted")
        raise StoreError(f"run {run.id} {why}", "SC804", "accept a run that finished")
    if run.selection and not partial:
        chosen = ", ".join(run.selection)
        raise StoreError(f"run {run.id} measured only a selection ({chosen})", "SC804", "accept it with --partial")
    git = run.environment.get("git")
    if isinstance(git, dict) and git.get("dirty") and not dirty:
        changed = ", ".join(sorted(git.get("changed", {}))[:5])
        raise StoreError(
            f"run {run.id} was made with uncommitted changes ({changed})", "SC804", "accept it with --dirty"
        )


def _acceptable(judgement: Judgement) -> bool:
    """Return whether an entry passed, or lacks only a baseline."""
    if judgement.outcome == Outcome.PASSED:
        return True
    constraints = [c for verdict in judgement.verdicts for c in verdict.constraints if c.state != State.HELD]
    return judgement.outcome == Outcome.ERROR and bool(constraints) and all(map(_lacks_baseline, constraints))


def _lacks_baseline(verdict: ConstraintVerdict) -> bool:
    """Return whether the baseline alone makes the verdict unknown: not a metric that is NaN, nor another entry."""
    return verdict.state == State.UNKNOWN and verdict.cause is not None and verdict.cause.kind in BASELINE_LACKING
