"""Writing that survives a crash of the machine: a file, and the entry of the folder that names it."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_LOOK = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOFOLLOW", 0)
"""How a file is opened for its sync: one that became a pipe or a link must not block or lead elsewhere."""

_PASSED_OVER = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.EINVAL, errno.ENXIO})
"""Errors of what is gone, or is something that cannot be synced."""


def write_atomic(path: Path, data: bytes) -> None:
    """Write so that a reader sees either the old file or the new one, whole, even after a crash of the machine."""
    # The random part keeps writers on several machines apart, whose processes may have the same number.
    temporary = path.with_name(f".{path.name}.{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        with temporary.open("xb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
    sync(path.parent)


def sync(path: Path) -> None:
    """Put a file, or the names in a folder, on disk; what is gone, or cannot be synced, is passed over."""
    if os.name != "posix":  # elsewhere a folder cannot be opened, and a file not without the right to write to it
        return
    try:
        descriptor = os.open(path, _LOOK)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        if error.errno not in _PASSED_OVER:
            raise
