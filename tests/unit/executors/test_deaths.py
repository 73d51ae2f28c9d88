"""The end of a worker in words, and its output parted from the frames that ``faulthandler`` has written."""

from __future__ import annotations

import signal

import pytest

from speccheck.executors.deaths import ending, parted

FATAL = """\
the last words
Fatal Python error: Segmentation fault

Thread 0x00007f0000000001 (most recent call first):
  File "/lib/threading.py", line 1 in wait

Current thread 0x00007f0000000002 (most recent call first):
  File "/audited/deep.py", line 7 in inner
  File "/audited/code.py", line 3 in outer
  File "{house}/checks/values/equal.py", line 40 in measure
  File "{house}/executors/worker.py", line 60 in _measure
  File "/usr/bin/speccheck", line 8 in <module>

Extension modules: numpy (total: 1)
"""


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (0, "ended itself with exit code 0"),
        (3 << 8, "ended itself with exit code 3"),
        (
            70 << 8,
            "ended itself with exit code 70 (it could not go on: audited code has closed its descriptors, perhaps)",
        ),
        (int(signal.SIGSEGV), "was killed by SIGSEGV"),
        (int(signal.SIGABRT) | 0x80, "was killed by SIGABRT"),
        (int(signal.SIGKILL), "was killed by SIGKILL (out of memory, perhaps)"),
        (40, "was killed by signal 40"),
    ],
)
def test_an_ending_is_named(status: int, words: str) -> None:
    assert ending(status) == words


def test_a_fatal_error_is_parted_from_what_was_printed() -> None:
    import speccheck

    house = str(speccheck.__file__).removesuffix("/__init__.py")
    found = parted(FATAL.replace("{house}", house))
    assert found.printed == "the last words\n"
    assert found.traceback.splitlines() == [
        "Traceback (most recent call last):",
        '  File "/audited/code.py", line 3, in outer',
        '  File "/audited/deep.py", line 7, in inner',
    ]


def test_at_a_timeout_the_last_thread_is_the_main_one() -> None:
    text = FATAL.replace("Fatal Python error: Segmentation fault", "Timeout (0:00:01.500000)!").replace(
        "Current t", "T"
    )
    assert '"/audited/deep.py", line 7, in inner' in parted(text).traceback


@pytest.mark.parametrize("text", ["", "printed\n", "Fatal Python error: and no more", "Timeout (0:00:01)!\nnonsense\n"])
def test_what_is_no_report_gives_no_traceback(text: str) -> None:
    assert parted(text).traceback == ""
