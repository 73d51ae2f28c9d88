"""``python -m bench.nuscenes``: read all tables of a nuScenes data set, by the devkit and by ``nuscenes.tables``.

Needs speccheck-nuscenes and its devkit. Both sides read the same synthetic tables, each in its own process; time and
peak memory are those of the whole process, start and imports included. The devkit loads the tables and walks the
keyframes of one camera; speccheck runs a spec that checks every row of every table by the rules of ``nuscenes.tables``.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from bench.nuscenes_tables import VERSION, write_dataset
from bench.processes import Cost, cost, least, speccheck

_SPEC = f"""\
speccheck: 1
title: All tables
checks:
  - id: tables
    check: nuscenes.tables
    with: {{dataroot: data, version: {VERSION}, files: none}}
    timeout: 600s
    expect:
      tables: 13
      violations: 0
"""

_DEVKIT = f"""\
from nuscenes.nuscenes import NuScenes
nusc = NuScenes(version="{VERSION}", dataroot="data", verbose=False)
frames = 0
for scene in nusc.scene:
    token, last = scene["first_sample_token"], 0
    while token:
        sample = nusc.get("sample", token)
        frame = nusc.get("sample_data", sample["data"]["CAM_FRONT"])
        assert frame["is_key_frame"] and frame["filename"].startswith("samples/") and frame["timestamp"] > last
        token, last, frames = sample["next"], frame["timestamp"], frames + 1
assert frames == len(nusc.sample)
"""


@dataclass(frozen=True)
class Comparison:
    """The cost of both on tables with that many sample_data rows."""

    rows: int
    devkit: Cost
    ours: Cost

    def line(self) -> str:
        """Return both costs and the ratio of ours to theirs."""
        return (
            f"{self.rows:>9,} sample_data rows: devkit {self.devkit.seconds:.1f} s, {self.devkit.mebibytes:.0f} MiB; "
            f"speccheck {self.ours.seconds:.1f} s, {self.ours.mebibytes:.0f} MiB; "
            f"time ratio {self.ours.seconds / self.devkit.seconds:.3f}, "
            f"memory ratio {self.ours.mebibytes / self.devkit.mebibytes:.3f}"
        )


def compare(folder: Path, scale: float, repeats: int, *, devkit: bool = True) -> Comparison:
    """Write tables of that scale into ``folder``, run both on them, and remove them."""
    started = time.perf_counter()
    rows = write_dataset(folder / "data", scale)
    size = sum(path.stat().st_size for path in (folder / "data" / VERSION).iterdir())
    written = f"wrote {sum(rows.values()):,} rows, {size / 2**20:,.0f} MiB, in {time.perf_counter() - started:.1f} s"
    print(written, file=sys.stderr, flush=True)
    os.sync()  # so that writing these files slows neither side
    (folder / "spec.yaml").write_text(_SPEC, "utf-8")
    ours, theirs = [], []
    try:
        for repeat in range(repeats):
            out = folder / f"out_{repeat}"
            ours.append(cost(speccheck("run", "spec.yaml", "--format", "json", "--out", str(out)), folder))
            shutil.rmtree(out, ignore_errors=True)
            theirs.append(cost([sys.executable, "-c", _DEVKIT if devkit else ""], folder))
    finally:
        shutil.rmtree(folder / "data")
    return Comparison(rows["sample_data"], least(theirs), least(ours))


def growth(comparisons: Sequence[Comparison]) -> str:
    """Return the cost of each further row between neighbouring sizes, which excludes the start of the processes."""
    texts = []
    for small, large in pairwise(comparisons):
        more = large.rows - small.rows
        seconds = (large.ours.seconds - small.ours.seconds) / more * 1e6
        memory = (large.ours.mebibytes - small.ours.mebibytes) / more * 2**20
        texts.append(f"{small.rows:,} to {large.rows:,}: {seconds:.2f} µs and {memory:.0f} bytes a row")
    return "speccheck's growth: " + "; ".join(texts)


def main() -> None:
    """Compare at a hundredth, a tenth and the whole of the scale, and print the lines."""
    parser = argparse.ArgumentParser(
        description="nuScenes tables: the devkit's load and a walk, against nuscenes.tables"
    )
    parser.add_argument(
        "--scale", type=float, default=1.0, help="of v1.0-trainval; 1.0 needs 4 GB of disk, 12 of memory"
    )
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--only-ours", action="store_true", help="leave the devkit out; its columns then mean nothing")
    options = parser.parse_args()
    comparisons: list[Comparison] = []
    for part in (0.01, 0.1, 1.0):
        with tempfile.TemporaryDirectory() as name:
            repeats = options.repeats if part == 1.0 else max(3, options.repeats)
            found = compare(Path(name), part * options.scale, repeats, devkit=not options.only_ours)
        comparisons.append(found)
        print(found.line(), flush=True)
    print(growth(comparisons))


if __name__ == "__main__":
    main()
