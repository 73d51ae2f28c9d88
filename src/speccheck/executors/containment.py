"""Containment of audited code: it cannot end the process that judges it, nor change the state of that process.

Audited code runs with the user's rights, and this is not a sandbox. But a check must not end the run, change the
working folder or environment of the next entry, or go on as a second engine, and none of these may look like a pass.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, NoReturn

_EXIT = os._exit


class HardExit(BaseException):
    """Audited code called ``os._exit``, which would have ended the run silently."""


class Ground:
    """The state of the process before anything was audited: working folder and environment variables."""

    def __init__(self) -> None:
        self._process = os.getpid()
        self._folder = os.getcwd()  # noqa: PTH109 - a text to go back to
        self._environ = dict(os.environ)
        self._encoded = dict(_encoded())

    @contextmanager
    def contained(self) -> Iterator[None]:
        """Make ``os._exit`` raise HardExit inside, and restore the state of the process afterwards.

        The state is the working folder, the environment variables and torch's default dtype. A child that audited code
        forked and that returned here is ended.
        """
        torch = sys.modules.get("torch")
        dtype = torch.get_default_dtype() if hasattr(torch, "get_default_dtype") and torch is not None else None
        os._exit = self._refuse
        try:
            yield
        finally:
            os._exit = _EXIT
            if os.getpid() != self._process:
                _EXIT(1)
            self._restore()
            if torch is not None and dtype is not None and torch.get_default_dtype() != dtype:
                torch.set_default_dtype(dtype)

    def _refuse(self, status: int) -> NoReturn:
        if os.getpid() != self._process:  # a forked child, such as one of multiprocessing, may end this way
            _EXIT(status)
        raise HardExit(f"os._exit({status})")

    def _restore(self) -> None:
        os.chdir(self._folder)
        if _encoded() != self._encoded:
            os.environ.clear()
            os.environ.update(self._environ)


def _encoded() -> Mapping[Any, Any]:
    """Return the variables as ``os.environ`` stores them.

    To decode all of them for a comparison costs more than most measurements.
    """
    found: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
    return found
