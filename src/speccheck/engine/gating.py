"""Gating: entries that are skipped or blocked before anything is measured."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from speccheck.loading.references import expand
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Entry, Requires
from speccheck.model.verdict import Judgement, Outcome

UNMET = frozenset({CauseKind.PACKAGE_ABSENT, CauseKind.FILE_ABSENT, CauseKind.DEVICE_ABSENT})
"""The causes of a requirement that is not met."""


def gate(
    entry: Entry, outcomes: Mapping[str, Outcome], *, stopped: bool = False, unmet: Cause | None = None
) -> Judgement | None:
    """Return the judgement of an entry that is not measured, or None for one that is.

    ``outcomes`` are those of the entries before it, ``unmet`` is the requirement that is not met, ``stopped`` states
    that an earlier failure ended the run (``-x``). Skipped comes before blocked.
    """
    if entry.skip is not None:
        return _skipped(Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": entry.skip}))
    if unmet is not None:
        return _skipped(unmet)
    for need in entry.needs:
        if outcomes.get(need) == Outcome.SKIPPED:
            return _skipped(Cause(CauseKind.NEED_SKIPPED, {"entry": need}))
    if stopped:
        return _skipped(Cause(CauseKind.STOPPED_EARLY))
    for need in entry.needs:
        outcome = outcomes.get(need)
        if outcome is None:
            return Judgement(Outcome.BLOCKED, Cause(CauseKind.NEED_NOT_IN_RUN, {"entry": need}))
        if not outcome.unblocks:
            fields = {"entry": need, "outcome": outcome.value}
            return Judgement(Outcome.BLOCKED, Cause(CauseKind.NEED_NOT_MET, fields))
    return None


def _skipped(cause: Cause) -> Judgement:
    return Judgement(Outcome.SKIPPED, cause)


def in_time(measured: Measured, timeout: float | None) -> Measured:
    """Return the measurement as an entry with this timeout gets it: evidence that took longer is a failure.

    Entries share evidence but have timeouts of their own, and the order in which they run must not decide.
    """
    if timeout is None or measured.evidence is None or measured.seconds <= timeout:
        return measured
    message = f"took {measured.seconds:g} s, longer than its timeout of {timeout:g} s"
    return Measured(measured.measurement, None, Failure("timeout", message), measured.seconds)


def unmet(requires: Requires | None, folder: Path, environ: Mapping[str, str]) -> Cause | None:
    """Return the first requirement that is not met, or None."""
    if requires is None:
        return None
    for package in requires.packages:
        if not _importable(package):
            return Cause(CauseKind.PACKAGE_ABSENT, {"package": package})
    for file in requires.files:
        if not (folder / expand(file, folder, environ)).exists():
            return Cause(CauseKind.FILE_ABSENT, {"file": file})
    if requires.device not in ("", "cpu") and not _device(requires.device):
        return Cause(CauseKind.DEVICE_ABSENT, {"device": requires.device})
    return None


def _importable(package: str) -> bool:
    if package in sys.modules:
        return True
    try:
        return importlib.util.find_spec(package) is not None
    except ModuleNotFoundError:  # a dotted name whose parent is absent
        return False


def _device(device: str) -> bool:
    if not _importable("torch"):
        return False
    import torch

    kind = device.partition(":")[0]
    if kind == "cuda":
        return bool(torch.cuda.is_available())
    return kind == "mps" and bool(torch.backends.mps.is_available())
