"""What worker processes cost: the same specs measured by ``process`` and by ``inline``, as ratios."""

from __future__ import annotations

import shutil
from pathlib import Path

from bench.processes import best, speccheck
from bench.scalars import write_spec

STAGE3 = Path(__file__).parents[1] / "specs" / "stage3.yaml"

_AUDITED = "def number(value):\n    return value\n"


def write_audited_spec(path: Path, entries: int) -> None:
    """Write a spec of that many entries, each with a call of audited code."""
    (path.parent / "audited.py").write_text(_AUDITED, "utf-8")
    lines = ["speccheck: 1", "title: calls", "code: .", "checks:"]
    for index in range(entries):
        value = index % 1000 / 100
        lines += [
            f"  - id: call-{index}",
            "    check: values.equal",
            f"    with: {{left: {{target: 'audited:number', args: [{value}]}}, right: {value}}}",
            f"    seed: {index}",
            "    expect: {equal: true}",
        ]
    path.write_text("\n".join(lines) + "\n", "utf-8")


def report(folder: Path, repeats: int) -> list[str]:
    """Return a line for each spec: the least time of both executors, and their ratio."""
    specs: dict[str, Path] = {}
    for entries in (1, 1_000):
        plain, audited = folder / f"plain_{entries}.yaml", folder / f"audited_{entries}.yaml"
        write_spec(plain, entries)
        write_audited_spec(audited, entries)
        specs |= {f"{entries} numbers": plain, f"{entries} calls of audited code": audited}
    lines = [_line(name, path, folder, repeats) for name, path in specs.items()]
    return [*lines, _line("specs/stage3.yaml", STAGE3, folder, max(2, repeats // 2))]


def _line(name: str, path: Path, folder: Path, repeats: int) -> str:
    commands = {
        executor: speccheck("run", str(path), "--executor", executor, "--format", "json")
        for executor in ("process", "inline")
    }
    costs = best(commands, folder, repeats)
    shutil.rmtree(folder / ".speccheck", ignore_errors=True)
    ours, inline = costs["process"], costs["inline"]
    return (
        f"{name}: process {ours.seconds:.2f} s, inline {inline.seconds:.2f} s; "
        f"{(ours.seconds - inline.seconds) * 1000:+.0f} ms, ratio {ours.seconds / inline.seconds:.2f}"
    )
