"""Write a small driving dataset in nuScenes' layout: pictures of moving objects, and all 13 tables.

    python -m video_ssl.generate --config video_ssl.yaml

Deterministic for one version of this package, numpy and Pillow; generated once, and again when the settings change.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from video_ssl import render, tables, taxonomy, world
from video_ssl.config import Config, as_config, load_config
from video_ssl.files import digest, locked, say, write_json
from video_ssl.render import Renderer
from video_ssl.tables import CHANNEL, MAP, TableWriter

STAMP = "generated.json"
"""The file that is written last, with the settings."""
START = 1_531_883_530_412_470
"""Time of the first picture, in µs since 1970."""
APART = 900_000_000
"""From the start of a scene to the start of the next, in µs."""
GAP = 500_000
"""Nominal time between keyframes, in µs."""
SWEEPS = 5
"""Pictures between two keyframes: 12 Hz."""
LEAST_SEEN = 0.25
"""An object is annotated in a sample where at least this share of it is seen."""
KEY_QUALITY, SWEEP_QUALITY = 85, 40


def ensure(
    dataroot: str | Path,
    seed: int = 0,
    scenes: int = 40,
    keyframes: int = 12,
    width: int = 640,
    height: int = 360,
    version: str = "v1.0-mini",
) -> Path:
    """The dataset with these settings at ``dataroot``, which is written unless it is there already.

    A dataset with other settings is replaced. It appears at ``dataroot`` whole or not at all; a second process waits.
    FileExistsError where ``dataroot`` holds anything that was not generated here.
    """
    root = Path(dataroot)
    sizes = {"scenes": scenes, "keyframes": keyframes, "width": width, "height": height}
    if min(sizes.values()) < 1:
        raise ValueError(f"every one of {sizes} must be at least 1")
    settings = {"seed": seed, **sizes, "version": version, "code": _code()}
    if stamp(root) == digest(settings):
        return root
    with locked(root):
        if stamp(root) == digest(settings):  # written by another process in the meantime
            return root
        if root.exists() and stamp(root) is None and any(root.iterdir()):
            raise FileExistsError(f"{root} holds something that was not generated here, and is left alone")
        partial = root.with_name(f"{root.name}.partial")
        shutil.rmtree(partial, ignore_errors=True)
        _write(partial, settings)
        write_json(partial / STAMP, {"digest": digest(settings), "settings": settings})
        _put(partial, root)
    return root


def ensure_config(config: str | Path | Config) -> Path:
    """The dataroot of a configuration, generated first if ``generate`` is true."""
    data = as_config(config).data
    if not data.generate:
        return data.dataroot
    return ensure(data.dataroot, data.seed, data.scenes, data.keyframes, data.width, data.height, data.version)


def stamp(root: Path) -> str | None:
    """The digest of the settings that a dataset was generated with; None without a complete one."""
    import json

    try:
        found: str = json.loads((root / STAMP).read_text(encoding="utf-8"))["digest"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found


def _code() -> str:
    """A digest of the code that decides what is generated."""
    files = [Path(module.__file__ or "") for module in (world, render, tables, taxonomy)] + [Path(__file__)]
    return digest([file.read_text(encoding="utf-8") for file in files])


def _put(partial: Path, root: Path) -> None:
    """Put the new dataset in the place of the old one."""
    old = root.with_name(f"{root.name}.old{os.getpid()}")
    if root.exists():
        root.rename(old)
    partial.rename(root)
    shutil.rmtree(old, ignore_errors=True)


def _write(root: Path, settings: dict[str, Any]) -> None:
    for folder in (f"samples/{CHANNEL}", f"sweeps/{CHANNEL}", "maps"):
        (root / folder).mkdir(parents=True)
    Image.new("L", (64, 64), 255).save(root / MAP)
    writer = TableWriter(settings["seed"], settings["width"], settings["height"])
    count = settings["scenes"]
    for number in range(count):
        _write_scene(root, writer, number, settings)
        if (number + 1) % 10 == 0 or number + 1 == count:
            say(f"generate: {number + 1} of {count} scenes")
    writer.write(root / settings["version"])


def _write_scene(root: Path, writer: TableWriter, number: int, settings: dict[str, Any]) -> None:
    random = np.random.default_rng([settings["seed"], number])
    keyframes = settings["keyframes"]
    scene = world.plan(number, keyframes * GAP / 1e6, random)
    renderer = Renderer(scene, settings["width"], settings["height"], random)
    times = _times(START + number * APART, keyframes, random)
    logfile = writer.add_scene(scene, times[0], keyframes)
    for index, time in enumerate(times):
        key = index % (SWEEPS + 1) == 0
        sample = -(-index // (SWEEPS + 1))  # a sweep belongs to the sample that follows it
        seconds = (time - times[0]) / 1e6
        picture, seen = renderer.frame(seconds)
        filename = f"{'samples' if key else 'sweeps'}/{CHANNEL}/{logfile}__{CHANNEL}__{time}.jpg"
        picture.save(root / filename, quality=KEY_QUALITY if key else SWEEP_QUALITY)
        writer.add_frame(scene, index, len(times) - 1, sample, key, filename, time, seconds)
        if key:
            writer.add_sample(scene, sample, keyframes, time + 35_000 + int(random.integers(-500, 500)))
            for track, share in enumerate(seen):
                if share >= LEAST_SEEN:
                    writer.add_annotation(scene, track, sample, share, seconds)


def _times(start: int, keyframes: int, random: np.random.Generator) -> list[int]:
    """Times of all pictures of a scene in µs: keyframes near every half second, and sweeps between them."""
    step = GAP / (SWEEPS + 1)
    count = (keyframes - 1) * (SWEEPS + 1) + 1
    return [start + round(index * step) + int(random.integers(-12, 13)) for index in range(count)]


def main(argv: Sequence[str] | None = None) -> int:
    """Generate what the configuration names, or what is given instead; the dataroot is printed."""
    parser = argparse.ArgumentParser(prog="python -m video_ssl.generate", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--dataroot", type=Path, help="instead of the configured one")
    parser.add_argument("--version", help="instead of the configured one")
    parser.add_argument("--generate", choices=("true", "false"), help="false: the dataset must be there already")
    args = parser.parse_args(argv)
    given = None if args.generate is None else args.generate == "true"
    dataroot = None if args.dataroot is None else args.dataroot.resolve()
    config = load_config(args.config, dataroot=dataroot, version=args.version, generate=given)
    root = ensure_config(config)
    if not (root / config.data.version).is_dir():
        say(f"generate: there is no folder {root / config.data.version} with the tables of a dataset")
        return 1
    print(root)
    return 0


if __name__ == "__main__":
    sys.exit(main())
