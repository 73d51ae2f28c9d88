"""A time limit for code that runs in this process."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

AGAIN = 0.5
"""Seconds after which code that swallowed the interruption is interrupted again."""


class DeadlineExceeded(BaseException):
    """The time is over. Not an Exception, so that a broad ``except`` in audited code does not swallow it."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Raise DeadlineExceeded inside when it takes longer than ``seconds`` of wall time, at the latest at its end.

    Python code is interrupted at the next instruction, a long call into native code only when it returns. Code that
    swallows the interruption or disarms the timer is late all the same: the clock is read at the end. Without interval
    timers (on Windows, or in a thread other than the main one) a limit is an error.
    """
    if seconds is None:
        yield
        return
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        raise RuntimeError("a timeout needs the main thread of a POSIX system")
    running = True

    def on_alarm(signum: int, frame: FrameType | None) -> None:
        if running:
            raise DeadlineExceeded

    previous = signal.signal(signal.SIGALRM, on_alarm)
    started = time.monotonic()
    signal.setitimer(signal.ITIMER_REAL, seconds, AGAIN)
    try:
        yield
    except Exception as error:
        running = False
        if time.monotonic() - started >= seconds:  # the interruption may have become this error
            raise DeadlineExceeded from error
        raise
    finally:
        running = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    if time.monotonic() - started >= seconds:
        raise DeadlineExceeded
