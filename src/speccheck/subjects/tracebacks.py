"""Tracebacks reduced to the frames of the audited code."""

from __future__ import annotations

import traceback
from pathlib import Path

from speccheck.sdk.errors import SubjectError

_HOUSE = str(Path(__file__).parents[1])  # unresolved, as frames name it


def audited_traceback(exc: BaseException) -> str:
    """Return the traceback of an error and of its causes, without the frames of speccheck and of the import machinery.

    It ends with the line of the exception; an error without an audited frame (a wrong argument) is that line alone.
    Of a SubjectError it is the traceback of the audited code's error, or '' when no audited code raised: its message
    already names the error.
    """
    if isinstance(exc, SubjectError):
        return _of_cause(exc.cause or exc.__cause__)
    shown = traceback.TracebackException.from_exception(exc)
    _trim(shown, set())
    return "".join(shown.format()).rstrip("\n")


def _of_cause(cause: BaseException | None) -> str:
    text = "" if cause is None else audited_traceback(cause)
    return text if "\n  File " in text else ""


def _trim(shown: traceback.TracebackException, seen: set[int]) -> None:
    if id(shown) in seen:
        return
    seen.add(id(shown))
    frames = [frame for frame in shown.stack or () if is_audited_file(frame.filename)]
    if frames:
        shown.stack = traceback.StackSummary.from_list(frames)
    else:
        shown.stack = None  # type: ignore[assignment]  # format() then leaves out the heading too
    for linked in (shown.__cause__, shown.__context__, *(getattr(shown, "exceptions", None) or ())):
        if linked is not None:
            _trim(linked, seen)


def is_audited_file(name: str) -> bool:
    """Return whether a frame of that file belongs to audited code or a library, not to speccheck or the importer."""
    return not name.startswith(("<frozen ", _HOUSE + "/", _HOUSE + "\\"))
