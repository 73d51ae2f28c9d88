"""Whether an entry runs at all: what is skipped and what is blocked, before anything is measured."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path

from speccheck.loading.references import expand
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Entry, Requires
from speccheck.model.verdict import Judgement, Outcome

_GOOD = (Outcome.PASSED, Outcome.WARNED, Outcome.WAIVED)


STOPPED = "an earlier entry did not pass and the run was told to stop there (-x)"

STOPPING = (Outcome.FAILED, Outcome.ERROR, Outcome.XPASSED, Outcome.BLOCKED)
"""The outcomes at which ``-x`` stops."""

UNMET = "requires "
"""How every reason for an unmet requirement begins."""


def gate(entry: Entry, outcomes: Mapping[str, Outcome], *, stopped: bool = False, unmet: str = "") -> Judgement | None:
    """The judgement of an entry that is not measured, or None for one that is.

    ``outcomes`` are those of the entries before it, ``unmet`` says what its ``requires`` lacks, ``stopped`` that an
    earlier failure ended the run (``-x``). Skipped comes before blocked.
    """
    if entry.skip is not None:
        return Judgement(Outcome.SKIPPED, entry.skip)
    if unmet:
        return Judgement(Outcome.SKIPPED, unmet)
    for need in entry.needs:
        if outcomes.get(need) == Outcome.SKIPPED:
            return Judgement(Outcome.SKIPPED, f"it needs {need}, which was skipped")
    if stopped:
        return Judgement(Outcome.SKIPPED, STOPPED)
    for need in entry.needs:
        outcome = outcomes.get(need)
        if outcome not in _GOOD:
            state = f"is {outcome.value}" if outcome else "is not part of this run"
            return Judgement(Outcome.BLOCKED, f"it needs {need}, which {state}")
    return None


def in_time(measured: Measured, timeout: float | None) -> Measured:
    """The measurement as an entry with this timeout sees it: evidence that took longer is a failure to it.

    Entries share evidence, but not patience, and the order in which they run must not decide between them.
    """
    if timeout is None or measured.evidence is None or measured.seconds <= timeout:
        return measured
    message = f"took {measured.seconds:g} s, longer than its timeout of {timeout:g} s"
    return Measured(measured.measurement, None, Failure("timeout", message), measured.seconds)


def unmet(requires: Requires | None, folder: Path, environ: Mapping[str, str]) -> str:
    """What of ``requires`` is not there, in words; empty when all is."""
    if requires is None:
        return ""
    for package in requires.packages:
        if not _importable(package):
            return f"{UNMET}package {package}, which is not installed"
    for file in requires.files:
        if not (folder / expand(file, folder, environ)).exists():
            return f"{UNMET}file {file}, which does not exist"
    if requires.device not in ("", "cpu") and not _device(requires.device):
        return f"{UNMET}device {requires.device}, which is not available"
    return ""


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
