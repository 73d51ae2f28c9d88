"""Run 1,000 and 10,000 scalar entries from YAML to JSON, against pytest with as many parametrised asserts."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.processes import Cost, best, cost, least, speccheck

_TEST = """import pytest

VALUES = [{values}]


@pytest.mark.parametrize("value", VALUES)
def test_value(value):
    assert value <= 10.0
"""


def write_spec(path: Path, entries: int) -> None:
    """Write a spec of that many entries, each with one number and one limit."""
    lines = ["speccheck: 1", "title: scalars", "checks:"]
    for index in range(entries):
        lines += [
            f"  - id: value-{index}",
            "    check: value.number",
            f"    with: {{value: {index % 1000 / 100}}}",
            "    expect: {value: {max: 10.0}}",
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def write_tests(path: Path, cases: int) -> None:
    """Write a test module of that many parametrised asserts on the same numbers."""
    values = ", ".join(str(index % 1000 / 100) for index in range(cases))
    path.write_text(_TEST.format(values=values), "utf-8")


def measure(folder: Path, entries: int, repeats: int) -> tuple[Cost, Cost]:
    """Return the costs of speccheck and pytest for that many entries, the best of ``repeats`` alternating runs."""
    write_spec(folder / f"scalars_{entries}.yaml", entries)
    write_tests(folder / f"test_scalars_{entries}.py", entries)
    runs: list[tuple[Cost, Cost]] = []
    for repeat in range(repeats):
        out = folder / f"out_{entries}_{repeat}"
        ours = cost(speccheck("run", f"scalars_{entries}.yaml", "--format", "json", "--out", str(out)), folder)
        shutil.rmtree(out)
        plain = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null"]
        theirs = cost([*plain, f"test_scalars_{entries}.py"], folder)
        runs.append((ours, theirs))
    return least([ours for ours, _ in runs]), least([theirs for _, theirs in runs])


def report(folder: Path, repeats: int) -> list[str]:
    """Return a line for each size with its ratios, and the growth of the cost per entry."""
    lines, per_entry = [], {}
    for entries in (1_000, 10_000):
        ours, theirs = measure(folder, entries, repeats)
        per_entry[entries] = ours.seconds / entries
        lines.append(
            f"{entries:>6} entries: speccheck {ours.seconds:.2f} s, {ours.mebibytes:.0f} MiB; "
            f"pytest {theirs.seconds:.2f} s, {theirs.mebibytes:.0f} MiB; "
            f"time ratio {ours.seconds / theirs.seconds:.2f}, memory ratio {ours.mebibytes / theirs.mebibytes:.2f}"
        )
    growth = per_entry[10_000] / per_entry[1_000]
    lines.append(f"cost per entry at 10,000 against 1,000: {growth:.2f}")
    return lines


def report_validate(folder: Path, repeats: int) -> list[str]:
    """Return the cost of ``validate`` for 50 entries against importing the libraries that it needs."""
    write_spec(folder / "fifty.yaml", 50)
    commands = {
        "validate": speccheck("validate", "fifty.yaml"),
        "import": [sys.executable, "-c", "import click, yaml, jsonschema, pluggy"],
    }
    costs = best(commands, folder, repeats)
    ours, bare = costs["validate"], costs["import"]
    return [
        f"validate of 50 entries {ours.seconds * 1000:.0f} ms, {ours.mebibytes:.0f} MiB; "
        f"bare import {bare.seconds * 1000:.0f} ms, {bare.mebibytes:.0f} MiB; "
        f"time ratio {ours.seconds / bare.seconds:.2f}, memory ratio {ours.mebibytes / bare.mebibytes:.2f}"
    ]
