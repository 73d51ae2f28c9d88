"""Small work on few cores: one thread for each operation, and several processes or threads beside each other.

The operators here are too small for more threads to help; on a machine that is busy, they wait for each other. One
thread also makes the numbers independent of how many cores there are.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch


@contextmanager
def one_thread() -> Iterator[None]:
    """Run torch's operators on one thread each until the block ends."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def workers() -> int:
    """How many processes or threads to run beside each other."""
    return max(1, min(4, len(os.sched_getaffinity(0))))


def run_modules(arguments: Sequence[Sequence[str]]) -> None:
    """Run ``python -m ARGUMENTS`` for each, all at the same time; their output is this process's.

    RuntimeError where one of them fails; the others are ended.
    """
    here = str(Path(__file__).resolve().parents[1])
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (here, os.environ.get("PYTHONPATH"))))}
    running = [
        subprocess.Popen([sys.executable, "-m", *each], env=environment, stdout=subprocess.DEVNULL)
        for each in arguments
    ]
    try:
        for process, each in zip(running, arguments, strict=True):
            if process.wait():
                raise RuntimeError(f"python -m {' '.join(each)} ended with status {process.returncode}")
    finally:
        for process in running:
            if process.poll() is None:
                process.terminate()
                process.wait()
