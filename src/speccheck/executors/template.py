"""The template: a process that runs no audited code and forks the workers, so that a new one starts in milliseconds.

It is itself forked from the main process, before any thread starts there. It is the parent of the workers: it learns
of their end, kills what they leave behind, and ends with them when the main process ends, however that happens.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import socket
import sys
import time
from collections.abc import Sequence

import msgspec

from speccheck.executors.channel import Channel, ClosedError
from speccheck.executors.forking import Forking, WorkerMain, kill_group, leaving
from speccheck.executors.messages import Ended, Fork, Forked, Preload, Report
from speccheck.executors.workers import KeeperLostError

_MESSAGE = 1 << 16

_PATIENCE = 120.0
"""Seconds in which a worker must be forked; large libraries may be imported before."""

_LAST = 5.0
"""Seconds in which the template must end all workers and itself, before it is killed."""


class Template:
    """The main process's side of a template."""

    def __init__(self, pid: int, channel: Channel) -> None:
        self.pid = pid
        self.channel = channel
        self.ended: dict[int, int] = {}
        self.greeting = b""
        self._replies = msgspec.json.Decoder(Report)

    def fork(self, end: socket.socket, output: int) -> int:
        """Fork a worker with this socket and file, and return its process id.

        OSError if that fails, KeeperLostError if the template has ended.
        """
        try:
            self.channel.send(msgspec.json.encode(Fork()), [end.fileno(), output])
            while True:
                report = self._replies.decode(self.channel.wait(_PATIENCE))
                if isinstance(report, Forked):
                    break
                self.ended[report.pid] = report.status
        except ClosedError as error:
            raise KeeperLostError from error
        if not report.pid:
            raise OSError(report.reason)
        self.ended.pop(report.pid, None)  # of an earlier process with this number
        return report.pid

    def preload(self, modules: Sequence[str]) -> None:
        """Have these libraries imported before the next worker is forked; KeeperLostError if the template has ended."""
        try:
            self.channel.send(msgspec.json.encode(Preload(tuple(modules))))
        except ClosedError as error:
            raise KeeperLostError from error

    def notice(self) -> None:
        """Take note of the workers that have ended; KeeperLostError if the template itself has.

        One that audited code stopped is continued.
        """
        self._continue()
        try:
            while (message := self.channel.receive()) is not None:
                report = self._replies.decode(message)
                if isinstance(report, Ended):
                    self.ended[report.pid] = report.status
        except ClosedError as error:
            raise KeeperLostError from error

    def lives(self) -> bool:
        """Return whether the template has not ended."""
        try:
            self.notice()
        except KeeperLostError:
            return False
        return True

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self.channel.fileno()

    def kill(self, pid: int) -> None:
        """Kill a worker, with its process group, unless it has ended: its number may be that of another process now."""
        if pid in self.ended:
            return
        kill_group(pid)
        with contextlib.suppress(ProcessLookupError):  # it may not lead a group yet
            os.kill(pid, signal.SIGKILL)

    def _continue(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """End the template and all workers."""
        self.channel.close()
        self._continue()
        until = time.monotonic() + _LAST
        with contextlib.suppress(ChildProcessError):
            while not os.waitpid(self.pid, os.WNOHANG)[0]:
                if time.monotonic() > until:  # audited code has stopped it
                    os.kill(self.pid, signal.SIGKILL)
                time.sleep(0.001)


def start(serve: WorkerMain, module: str) -> Template:
    """Fork the template from this process, which must not run other threads. It imports ``module`` for the workers."""
    ours, theirs = socket.socketpair()
    sys.stdout.flush()
    sys.stderr.flush()
    pid = os.fork()
    if pid == 0:
        # Nothing that this process inherited may be run to its end a second time: it leaves by `_exit` only.
        with leaving():
            ours.close()
            importlib.import_module(module)
            Forking(Channel(theirs, _MESSAGE), serve).run()
    theirs.close()
    return Template(pid, Channel(ours, _MESSAGE))
