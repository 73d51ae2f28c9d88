"""Copies of this repository's files, so that tests leave nothing in it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[2]


def copy_of_tree(folder: Path) -> Path:
    """The files that git knows or would add, copied."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(ROOT / name, folder / name)
    return folder


def copy_of_stage3(folder: Path) -> Path:
    """``specs/`` and ``examples/uti``, copied, and a pyproject.toml, so that runs are kept in the copy."""
    ignore = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "specs", folder / "specs")
    shutil.copytree(ROOT / "examples" / "uti", folder / "examples" / "uti", ignore=ignore)
    (folder / "pyproject.toml").write_text("")
    return folder
