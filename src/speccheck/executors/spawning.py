"""Workers in interpreters of their own, where ``fork`` is not safe: slower to start, and without a template."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence

import msgspec

from speccheck.executors.forking import kill_group
from speccheck.executors.messages import Setup
from speccheck.sdk.executing import Job

_PROGRAM = """
import json, sys
sys.path[:] = json.loads(sys.argv[3])
from speccheck.executors.worker import spawned
spawned(int(sys.argv[1]), int(sys.argv[2]))
"""
"""Modules are found where the main process finds them."""

_LAST = 5.0
"""Seconds in which a killed worker must end."""


class Spawning:
    """The parent of spawned workers: the main process itself. It learns of their end when it looks."""

    def __init__(self, job: Job) -> None:
        self.ended: dict[int, int] = {}
        spec = job.spec
        setup = Setup(spec.code, spec.folder, spec.seed, spec.redact, str(job.run.path), job.since, tuple(sys.argv))
        self.greeting = msgspec.json.encode(setup)
        self._running: set[int] = set()
        # Nothing is ever written into it: this parent has no message.
        self._silent, self._end = os.pipe()

    def fork(self, end: socket.socket, output: int) -> int:
        """Start a worker with this socket and file, and return its process id."""
        path = json.dumps(sys.path)
        command = [sys.executable, "-P", "-c", _PROGRAM, str(end.fileno()), str(output), path]
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=(end.fileno(), output),
            start_new_session=True,
        )
        process.returncode = 0  # its end is awaited here
        self._running.add(process.pid)
        self.ended.pop(process.pid, None)  # of an earlier process with this number
        return process.pid

    def preload(self, modules: Sequence[str]) -> None:
        """Do nothing: no process has anything imported for another."""

    def notice(self) -> None:
        """Take note of the workers that have ended, and kill what they left in their groups."""
        for pid in sorted(self._running):
            status = _ended(pid)
            if status is not None:
                self.ended[pid] = status
                self._running.discard(pid)

    def lives(self) -> bool:
        """Return whether the parent has not ended."""
        self.notice()
        return True

    def fileno(self) -> int:
        """Return a descriptor to wait on."""
        return self._silent

    def kill(self, pid: int) -> None:
        """Kill a worker, with its process group, unless it has ended: its number may be that of another process now."""
        if pid in self.ended:
            return
        kill_group(pid)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End all workers."""
        until = time.monotonic() + _LAST
        while self._running and time.monotonic() < until:
            for pid in self._running:
                self.kill(pid)
            self.notice()
            time.sleep(0.001)
        os.close(self._silent)
        os.close(self._end)


def _ended(pid: int) -> int | None:
    """Return how a worker has ended, after the end of its process group; None if it has not."""
    if hasattr(os, "waitid"):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        # Until the leader is reaped, no other group can get its number.
        kill_group(pid)
        return os.waitpid(pid, 0)[1]
    found, status = os.waitpid(pid, os.WNOHANG)  # macOS before Python 3.13
    if not found:
        return None
    kill_group(pid)
    return status
