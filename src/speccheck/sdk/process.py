"""Running a command to its end or its time limit, with all the processes that it started."""

from __future__ import annotations

import contextlib
import math
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from speccheck.sdk.errors import MeasurementError

EVERY = 1.0
"""Seconds between two calls of ``watch``: a line more often than that cannot be read."""


@dataclass(frozen=True)
class Finished:
    """What came of a command: its exit code (negative: the signal that ended it), None when it ran out of time."""

    exit_code: int | None


def run(
    command: Sequence[str],
    *,
    folder: Path,
    env: Mapping[str, str],
    text: str,
    timeout: float | None,
    grace: float,
    stdout: Path,
    stderr: Path,
    watch: Callable[[], None] = lambda: None,
) -> Finished:
    """Run ``command`` in ``folder`` with ``env`` added to the environment and ``text`` on its standard input.

    Output goes to the two files, so a background process that keeps them open delays nothing. ``python`` is
    ``sys.executable``. Past ``timeout`` seconds the whole process group is asked to stop, and killed ``grace`` seconds
    later. ``watch`` is called every second while it runs. MeasurementError when the command cannot be started.
    """
    words = [sys.executable if command[0] == "python" else command[0], *command[1:]]
    environment = {**os.environ, **env}
    if not folder.is_dir():
        raise MeasurementError(f"the working folder {folder} does not exist; set cwd to one that does")
    with tempfile.TemporaryFile() as given, stdout.open("wb") as out, stderr.open("wb") as err:
        given.write(text.encode("utf-8"))
        given.seek(0)
        try:
            process = subprocess.Popen(
                words, cwd=folder, env=environment, stdin=given, stdout=out, stderr=err, start_new_session=True
            )
        except OSError as error:
            raise MeasurementError(_not_started(words[0], environment, error)) from error
        return Finished(_wait(process, timeout, grace, watch))


def _wait(
    process: subprocess.Popen[bytes], timeout: float | None, grace: float, watch: Callable[[], None]
) -> int | None:
    until = math.inf if timeout is None else time.monotonic() + timeout
    try:
        while (left := until - time.monotonic()) > EVERY:
            exit_code = _exit_code(process, EVERY)
            if exit_code is not None:
                return exit_code
            watch()
        return _exit_code(process, max(0.0, left))
    finally:  # also when the run is interrupted: nothing is left running
        if process.poll() is None:
            _stop(process, grace)


def _exit_code(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """The exit code as soon as there is one, None when it still runs after so many seconds."""
    if hasattr(os, "pidfd_open"):  # the exit itself ends the sleep; `Popen.wait` would look up to 50 ms after it
        with contextlib.suppress(OSError):  # not on an old kernel, nor where a container forbids it
            descriptor = os.pidfd_open(process.pid)
            try:
                exits = select.poll()
                exits.register(descriptor, select.POLLIN)
                exits.poll(seconds * 1000)
            finally:
                os.close(descriptor)
            seconds = 0.0
    try:
        return process.wait(seconds)
    except subprocess.TimeoutExpired:
        return None


def _stop(process: subprocess.Popen[bytes], grace: float) -> None:
    """Ask the whole group to stop, then kill what is left of it."""
    _signal(process, "SIGTERM")
    try:
        # Not `wait`: while the leader is not reaped, its group's number cannot be given to anyone else.
        _await_exit(process, grace)
    finally:
        _signal(process, "SIGKILL")
        process.wait()


def _await_exit(process: subprocess.Popen[bytes], seconds: float) -> None:
    if not hasattr(os, "waitid"):
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
        return
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
            return
        time.sleep(0.02)


def _signal(process: subprocess.Popen[bytes], name: str) -> None:
    if not hasattr(os, "killpg"):
        process.kill()
        return
    try:
        os.killpg(process.pid, getattr(signal, name))
    except (ProcessLookupError, PermissionError):
        process.kill()


def _not_started(name: str, environment: Mapping[str, str], error: OSError) -> str:
    path = environment.get("PATH", "")
    if os.sep not in name and shutil.which(name, path=path) is None:
        return f"no command {name!r} on PATH ({path}); install it, or give its full path"
    return f"{name!r} cannot be started: {error.strerror or error}; check that the file exists and may be executed"
