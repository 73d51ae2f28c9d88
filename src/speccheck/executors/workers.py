"""The main process's side of a worker: asks it for one thing at a time, and names its end when it ends."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Sequence
from typing import IO, Protocol

import msgspec

from speccheck.executors.channel import Channel, ClosedError, OversizedError
from speccheck.executors.deaths import ending, parted
from speccheck.executors.messages import Answer, Begun, Described, Progress, Reply
from speccheck.model.run import Failure
from speccheck.sdk.last_line import LastLine
from speccheck.sdk.tail import tail

EVERY = 0.5
"""Seconds between two looks at the output of a measurement."""

GRACE = 0.5
"""Seconds after the time limit at which a worker is killed that has not yet written where it is."""

PATIENCE = 5.0
"""Seconds that a worker may take to read a request or to end, once one side has closed its channel."""

START = 60.0
"""Seconds that a new worker may take to read its first request."""

OUTPUT = 4 << 30
"""The most bytes that one measurement may print."""

_REPLIES: msgspec.json.Decoder[Reply] = msgspec.json.Decoder(Reply)


class Keeper(Protocol):
    """The parent of workers, which learns of their end; ``greeting`` is the first message to each, if not empty."""

    ended: dict[int, int]
    greeting: bytes

    def fork(self, end: socket.socket, output: int) -> int:
        """Start a worker with this socket and file, and return its process id.

        OSError if that fails, KeeperLostError if the keeper has ended.
        """

    def preload(self, modules: Sequence[str]) -> None:
        """Have these libraries imported before the next worker starts, if that can be; KeeperLostError as above."""

    def lives(self) -> bool:
        """Return whether the keeper has not ended."""

    def close(self) -> None:
        """End all workers, and the keeper."""

    def fileno(self) -> int:
        """A descriptor that is readable when there is something to notice."""

    def notice(self) -> None:
        """Take note of the workers that have ended; KeeperLostError when the keeper itself has."""

    def kill(self, pid: int) -> None:
        """Kill a worker and its process group."""


class KeeperLostError(Exception):
    """The parent of the workers has ended."""


class WorkerLostError(Exception):
    """The worker ended, or was killed, before it answered; ``failure`` is the reason."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


class Worker:
    """A running worker: its process, its channel, and the file to which everything in it prints."""

    def __init__(self, pid: int, channel: Channel, output: IO[bytes], keeper: Keeper) -> None:
        self.pid = pid
        self.busy = False
        self.used = False
        self._channel = channel
        self._output = output
        self._keeper = keeper

    def begins(self, request: bytes, number: int) -> bool:
        """Hand over a request, and return whether the worker has begun with it.

        One that has ended has not, nor one that is held up by what an earlier measurement left running in it. One that
        was stopped is continued.
        """
        until = time.monotonic() + (PATIENCE if self.used else START)
        self.busy = heard = True
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGCONT)
        try:
            self._channel.send(request, patience=PATIENCE)
            while (left := until - time.monotonic()) > 0 and (heard or self.pid not in self._keeper.ended):
                found, heard = self._hear(min(EVERY, left))
                if isinstance(found, Begun) and found.number == number:
                    return True
                if not heard:
                    self._keeper.notice()
        except (KeeperLostError, ClosedError, OversizedError, msgspec.MsgspecError, ValueError, RecursionError):
            return False
        return False

    def answer(self, number: int, timeout: float | None, tell: Callable[[str], None]) -> Answer | Described:
        """Return the reply; WorkerLostError if the worker ends, takes over ``timeout`` seconds, or does not obey.

        KeeperLostError if the parent of the workers ends meanwhile. A reply to another request than number ``number``
        is not this one's: audited code has sent one itself, or the worker one more.
        """
        try:
            reply = self._reply(number, timeout, tell)
        except KeeperLostError:
            self._keeper.kill(self.pid)
            raise
        except OversizedError as error:
            raise self._killed("too large", f"its process sent {error}") from error
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            raise self._killed("died", f"its process sent what is no reply: {error}") from error
        except ClosedError as error:
            raise self._died() from error
        self.busy, self.used = False, True
        return reply

    def _reply(self, number: int, timeout: float | None, tell: Callable[[str], None]) -> Answer | Described:
        until = math.inf if timeout is None else time.monotonic() + timeout
        lines, look = LastLine(), time.monotonic() + EVERY
        while True:
            left = until - time.monotonic()
            if left <= 0:
                self._await_place()
                raise self._killed("timeout", f"took longer than its timeout of {timeout:g} s")
            found, heard = self._hear(min(EVERY, left))
            if isinstance(found, Progress):
                tell(found.text)
            elif isinstance(found, (Answer, Described)) and found.number == number:
                return found
            if self.pid in self._keeper.ended and not heard:
                raise self._died()
            if time.monotonic() >= look:
                self._look(lines, tell)
                self._keeper.notice()
                look = time.monotonic() + EVERY

    def _hear(self, seconds: float) -> tuple[Reply | None, bool]:
        """Wait for a message of the worker or the keeper; return a whole reply, and whether anything came from it."""
        held = self._channel.holds_message()
        watched: list[Channel | Keeper] = [self._channel, self._keeper]
        ready, _, _ = select.select(watched, [], [], 0 if held else seconds)
        heard = held or self._channel in ready
        message = self._channel.receive() if heard else None
        if self._keeper in ready:
            self._keeper.notice()
        return None if message is None else _REPLIES.decode(message), heard

    def _await_place(self) -> None:
        until = time.monotonic() + GRACE
        while time.monotonic() < until and not parted(self._printed()).traceback:
            time.sleep(0.005)

    def _look(self, lines: LastLine, tell: Callable[[str], None]) -> None:
        size = os.fstat(self._output.fileno()).st_size
        if size > OUTPUT:
            raise self._killed("too large", f"printed more than {OUTPUT >> 30} GiB")
        line = lines.of(self._output.fileno())
        if line is not None:
            tell(line)

    def end(self) -> None:
        """Tell the worker to end."""
        self._channel.close()

    def kill(self) -> None:
        """Kill the worker and its process group."""
        self._keeper.kill(self.pid)
        self.gone(PATIENCE)

    def gone(self, seconds: float) -> bool:
        """Wait for the end of the worker, and return whether it came."""
        until = time.monotonic() + seconds
        while self.pid not in self._keeper.ended and (left := until - time.monotonic()) > 0:
            try:
                self._keeper.notice()
            except KeeperLostError:
                return False
            if self.pid not in self._keeper.ended:
                select.select([self._keeper], [], [], min(EVERY, left))
        return self.pid in self._keeper.ended

    def close(self) -> None:
        """Release what this side holds, after the worker's end."""
        with contextlib.suppress(OSError):
            self._channel.close()
        self._output.close()

    def _killed(self, kind: str, message: str) -> WorkerLostError:
        self.kill()
        output = parted(self._printed())
        return WorkerLostError(Failure(kind, message, output.traceback, log=output.printed))

    def _died(self) -> WorkerLostError:
        """Return the failure of a worker that ended, or closed its channel, which ends it now.

        KeeperLostError if the parent of the workers has ended, and the worker with it.
        """
        if not self.gone(1.0):
            self._keeper.notice()
            return self._killed("died", "its process closed the channel to speccheck; audited code closed descriptors")
        output = parted(self._printed())
        message = f"its process {ending(self._keeper.ended[self.pid])} while it measured"
        return WorkerLostError(Failure("died", message, output.traceback, log=output.printed))

    def _printed(self) -> str:
        end = tail(self._output)
        return f"{end.remark}\n{end.text}" if end.remark else end.text
