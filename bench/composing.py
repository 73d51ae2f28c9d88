"""The time that pausing the garbage collector saves while 10,000 entries are composed from YAML."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import yaml

from bench.scalars import write_spec


def _compose(text: str) -> float:
    started = time.perf_counter()
    yaml.compose(text, Loader=yaml.CSafeLoader)
    return time.perf_counter() - started


def report(folder: Path, repeats: int) -> list[str]:
    """Return the times with and without the collector, the best of ``repeats`` alternating runs."""
    path = folder / "compose.yaml"
    write_spec(path, 10_000)
    text = path.read_text("utf-8")
    with_gc, without = [], []
    for _ in range(repeats):
        with_gc.append(_compose(text))
        gc.disable()
        try:
            without.append(_compose(text))
        finally:
            gc.enable()
        gc.collect()
    on, off = min(with_gc), min(without)
    return [
        f"composing 10,000 entries: {off:.2f} s with the collector paused, {on:.2f} s without; ratio {off / on:.2f}"
    ]
