"""Run a command as a user would, and measure its wall time and peak memory."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """Wall time in seconds and peak resident memory in MiB of one process."""

    seconds: float
    mebibytes: float


def cost(command: Sequence[str], cwd: Path, codes: tuple[int, ...] = (0,)) -> Cost:
    """Run a command to its end; RuntimeError with its output when it exits with another code than ``codes``."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=cwd, env=_environ(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in codes:
        raise RuntimeError(f"{command} exited with {process.returncode}:\n{output.decode('utf-8', 'replace')[-2000:]}")
    return Cost(seconds, usage.ru_maxrss / 1024)


def _environ() -> dict[str, str]:
    """The environment with bytecode kept, as it is for installed packages, in a folder that leaves the tree as it is.

    Only the first run compiles, and of several runs the least counts.
    """
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(Path(tempfile.gettempdir()) / "speccheck-bench-bytecode"), **kept}


def best(commands: Mapping[str, Sequence[str]], cwd: Path, repeats: int) -> dict[str, Cost]:
    """Return the least cost of ``repeats`` runs of each command. Commands alternate, so noise affects all alike."""
    runs: dict[str, list[Cost]] = {name: [] for name in commands}
    for _ in range(repeats):
        for name, command in commands.items():
            runs[name].append(cost(command, cwd))
    return {name: least(costs) for name, costs in runs.items()}


def least(costs: Sequence[Cost]) -> Cost:
    """Return the least time and the least memory of several runs, because noise only adds."""
    return Cost(min(cost.seconds for cost in costs), min(cost.mebibytes for cost in costs))


def speccheck(*arguments: str) -> list[str]:
    """Return a command line of the installed speccheck."""
    return [str(Path(sys.executable).parent / "speccheck"), *arguments]
