"""The end of a worker in words: its exit status, and where it was, from what ``faulthandler`` wrote."""

from __future__ import annotations

import itertools
import os
import re
import signal
from pathlib import Path
from typing import NamedTuple

from speccheck.executors.messages import FAILED
from speccheck.subjects import is_audited_file

_REPORT = re.compile(r"^(?:Fatal Python error: .*|Timeout \(\d+:\d\d:\d\d(?:\.\d+)?\)!)$", re.MULTILINE)
"""The first line of what faulthandler writes: on a fatal signal, or when a time is over."""

_FRAME = re.compile(r'^  File "(?P<file>.*)", line (?P<line>\d+|\?\?\?) in (?P<name>.*)$')

_CURRENT = re.compile(r"^(?:Current thread|Thread) 0x[0-9a-f]+ .*\(most recent call first\):$")

_WORKER = str(Path("speccheck", "executors", "worker.py"))


class Output(NamedTuple):
    """The output of a worker: what the audited code printed, and the frames in which it was, innermost last."""

    printed: str
    traceback: str


def ending(status: int) -> str:
    """Return how a process ended, from its wait status, such as ``was killed by SIGSEGV``."""
    if not os.WIFSIGNALED(status):
        code = os.waitstatus_to_exitcode(status)
        why = " (it could not go on: audited code has closed its descriptors, perhaps)" if code == FAILED else ""
        return f"ended itself with exit code {code}{why}"
    number = os.WTERMSIG(status)
    try:
        name = signal.Signals(number).name
    except ValueError:  # a real-time signal
        name = f"signal {number}"
    return f"was killed by {name}" + (" (out of memory, perhaps)" if number == signal.SIGKILL else "")


def parted(text: str) -> Output:
    """Part the output of a worker at what ``faulthandler`` wrote into it."""
    found = list(_REPORT.finditer(text))
    if not found:
        return Output(text, "")
    # A library of C may have printed after it.
    return Output(text[: found[0].start()], _traceback(text[found[0].start() :]))


def _traceback(report: str) -> str:
    """Return the audited frames of the thread that ran, in the order of Python's own tracebacks."""
    threads: list[list[re.Match[str]]] = []
    current = 0
    for line in report.splitlines():
        if _CURRENT.match(line):
            current = len(threads) if line.startswith("Current") else current
            threads.append([])
        elif threads and (frame := _FRAME.match(line)):
            threads[-1].append(frame)
    # Of threads that a timeout interrupts, faulthandler writes the main one last.
    chosen = threads[current if report.startswith("Fatal") else -1] if threads else []
    # The outermost frames are those of the command from which the worker was forked.
    inner = itertools.takewhile(lambda frame: not frame["file"].endswith(_WORKER), chosen)
    audited = [frame for frame in inner if is_audited_file(frame["file"])]
    lines = [f'  File "{frame["file"]}", line {frame["line"]}, in {frame["name"]}' for frame in reversed(audited)]
    return "\n".join(["Traceback (most recent call last):", *lines]) if lines else ""
