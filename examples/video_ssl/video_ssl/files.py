"""Files that are whole or absent, locks, and digests of settings."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def say(message: str) -> None:
    """One line of progress, on stderr."""
    print(message, file=sys.stderr, flush=True)


def digest(value: Any, length: int = 16) -> str:
    """The first ``length`` hex digits of the SHA-256 of ``value`` as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def write_json(path: Path, value: Any, indent: int | None = 1) -> None:
    """Write ``value`` so that an interruption leaves the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial{os.getpid()}")
    partial.write_text(json.dumps(value, indent=indent) + "\n", encoding="utf-8")
    partial.replace(path)


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock of ``path``, which is the file ``<path>.lock``, until the block ends; other processes wait."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
