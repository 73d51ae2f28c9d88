"""State that the system holds for the process: signals, timers, limits, environment, masks and ids."""

from __future__ import annotations

import errno
import faulthandler
import importlib
import locale
import os
import signal
import sys
import time
from collections.abc import Mapping
from functools import partial
from typing import Any

from speccheck.executors.state.item import Item

_POSIX = os.name == "posix"
_FATAL = ("SIGSEGV", "SIGFPE", "SIGABRT", "SIGBUS", "SIGILL")
_TIMERS = (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF) if _POSIX else ()
_SIGNALS = tuple(sorted(signal.valid_signals()))

# The functions of `signal` make enumerations of numbers, which costs more than the rest of all that is read here.
_get_handler = importlib.import_module("_signal").getsignal

_FREE_AGAIN = 8

_SMALLEST, _HALF = 5e-324, 2.0**-53


def system_items() -> tuple[Item, ...]:
    """Return the items of the process, in the order in which they are restored: what may interrupt comes first."""
    return (
        *(_interrupting_items() if _POSIX else ()),
        Item("faulthandler", faulthandler.is_enabled, _write_faulthandler),
        Item("environment variables", partial(_Environment, os.environ), _restore_environment, _same_environment),
        Item("umask", _umask, os.umask),
        Item("locale", lambda: locale.setlocale(locale.LC_ALL), partial(locale.setlocale, locale.LC_ALL)),
        Item("standard input", _has_input, _write_input),
        *(_posix_items() if _POSIX else ()),
    )


def _interrupting_items() -> tuple[Item, ...]:
    return (
        Item("interval timers", _timers, _write_timers),
        Item("signal handlers", lambda: [_get_handler(number) for number in _SIGNALS], _write_handlers),
        Item("signal mask", partial(signal.pthread_sigmask, signal.SIG_BLOCK, ()), _write_mask),
    )


def _posix_items() -> tuple[Item, ...]:
    return (
        Item("time zone", lambda: time.tzname, lambda saved: time.tzset()),
        Item("floating-point mode", _float_mode, _write_float_mode),
        Item("process group", os.getpgrp, partial(os.setpgid, 0)),
        Item("user and group", lambda: (os.getresuid(), os.getresgid()), _write_user),
        Item("priority", partial(os.getpriority, os.PRIO_PROCESS, 0), partial(os.setpriority, os.PRIO_PROCESS, 0)),
        *_linux_items(),
        *_limit_items(),
    )


def _linux_items() -> tuple[Item, ...]:
    if sys.platform != "linux":
        return ()
    return (Item("CPUs", partial(os.sched_getaffinity, 0), partial(os.sched_setaffinity, 0)),)


def _limit_items() -> tuple[Item, ...]:
    import resource

    names = sorted(name for name in vars(resource) if name.startswith("RLIMIT_"))
    numbers = {getattr(resource, name): name for name in names}

    def write(saved: list[tuple[int, int]]) -> None:
        for number, limits in zip(numbers, saved, strict=True):
            if resource.getrlimit(number) != limits:
                resource.setrlimit(number, limits)

    return (Item("resource limits", lambda: [resource.getrlimit(number) for number in numbers], write),)


def descriptors_left() -> bool:
    """Whether less than half of the descriptors that the process may have are open.

    A new one has the lowest free number. Several are tried: below those that audited code keeps, a few are free again
    that capturing its output needed.
    """
    if not _POSIX:
        return True
    import resource

    taken: list[int] = []
    try:
        for _ in range(_FREE_AGAIN):
            taken.append(os.dup(2))
    except OSError as error:
        return error.errno not in (errno.EMFILE, errno.ENFILE)
    finally:
        for descriptor in taken:
            os.close(descriptor)
    soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return soft == resource.RLIM_INFINITY or taken[-1] < soft / 2


class _Environment:
    """The environment variables, as ``os.environ`` stores them; to decode all of them costs more than the rest."""

    def __init__(self, environ: os._Environ[str]) -> None:
        self.found = os.environ
        self.environ = environ
        self.variables = dict(_encoded())


def _same_environment(saved: _Environment, now: _Environment) -> bool:
    return now.found is saved.environ and now.variables == saved.variables


def _restore_environment(saved: _Environment) -> None:
    os.environ = saved.environ  # noqa: B003 - the object that `os` itself works with
    for key in [key for key in _encoded() if key not in saved.variables]:
        del os.environ[os.fsdecode(key)]
    os.environ.update({os.fsdecode(key): os.fsdecode(value) for key, value in saved.variables.items()})


def _encoded() -> Mapping[Any, Any]:
    found: Mapping[Any, Any] = getattr(os.environ, "_data", os.environ)
    return found


def _timers() -> tuple[bool, ...]:
    return tuple(signal.getitimer(timer)[0] > 0 for timer in _TIMERS)


def _write_timers(saved: tuple[bool, ...]) -> None:
    for timer, running in zip(_TIMERS, saved, strict=True):
        if not running:
            signal.setitimer(timer, 0)


def _write_handlers(saved: list[Any]) -> None:
    fatal = {getattr(signal, name) for name in _FATAL}
    for number, handler in zip(_SIGNALS, saved, strict=True):
        if _get_handler(number) is handler or _get_handler(number) == handler:
            continue
        signal.signal(number, handler)
        if number in fatal and faulthandler.is_enabled():
            # Python has replaced the handler of faulthandler, which only its next worker can have again.
            faulthandler.disable()


def _write_mask(saved: set[int]) -> None:
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    freed = (blocked - saved) & signal.sigpending()
    while freed:  # what waits would reach a handler that is not meant for it, and by default ends the process
        number = signal.sigtimedwait(freed, 0)
        if number is None:
            break
        freed &= signal.sigpending()
    signal.pthread_sigmask(signal.SIG_SETMASK, saved)


def _write_faulthandler(saved: bool) -> None:
    if not saved:  # else its file is not known: it is lost
        faulthandler.disable()


def _umask() -> int:
    found = os.umask(0o077)
    os.umask(found)
    return found


def _float_mode() -> tuple[bool, bool, bool]:
    """Whether small numbers are kept, and how halves are rounded. Threads of C start with the mode of their parent."""
    return _SMALLEST * 1.0 > 0.0, 1.0 + _HALF > 1.0, -1.0 - _HALF < -1.0


def _write_float_mode(saved: object) -> None:
    import ctypes

    ctypes.CDLL(None).fesetenv(ctypes.c_void_p(-1))  # FE_DFL_ENV


def _has_input() -> bool:
    try:
        os.fstat(0)
    except OSError:
        return False
    return True


def _write_input(saved: bool) -> None:
    if saved:
        found = os.open(os.devnull, os.O_RDONLY)
        if found != 0:
            os.dup2(found, 0)
            os.close(found)
    else:
        os.close(0)


def _write_user(saved: tuple[tuple[int, int, int], tuple[int, int, int]]) -> None:
    os.setresgid(*saved[1])
    os.setresuid(*saved[0])
