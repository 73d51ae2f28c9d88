"""What audited code may not do to the process that judges it.

Code that is audited runs with the user's rights, and this is no sandbox. But a check must not end the run, change the
ground under the next entry, or go on as a second engine, and none of that may look like a pass.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

_EXIT = os._exit


class HardExit(BaseException):
    """Audited code called ``os._exit``, which would have ended the run without a word."""


@contextmanager
def contained() -> Iterator[None]:
    """Inside, ``os._exit`` raises HardExit; afterwards working folder, environment variables and torch's default dtype
    are what they were, and a child that audited code forked and that came back here ends.
    """
    process, folder, environ = os.getpid(), os.getcwd(), dict(os.environ)  # noqa: PTH109 - a text to go back to
    torch = sys.modules.get("torch")
    dtype = torch.get_default_dtype() if hasattr(torch, "get_default_dtype") and torch is not None else None

    def refuse(status: int) -> NoReturn:
        if os.getpid() != process:  # a forked child, multiprocessing's for instance, ends this way by right
            _EXIT(status)
        raise HardExit(f"os._exit({status})")

    os._exit = refuse
    try:
        yield
    finally:
        os._exit = _EXIT
        if os.getpid() != process:
            _EXIT(1)
        os.chdir(folder)
        if dict(os.environ) != environ:
            os.environ.clear()
            os.environ.update(environ)
        if torch is not None and dtype is not None and torch.get_default_dtype() != dtype:
            torch.set_default_dtype(dtype)
