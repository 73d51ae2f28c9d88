"""State of libraries, for those that are imported: numbers, randomness apart, as in a process that just imported them.

The seeding of a measurement restores the generators of random numbers.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from speccheck.executors.state.item import Item, attribute
from speccheck.executors.state.torch_state import torch_items


def _numpy_items() -> tuple[Item, ...]:
    import numpy as np

    return (
        Item("numpy error handling", np.geterr, lambda saved: np.seterr(**saved)),
        Item("numpy error callback", np.geterrcall, np.seterrcall),
        Item("numpy buffer size", np.getbufsize, np.setbufsize),
        Item("numpy print options", np.get_printoptions, lambda saved: np.set_printoptions(**saved)),
    )


def _decimal_items() -> tuple[Item, ...]:
    import decimal

    def read() -> decimal.Context:
        return decimal.getcontext().copy()

    def same(saved: decimal.Context, now: decimal.Context) -> bool:
        return repr(saved) == repr(now)

    return (Item("decimal context", read, lambda saved: decimal.setcontext(saved.copy()), same),)


def _logging_items() -> tuple[Item, ...]:
    import logging

    root = logging.getLogger()

    def write_handlers(saved: list[logging.Handler]) -> None:
        root.handlers[:] = saved

    return (
        Item("level of logging", lambda: root.level, root.setLevel),
        Item("handlers of logging", lambda: list(root.handlers), write_handlers),
        Item("filters of logging", lambda: list(root.filters), lambda saved: setattr(root, "filters", list(saved))),
        Item("logging.disable", lambda: root.manager.disable, logging.disable),
        attribute("logging.raiseExceptions", logging, "raiseExceptions"),
        attribute("logging.lastResort", logging, "lastResort"),
        Item("class of loggers", logging.getLoggerClass, logging.setLoggerClass),
        Item("factory of log records", logging.getLogRecordFactory, logging.setLogRecordFactory),
    )


def _socket_items() -> tuple[Item, ...]:
    import socket

    return (Item("time limit of sockets", socket.getdefaulttimeout, socket.setdefaulttimeout),)


def _multiprocessing_items() -> tuple[Item, ...]:
    import multiprocessing

    read = partial(multiprocessing.get_start_method, allow_none=True)
    return (Item("start method of multiprocessing", read, partial(_set_start_method, multiprocessing), _same_method),)


def _set_start_method(multiprocessing: Any, saved: str | None) -> None:
    multiprocessing.set_start_method(saved, force=True)


def _same_method(saved: str | None, now: str | None) -> bool:
    """Whether the start method is as before; the first use of multiprocessing sets the default one."""
    default: Any = sys.modules["multiprocessing.context"]
    return saved == now or (saved is None and now == default._default_context._default_context._name)


LIBRARIES: Mapping[str, Callable[[], tuple[Item, ...]]] = {
    "decimal": _decimal_items,
    "logging": _logging_items,
    "multiprocessing": _multiprocessing_items,
    "numpy": _numpy_items,
    "socket": _socket_items,
    "torch": torch_items,
}
