"""Distributions made for a test: modules and a ``.dist-info`` folder, which is all that an installer leaves behind."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path


def install(site: Path, name: str, entry_point: str, files: Mapping[str, str]) -> Path:
    """Put the files into the folder ``site`` as distribution ``name`` with one entry point of speccheck."""
    write(site, files)
    info = site / f"{name.replace('-', '_')}-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(f"[speccheck]\nplugin = {entry_point}\n")
    return site


def write(folder: Path, files: Mapping[str, str]) -> None:
    """Write text files by their path from the folder, parents made."""
    for path, text in files.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, "utf-8")


def speccheck(*arguments: str, site: Path | None = None, folder: Path) -> subprocess.CompletedProcess[str]:
    """The ``speccheck`` command as a user has it, in a process of its own, with ``site`` on the path."""
    paths = [str(site)] if site else []
    paths += filter(None, [os.environ.get("PYTHONPATH")])
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    command = [sys.executable, "-c", "from speccheck.cli.main import main; main()", *arguments]
    return subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True, check=False, timeout=120)
