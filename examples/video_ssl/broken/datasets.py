"""Faults of the data set itself, one at a time: a copy of a generated data set with one thing wrong in it.

    python -m broken.datasets reversed_pair DATAROOT COPY

Pictures are linked, so a copy takes next to no room; what a fault changes is written anew, and the original stays as
it is. Each fault is in the scene after the first, away from its ends unless its docstring names another place.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

Row = dict[str, Any]

SCENE = 1
"""The number of the scene that is broken."""
SAMPLE = 5
"""The number of the sample in it; a clip of 8 of 10 or more samples holds it."""


class DataSet:
    """The tables of a data set in nuScenes' layout, and its files."""

    def __init__(self, root: Path, version: str) -> None:
        self.root = root
        self.folder = root / version
        self.tables: dict[str, list[Row]] = {}

    def table(self, name: str) -> list[Row]:
        """The rows of a table, which ``write`` puts back."""
        if name not in self.tables:
            self.tables[name] = json.loads((self.folder / f"{name}.json").read_text("utf-8"))
        return self.tables[name]

    def sample(self, number: int = SAMPLE, scene: int = SCENE) -> Row:
        """A sample of a scene; -1 is the last."""
        token = self.table("scene")[scene]["token"]
        return [row for row in self.table("sample") if row["scene_token"] == token][number]

    def keyframe(self, number: int = SAMPLE) -> Row:
        """The picture of a sample, as a row of ``sample_data``."""
        token = self.sample(number)["token"]
        return next(row for row in self.table("sample_data") if row["sample_token"] == token and row["is_key_frame"])

    def rename(self, row: Row, filename: str) -> None:
        """Give the file of a row another name."""
        (self.root / row["filename"]).rename(self.root / filename)
        row["filename"] = filename

    def write(self) -> None:
        """Write the tables that were looked at; never into the file of the original, which may be linked."""
        for name, rows in self.tables.items():
            path = self.folder / f"{name}.json"
            path.unlink()
            path.write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")


def missing_file(data: DataSet) -> None:
    """A picture that a table names is not there."""
    (data.root / data.keyframe()["filename"]).unlink()


def truncated_jpeg(data: DataSet) -> None:
    """A picture ends in the middle."""
    path = data.root / data.keyframe()["filename"]
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content[: len(content) // 2])


def duplicate_timestamp(data: DataSet) -> None:
    """A keyframe has the time of the one before it, in its record and in its name."""
    row, time = data.keyframe(), data.keyframe(SAMPLE - 1)["timestamp"]
    data.rename(row, f"samples/CAM_FRONT/copy__CAM_FRONT__{time}.jpg")
    row["timestamp"] = time


def reversed_pair(data: DataSet) -> None:
    """Two keyframes that follow each other have each other's time and picture."""
    first, second = data.keyframe(), data.keyframe(SAMPLE + 1)
    for key in ("timestamp", "filename"):
        first[key], second[key] = second[key], first[key]


def keyframe_under_sweeps(data: DataSet) -> None:
    """The picture of a keyframe is in the folder of the sweeps."""
    row = data.keyframe()
    data.rename(row, row["filename"].replace("samples/", "sweeps/"))


def sweep_flagged(data: DataSet) -> None:
    """The sweep before a keyframe claims to be one."""
    before = data.keyframe()["prev"]
    next(row for row in data.table("sample_data") if row["token"] == before)["is_key_frame"] = True


def dangling_token(data: DataSet) -> None:
    """The next of a sample leads nowhere."""
    data.sample()["next"] = "0" * 32


def next_into_other_scene(data: DataSet) -> None:
    """The last sample of a scene leads to the first of the scene behind it, and back."""
    last, first = data.sample(-1), data.sample(0, SCENE + 1)
    last["next"], first["prev"] = first["token"], last["token"]


def wrong_sample_token(data: DataSet) -> None:
    """The picture of a sample is filed under the sample before it."""
    data.keyframe()["sample_token"] = data.sample(SAMPLE - 1)["token"]


FAULTS: Mapping[str, Callable[[DataSet], None]] = {
    fault.__name__: fault
    for fault in (
        missing_file,
        truncated_jpeg,
        duplicate_timestamp,
        reversed_pair,
        keyframe_under_sweeps,
        sweep_flagged,
        dangling_token,
        next_into_other_scene,
        wrong_sample_token,
    )
}


def broken_copy(fault: str, original: str | Path, copy: str | Path, version: str = "v1.0-mini") -> Path:
    """A copy of the data set at ``original``, with that fault, at ``copy``, which must not be there yet.

    KeyError for an unknown fault.
    """
    breaks = FAULTS[fault]
    root = Path(shutil.copytree(original, copy, copy_function=os.link))
    data = DataSet(root, version)
    breaks(data)
    data.write()
    return root


def main(argv: Sequence[str] | None = None) -> int:
    """Make a copy; its folder is printed."""
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(prog="python -m broken.datasets", description=__doc__, formatter_class=form)
    parser.add_argument("fault", choices=sorted(FAULTS))
    parser.add_argument("original", type=Path)
    parser.add_argument("copy", type=Path)
    parser.add_argument("--version", default="v1.0-mini")
    args = parser.parse_args(argv)
    if args.copy.exists():
        parser.error(f"{args.copy} is there already")
    print(broken_copy(args.fault, args.original, args.copy, args.version))
    return 0


if __name__ == "__main__":
    sys.exit(main())
