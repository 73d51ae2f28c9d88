"""The environment of a run: the versions, device and git state that its result depends on."""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import platform
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

from speccheck.model.values import Json

_PACKAGES = ("click", "jsonschema", "msgspec", "numpy", "pluggy", "pyyaml", "torch")
_BESIDE = {"PIL": "pillow", "safetensors": "safetensors", "scipy": "scipy", "soundfile": "soundfile"}
_BESIDE |= {"sklearn": "scikit-learn", "tokenizers": "tokenizers", "torchmetrics": "torchmetrics", "soxr": "soxr"}

_VERSION = re.compile(r"^Version: (\S+)$", re.MULTILINE)

MOST_CHANGED = 1000
"""The most changed files that are hashed; for a tree with more, their number is recorded."""


def environment(
    folder: Path,
    distributions: Iterable[str],
    facts: dict[str, Json],
    modules: frozenset[str],
    devices: Iterable[str] = (),
    before: dict[str, Json] | None = None,
) -> dict[str, Json]:
    """Return facts by name: git state of the spec's folder, Python, platform, device, package versions, plugin facts.

    The packages are those of speccheck and its plugins, and those of ``modules``, which audited code has imported;
    ``devices`` are those that measured. With ``before``, the facts at the start of the run, the rest stays as it was:
    the git state is that of the code that ran.
    """
    imported = {name for module, name in _BESIDE.items() if module in modules}
    known = before["packages"] if before else {}
    found = {name: _version(name) for name in {*_PACKAGES, *distributions, *imported} - known.keys()}
    versions = known | {name: version for name, version in found.items() if version}
    return {
        **facts,
        "device": _together(devices),
        "git": before["git"] if before else _git(folder),
        "packages": {name: versions[name] for name in sorted(versions, key=str.lower)},
        "platform": before["platform"] if before else _platform(),
        "python": sys.version,
    }


def _platform() -> str:
    """Return what ``platform.platform()`` does; on Linux without the process it starts to learn the processor."""
    if sys.platform != "linux":
        return platform.platform()
    system = os.uname()
    return "-".join([system.sysname, system.release, system.machine, "with", "".join(platform.libc_ver())])


def _version(name: str) -> str | None:
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None
    # Only the version is read: to parse all metadata with `email` takes several times as long.
    match = _VERSION.search(found.read_text("METADATA") or "")
    return match[1] if match is not None else found.version


def _together(devices: Iterable[str]) -> str:
    """Return the devices of all measurements in one text, accelerators first."""
    found = {one for device in devices for one in device.split(", ")}
    return ", ".join(sorted(found, key=lambda one: (one == "cpu", one))) or "cpu"


def _git(folder: Path) -> Json:
    # One call: to start git takes a good part of a small run.
    status = _run_git(folder, "status", "--porcelain=v2", "--branch", "-z", "--untracked-files=all", "--no-renames")
    if status is None:
        return {"commit": None, "reason": "not a git checkout, or git is not installed"}
    lines = [line for line in status.split("\0") if line]
    commit = next((line.split(" ")[2] for line in lines if line.startswith("# branch.oid ")), "(initial)")
    paths = sorted(_path(line) for line in lines if not line.startswith("#"))
    changed: dict[str, str | None] = {}
    if paths:
        root = Path((_run_git(folder, "rev-parse", "--show-toplevel") or "").strip())
        changed = {path: _sha256(root / path) for path in paths[:MOST_CHANGED]}
    known = commit if commit != "(initial)" else None
    state: dict[str, Json] = {"commit": known, "dirty": bool(paths), "changed": changed}
    return state if len(paths) <= MOST_CHANGED else {**state, "changed_count": len(paths)}


_FIELDS = {"1": 8, "u": 10, "?": 1}
"""Fields before the path in a line of ``git status --porcelain=v2``, by its first word (git-status(1))."""


def _path(line: str) -> str:
    return line.split(" ", _FIELDS[line[0]])[-1]


def _run_git(folder: Path, *arguments: str) -> str | None:
    try:
        done = subprocess.run(["git", "-C", str(folder), *arguments], capture_output=True, check=False)
    except FileNotFoundError:
        return None
    return done.stdout.decode("utf-8", "surrogateescape") if done.returncode == 0 else None


def _sha256(path: Path) -> str | None:
    """Return the hash of a file's content, or None for a file that was deleted or is not a regular one."""
    if not path.is_file():
        return None
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
