"""Exit codes of every command."""

from __future__ import annotations

from enum import IntEnum

from speccheck.model.verdict import Decision


class ExitCode(IntEnum):
    """The exit code of the process."""

    PASS = 0
    FAIL = 1
    INVALID = 2
    ERROR = 3
    NOTHING_JUDGED = 4
    INTERRUPTED = 130


def of_decision(decision: Decision, *, interrupted: bool = False) -> ExitCode:
    """Return the exit code of a run's decision."""
    if interrupted:
        return ExitCode.INTERRUPTED
    return {
        Decision.PASS: ExitCode.PASS,
        Decision.FAIL: ExitCode.FAIL,
        Decision.ERROR: ExitCode.ERROR,
        Decision.NOTHING_JUDGED: ExitCode.NOTHING_JUDGED,
    }[decision]
