"""The template's own side: it waits for orders and for the end of workers, and runs no audited code."""

from __future__ import annotations

import contextlib
import importlib
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import msgspec

from speccheck.executors.channel import Channel, ClosedError
from speccheck.executors.messages import FAILED, Ended, Forked, Order, Preload, Report

_SUBREAPER = 36
"""``PR_SET_CHILD_SUBREAPER`` of prctl(2): orphans of the workers become children of the template."""

_DEATH_SIGNAL = 1
"""``PR_SET_PDEATHSIG`` of prctl(2): the signal that a process gets when its parent ends."""

_EXIT = os._exit
"""Audited code may put something else in its place."""

_ORDERS = msgspec.json.Decoder(Order)

WorkerMain = Callable[[socket.socket, int], None]
"""Serves as a worker: gets its socket, and the descriptor of the file for its output."""


@contextlib.contextmanager
def leaving() -> Iterator[None]:
    """End the process at the end of the block, whatever happens in it."""
    status = FAILED
    try:
        yield
        status = 0
    finally:
        _EXIT(status)


class Forking:
    """Forks workers on order, reports their ends, and kills what they leave behind."""

    def __init__(self, channel: Channel, serve: WorkerMain) -> None:
        self._channel = channel
        self._serve = serve
        self._workers: set[int] = set()

    def run(self) -> None:
        """Serve until the main process closes the channel or ends."""
        os.setsid()  # an interrupt from the terminal is for the main process alone
        _alone(self._channel.fileno())
        _adopt_orphans()
        woken, wake = os.pipe()
        os.set_blocking(wake, False)
        os.set_blocking(woken, False)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        try:
            while True:
                ready, _, _ = select.select([self._channel.fileno(), woken], [], [])
                if woken in ready:
                    with contextlib.suppress(BlockingIOError):
                        os.read(woken, 1 << 12)
                    self._reap()
                if self._channel.fileno() in ready:
                    self._obey()
        except ClosedError:
            self._end_all()

    def _obey(self) -> None:
        message, descriptors = self._channel.receive_descriptors(2)
        order = _ORDERS.decode(message)
        if isinstance(order, Preload):
            for name in order.modules:
                # A worker that needs it reports the error, as that of the entry.
                with contextlib.suppress(ImportError):
                    importlib.import_module(name)
            return
        parent = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            self._report(Forked(0, f"a worker cannot be started: {error.strerror}"))
        else:
            if pid == 0:
                self._become_worker(parent, *descriptors)
            self._workers.add(pid)
            self._report(Forked(pid))
        for descriptor in descriptors:
            os.close(descriptor)

    def _become_worker(self, parent: int, end: int, output: int) -> NoReturn:
        with leaving():
            os.setsid()
            _end_with_parent(parent)
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _alone(end, output)
            last = os.dup(output)  # what serves may have closed its own
            try:
                self._serve(socket.socket(fileno=end), output)
            except BaseException:
                os.write(last, traceback.format_exc().encode("utf-8", "backslashreplace"))
                raise
        raise AssertionError("the process has ended")

    def _reap(self) -> None:
        """Report the workers that have ended, and kill what they left behind."""
        for pid in sorted(self._workers):
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
                continue
            # Until the leader is reaped, no other group can get its number.
            kill_group(pid)
            _, status = os.waitpid(pid, 0)
            self._workers.discard(pid)
            self._kill_orphans()
            self._report(Ended(pid, status))
        with contextlib.suppress(ChildProcessError):
            while not self._workers and os.waitpid(-1, os.WNOHANG)[0]:
                pass

    def _kill_orphans(self) -> None:
        """End the children that are no workers, then their children, which are orphans now, and so on."""
        while orphans := _children(os.getpid()) - self._workers:
            for pid in orphans:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in orphans:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, 0)

    def _end_all(self) -> None:
        for pid in sorted(self._workers):
            kill_group(pid)
            os.waitpid(pid, 0)
        self._workers.clear()
        self._kill_orphans()

    def _report(self, report: Report) -> None:
        self._channel.send(msgspec.json.encode(report))


def kill_group(pid: int) -> None:
    """Kill a process group; one that is gone needs no signal."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def _alone(*kept: int) -> None:
    """Give up what the process inherited: descriptors but these, standard input and output, handlers of signals."""
    null = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(null, standard)
    for descriptor in _descriptors() - {0, 1, 2, *kept}:
        with contextlib.suppress(OSError):
            os.close(descriptor)
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL if name != "SIGINT" else signal.default_int_handler)


def _descriptors() -> set[int]:
    return {int(path.name) for path in Path("/proc/self/fd").iterdir()}


def _adopt_orphans() -> None:
    """Become the parent of the orphans that workers leave, as Linux allows."""
    _control(_SUBREAPER, 1)


def _end_with_parent(parent: int) -> None:
    """Have this process killed when its parent ends, which nothing else could do then."""
    _control(_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != parent:  # it has ended already
        _EXIT(FAILED)


def _control(option: int, value: int) -> None:
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


def _children(parent: int) -> set[int]:
    """Return the children of a process, from /proc."""
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            # The name of the command, in parentheses, may hold anything.
            fields = path.read_bytes().rpartition(b")")[2].split()
            if int(fields[1]) == parent:
                found.add(int(path.parent.name))
    return found
