"""Commands, run to their end or their time limit together with all processes that they start."""

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
"""Seconds between two calls of ``watch``; a reader cannot follow lines that come faster."""


@dataclass(frozen=True)
class Finished:
    """The end of a command: its exit code (negative: the signal that ended it), None if it ran out of time."""

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

    Output goes to the two files, so that a background process that keeps them open delays nothing. ``python`` is
    ``sys.executable``. After ``timeout`` seconds the process group gets SIGTERM, and ``grace`` seconds later SIGKILL.
    ``watch`` is called every second while the command runs. MeasurementError when the command cannot be started.
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
    finally:  # also after an interrupt: nothing keeps running
        if process.poll() is None:
            _stop(process, grace)


def _exit_code(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    """The exit code as soon as the process ends, None if it still runs after so many seconds."""
    if hasattr(os, "pidfd_open"):  # the exit ends the wait; `Popen.wait` polls and notices it up to 50 ms later
        with contextlib.suppress(OSError):  # an old kernel lacks it, and a container may forbid it
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
    """Ask the process group to stop, then kill the rest of it."""
    _signal(process, "SIGTERM")
    try:
        # Not `wait`: until the leader is reaped, no other group can get its number.
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
