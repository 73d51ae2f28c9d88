"""Errors that a check or loader raises on purpose, with a message for the reader of the report."""

from __future__ import annotations


class MeasurementError(Exception):
    """The measurement cannot be had: say what was found and what would make it measurable."""


class SubjectError(Exception):
    """A subject cannot be built. ``name`` is the subject's; ``cause`` the audited code's own error, if any."""

    def __init__(self, message: str, name: str = "", cause: BaseException | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.cause = cause
