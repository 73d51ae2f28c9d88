"""Tracebacks that show the audited code's own frames."""

from __future__ import annotations

import traceback
from pathlib import Path

_HOUSE = str(Path(__file__).parents[1])  # unresolved, as frames name it


def audited_traceback(exc: BaseException) -> str:
    """The traceback of an error and of what caused it, without the frames of speccheck and of the import machinery.

    It ends with the line of the exception. Where no audited frame is left (a wrong argument), that line is all.
    """
    shown = traceback.TracebackException.from_exception(exc)
    _trim(shown, set())
    return "".join(shown.format()).rstrip("\n")


def _trim(shown: traceback.TracebackException, seen: set[int]) -> None:
    if id(shown) in seen:
        return
    seen.add(id(shown))
    frames = [frame for frame in shown.stack or () if _is_audited(frame)]
    if frames:
        shown.stack = traceback.StackSummary.from_list(frames)
    else:
        shown.stack = None  # type: ignore[assignment]  # format() then leaves out the heading too
    for linked in (shown.__cause__, shown.__context__, *(getattr(shown, "exceptions", None) or ())):
        if linked is not None:
            _trim(linked, seen)


def _is_audited(frame: traceback.FrameSummary) -> bool:
    name = frame.filename
    return not name.startswith(("<frozen ", _HOUSE + "/", _HOUSE + "\\"))
