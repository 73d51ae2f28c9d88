"""Tracebacks reduced to the frames of the audited code."""

from __future__ import annotations

import sysconfig
import traceback
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from speccheck.sdk.errors import SubjectError

_HOUSE = str(Path(__file__).parents[1])  # unresolved, as frames name it

_INSTALLED = ("site-packages", "dist-packages")
"""Folders of installed libraries; code under audit is elsewhere, or nowhere else."""


class _Frames(traceback.StackSummary):
    """The frames to show, with the number of those left out in between."""

    kept: Sequence[traceback.FrameSummary | int] = ()

    def format(self, **options: Any) -> list[str]:
        """Return the lines of the frames, and one for each place where frames are left out."""
        return list(self._lines(options))

    def _lines(self, options: dict[str, Any]) -> Iterator[str]:
        for numbers, parts in groupby(self.kept, lambda part: isinstance(part, int)):
            if numbers:
                left_out = sum(part for part in parts if isinstance(part, int))
                yield f"  [{left_out} {'frame' if left_out == 1 else 'frames'} of installed libraries left out]\n"
            else:
                frames = [part for part in parts if not isinstance(part, int)]
                yield from traceback.StackSummary.from_list(frames).format(**options)


def audited_traceback(exc: BaseException) -> str:
    """Return the traceback of an error and of its causes, without the frames of speccheck and of the import machinery.

    Of the frames of installed libraries between and below those of audited code only the innermost is kept. It ends
    with the line of the exception; an error without an audited frame (a wrong argument) is that line alone. Of a
    SubjectError it is the traceback of the audited code's error, or '' when no audited code raised: its message
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
        shown.stack = _Frames(frames)
        shown.stack.kept = _without_libraries(frames)
    else:
        shown.stack = None  # type: ignore[assignment]  # format() then leaves out the heading too
    for linked in (shown.__cause__, shown.__context__, *(getattr(shown, "exceptions", None) or ())):
        if linked is not None:
            _trim(linked, seen)


def _without_libraries(frames: Sequence[traceback.FrameSummary]) -> list[traceback.FrameSummary | int]:
    """Return the frames of the code under audit and the innermost one; 1 in place of each of the others."""
    own = [not _is_installed(frame) for frame in frames]
    if not any(own):
        return list(frames)
    return [frame if is_own or frame is frames[-1] else 1 for frame, is_own in zip(frames, own, strict=True)]


def is_audited_file(name: str) -> bool:
    """Return whether a frame of that file belongs to audited code or a library, not to speccheck or the importer."""
    machinery = Path(sysconfig.get_path("stdlib"), "importlib")
    return not name.startswith(("<frozen ", _HOUSE + "/", _HOUSE + "\\", f"{machinery}/", f"{machinery}\\"))


def _is_installed(frame: traceback.FrameSummary) -> bool:
    path = Path(frame.filename)
    return path.is_relative_to(sysconfig.get_path("stdlib")) or any(part in _INSTALLED for part in path.parts)
