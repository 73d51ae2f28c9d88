"""Containment of audited code: it cannot end the process that runs it, nor change what the next entry finds.

Audited code runs with the user's rights, and this is not a sandbox. But a check must not end the run, change the
working folder, the environment or any other state of the process for the next entry, replace what measures, or go on as
a second engine, and none of these may look like a pass.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import NoReturn

from speccheck.executors.patched import PatchedInterpreter, Patches, wanted
from speccheck.executors.state import Arrivals, ProcessState
from speccheck.sdk.errors import MeasurementError
from speccheck.sdk.wording import replaced

_EXIT = os._exit


class HardExit(BaseException):
    """Audited code called ``os._exit``, which would have ended the run silently."""


class Ground:
    """The state of the process before anything was audited, and the names of the interpreter and speccheck."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._folder = os.getcwd()  # noqa: PTH109 - a text to go back to
        self._state = ProcessState()
        self._patches = Patches()
        self._undo = self._patches.undo  # bound now: the class may be patched
        self._arrivals = Arrivals(lambda name: wanted(name) or self._state.knows(name), self._arrived)
        self.lost: tuple[str, ...] = ()
        """The state that the last entry has changed for good."""
        self.replaced: tuple[str, ...] = ()
        """The names that the last entry had bound anew; what was built or imported meanwhile relied on them."""

    @contextmanager
    def contained(self, folder: Path | None = None) -> Iterator[None]:
        """Make ``os._exit`` raise HardExit inside, work in the folder, and restore the state of the process afterwards.

        A child that audited code forked and that returned here is ended.
        """
        self.replaced = ()
        self._state.meet_all()
        self._arrivals.begin()
        os._exit = self._refuse
        sys.argv = sys.argv[:1]  # options of speccheck are none of a program that is audited
        try:
            if folder is not None:
                _enter(folder)
            yield
        finally:
            os._exit = _EXIT
            if os.getpid() != self._process:
                _EXIT(1)
            self._arrivals.end()
            self.lost = self._restored()

    def unpatched(self, audited: Callable[[], bool]) -> AbstractContextManager[None]:
        """Raise PatchedInterpreter at the end if names that measuring relies on have been bound anew.

        They are bound back before anything else happens. ``audited`` returns whether audited code was reached: to look
        costs more than most measurements without it.
        """
        return _Unpatched(audited, self._refuse_patches)

    def _refuse_patches(self, error: BaseException | None) -> None:
        found = self._undo()
        if found:
            self.replaced = found
            if error is None or isinstance(error, Exception):
                raise PatchedInterpreter(replaced(found)) from error

    def _arrived(self, name: str) -> None:
        if wanted(name):
            self._patches.arrived(name)
        else:
            self._state.met(name)

    def _refuse(self, status: int) -> NoReturn:
        if os.getpid() != self._process:  # a forked child, such as one of multiprocessing, may end this way
            _EXIT(status)
        raise HardExit(f"os._exit({status})")

    def _restored(self) -> tuple[str, ...]:
        """Restore the state, and return what is lost."""
        lost = self._state.restore()
        try:
            os.chdir(self._folder)
        except OSError:  # removed, or no longer to be entered
            return (*lost, "working folder")
        return lost


def _enter(folder: Path) -> None:
    try:
        os.chdir(folder)
    except OSError as error:
        raise MeasurementError(f"cannot work in the folder of the spec: {error}") from None


class _Unpatched(AbstractContextManager[None]):
    """Calls ``refuse`` at its end, with the error that ends it. No generator: what runs one may be patched."""

    def __init__(self, audited: Callable[[], bool], refuse: Callable[[BaseException | None], None]) -> None:
        self._audited = audited
        self._refuse = refuse

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._audited():
            self._refuse(error)
