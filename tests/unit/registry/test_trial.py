"""A trial tells how a plugin's code ends the process that tries it, and leaves what it raises to the real import."""

from __future__ import annotations

import ctypes
import os
import posix
import sys
import time
from collections.abc import Callable

import pytest

from speccheck.registry.trial import trial


def _raises() -> None:
    raise ValueError


def _prints() -> None:
    print("tried")
    os.write(2, b"tried")


@pytest.mark.parametrize("attempt", [lambda: None, _raises, sys.exit, _prints])
def test_what_comes_back_is_fine_and_unheard(attempt: Callable[[], object], capfd: pytest.CaptureFixture[str]) -> None:
    assert trial(attempt) == ""
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("attempt", "ending"),
    [
        (lambda: os._exit(0), "ends the process, with exit code 0"),
        (lambda: posix._exit(3), "ends the process, with exit code 3"),
        (lambda: ctypes.CDLL(None)._exit(0), "ends the process, with exit code 0"),
        (lambda: os.execv("/bin/true", ["true"]), "ends the process, with exit code 0"),
        (os.abort, "is killed by signal 6"),
    ],
)
def test_an_end_of_the_process_is_told(attempt: Callable[[], object], ending: str) -> None:
    assert trial(attempt) == ending


def test_a_hang_ends_in_time() -> None:
    started = time.monotonic()
    assert trial(lambda: time.sleep(60), patience=0.2) == "does not end within 0.2 s"
    assert time.monotonic() - started < 10
