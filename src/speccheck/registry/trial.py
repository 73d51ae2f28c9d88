"""A trial of a plugin's code in a child process, before it runs in the process that judges.

A plugin that ends the process, or never ends, while it is imported would take the exit code of the audit with it. What
it raises is left to the import that follows.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import signal
import sys
import time
from collections.abc import Callable

PATIENCE = 60.0
"""Seconds that the import of a plugin may take: one that imports a large library from a slow disk takes many."""

_FINE = 86
"""The exit status of a trial that came to its end, unlikely to be anybody else's."""

_EVERY = 0.002


def trial(attempt: Callable[[], object], patience: float = PATIENCE) -> str:
    """Return how the process ended in which ``attempt`` was tried, or '' when it did not end there.

    Without ``fork`` nothing is tried.
    """
    if not hasattr(os, "fork"):
        return ""
    pid = os.fork()
    if pid == 0:
        try:
            faulthandler.disable()
            null = os.open(os.devnull, os.O_RDWR)
            for standard in (0, 1, 2):
                os.dup2(null, standard)
            sys.stdout = sys.stderr = os.fdopen(null, "w")
            with contextlib.suppress(BaseException):
                attempt()
        finally:
            os._exit(_FINE)
    status = None
    try:
        status = _status(pid, time.monotonic() + patience)
    finally:
        if status is None:  # it hangs, or the user has interrupted the command
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    return f"does not end within {patience:g} s" if status is None else _ending(status)


def _status(pid: int, until: float) -> int | None:
    """Return how the process has ended, or None if it has not in time."""
    while time.monotonic() < until:
        found, status = os.waitpid(pid, os.WNOHANG)
        if found:
            return status
        time.sleep(_EVERY)
    return None


def _ending(status: int) -> str:
    code = os.waitstatus_to_exitcode(status)
    if code == _FINE:
        return ""
    return f"is killed by signal {-code}" if code < 0 else f"ends the process, with exit code {code}"
