"""Errors that a check or loader raises on purpose; their message is for the reader of the report."""

from __future__ import annotations


class MeasurementError(Exception):
    """The check cannot measure this; say what was found and what is needed."""


class SubjectError(Exception):
    """A subject cannot be built; ``name`` names it, ``cause`` is the error of the audited code, if any."""

    def __init__(self, message: str, name: str = "", cause: BaseException | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.cause = cause
