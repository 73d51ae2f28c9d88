"""Errors of runs and baselines on disk, with the file and the remedy."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CHANGED = ("SC810", "run the spec again, or restore the file: a record is not edited")
CHANGED_BASELINE = ("SC810", "restore the file, or accept the entries anew: speccheck baseline accept RUN")
"""The code and the remedy of a file that contradicts itself."""


class StoreError(Exception):
    """A run or baseline that cannot be read or written; the message names the file, ``hint`` the remedy."""

    def __init__(self, message: str, code: str = "SC801", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


@contextmanager
def writing_to(place: Path, hint: str) -> Iterator[None]:
    """Turn an error of the operating system inside into a StoreError (SC803)."""
    try:
        yield
    except OSError as error:
        raise StoreError(f"cannot write to {place}: {error.strerror or error}", "SC803", hint) from error
