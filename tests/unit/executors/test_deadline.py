"""A time limit interrupts Python code and leaves no alarm behind."""

from __future__ import annotations

import signal
import threading
import time

import pytest

from speccheck.executors.deadline import DeadlineExceeded, deadline


def test_code_that_catches_every_exception_is_interrupted_all_the_same() -> None:
    started = time.monotonic()
    with pytest.raises(DeadlineExceeded), deadline(0.05):
        while True:
            try:
                time.sleep(10)
            except Exception:  # noqa: BLE001 - what careless audited code does
                time.sleep(10)
    assert time.monotonic() - started < 5


def test_no_alarm_and_no_handler_stay_behind() -> None:
    handler = signal.getsignal(signal.SIGALRM)
    with deadline(30):
        pass
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
    assert signal.getsignal(signal.SIGALRM) is handler


def test_a_limit_that_cannot_be_kept_is_an_error() -> None:
    caught: list[Exception] = []

    def inside() -> None:
        try:
            with deadline(1):
                pass
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=inside)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])
