"""The sentences about what audited code changed that outlives its entry."""

from __future__ import annotations

from collections.abc import Sequence

from speccheck.model.formatting import counted

_SHOWN = 6


def changed_in_place(paths: Sequence[str], *, building: bool) -> str:
    """Return the sentence for a shared subject that an entry changed in place."""
    what = "building another subject" if building else "the measurement"
    return f"{what} changed it in place: {_listed(paths)}; later entries get a new instance"


def changed_before() -> str:
    """Return the sentence for a subject that an earlier entry changed, and of which there is no new instance."""
    return (
        "an earlier entry changed it in place, and building it again gave the same object: what was measured depends "
        "on the entries before"
    )


def state_lost(names: Sequence[str]) -> str:
    """Return the sentence for state of the process that an entry changed for good."""
    return f"the measurement changed state of the process that cannot be restored: {_listed(names)}"


def replaced(names: Sequence[str]) -> str:
    """Return the sentence for names of the interpreter or of speccheck that audited code bound to something else."""
    return f"audited code replaced {_listed(names)}, on which measuring relies"


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(name or "the whole" for name in names[:_SHOWN])
    return f"{shown} and {counted(len(names) - _SHOWN, 'more', 'more')}" if len(names) > _SHOWN else shown
