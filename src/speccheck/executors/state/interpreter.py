"""State of the interpreter: limits, hooks, streams, warnings, the import system and garbage collection."""

from __future__ import annotations

import gc
import sys
import sysconfig
import threading
import warnings
from collections.abc import Iterable
from functools import partial
from typing import Any

from speccheck.executors.state.item import Item, attribute
from speccheck.executors.state.threads import threads_item


def interpreter_items() -> tuple[Item, ...]:
    """Return the items of the interpreter. The capture of output restores ``sys.stdout`` and ``sys.stderr``."""
    return (
        Item("recursion limit", sys.getrecursionlimit, sys.setrecursionlimit),
        Item("switch interval", sys.getswitchinterval, sys.setswitchinterval),
        Item("longest integer text", sys.get_int_max_str_digits, sys.set_int_max_str_digits),
        attribute("sys.excepthook", sys, "excepthook"),
        attribute("sys.unraisablehook", sys, "unraisablehook"),
        attribute("sys.displayhook", sys, "displayhook"),
        attribute("sys.breakpointhook", sys, "breakpointhook"),
        attribute("threading.excepthook", threading, "excepthook"),
        threads_item(),
        Item("trace function", sys.gettrace, sys.settrace, _same_trace),
        Item("profile function", sys.getprofile, sys.setprofile),
        Item("trace function of threads", threading.gettrace, threading.settrace),
        Item("profile function of threads", threading.getprofile, threading.setprofile),
        attribute("sys.stdin", sys, "stdin"),
        Item("sys.argv", lambda: list(sys.argv), partial(setattr, sys, "argv")),
        attribute("sys.dont_write_bytecode", sys, "dont_write_bytecode"),
        Item("sys.path", lambda: list(sys.path), _write_path, _same_path),
        Item("sys.meta_path", lambda: list(sys.meta_path), _write_finders, _same_finders),
        Item("sys.path_hooks", lambda: list(sys.path_hooks), _write_hooks),
        Item("garbage collection", gc.isenabled, lambda on: gc.enable() if on else gc.disable()),
        Item("thresholds of garbage collection", gc.get_threshold, lambda found: gc.set_threshold(*found)),
        Item("debug flags of garbage collection", gc.get_debug, gc.set_debug),
        Item("callbacks of garbage collection", lambda: list(gc.callbacks), partial(_fill, gc.callbacks)),
        Item("warning filters", lambda: list(warnings.filters), _write_filters),
        attribute("warnings.showwarning", warnings, "showwarning"),
    )


def _same_trace(saved: Any, now: Any) -> bool:
    """A debugger that the user starts inside an entry goes on behind it."""
    debugger = getattr(sys.modules.get("bdb"), "Bdb", ())
    return saved == now or isinstance(getattr(now, "__self__", None), debugger)


def _fill(target: list[Any], values: Iterable[Any]) -> None:
    target[:] = values


def _write_filters(saved: list[Any]) -> None:
    warnings.filters[:] = saved  # type: ignore[index]  # typeshed calls it a Sequence
    warnings._filters_mutated()  # type: ignore[attr-defined]  # or `warn` goes by what it remembers


def _write_hooks(saved: list[Any]) -> None:
    sys.path_hooks[:] = saved
    sys.path_importer_cache.clear()  # it holds finders of the hooks that are gone


def _own(finder: Any) -> bool:
    return _module(finder).startswith("speccheck.")


def _module(finder: Any) -> str:
    return str(getattr(finder if isinstance(finder, type) else type(finder), "__module__", ""))


def _foreign(finders: list[Any]) -> list[Any]:
    return [finder for finder in finders if not _own(finder)]


def _came_with_a_library(finder: Any) -> bool:
    """Whether an installed library defines it: without its finder, what is imported of it stops working (``six``)."""
    return _installed(getattr(sys.modules.get(_module(finder)), "__file__", None) or "")


def _installed(path: str) -> bool:
    return path.startswith(tuple(f"{sysconfig.get_path(name)}/" for name in ("purelib", "platlib")))


def _same_finders(saved: list[Any], now: list[Any]) -> bool:
    before, after = _foreign(saved), _foreign(now)
    if before == after:
        return True
    return before == [finder for finder in after if finder in before or not _came_with_a_library(finder)]


def _write_finders(saved: list[Any]) -> None:
    before, now = _foreign(saved), list(sys.meta_path)
    own = [finder for finder in now if _own(finder)]
    added = [finder for finder in _foreign(now) if finder not in before and _came_with_a_library(finder)]
    sys.meta_path[:] = [*own, *before, *added]


def _code_folders() -> set[str]:
    """The folders that speccheck itself has put into ``sys.path``: those that its finders of audited code search."""
    return {str(folder) for finder in sys.meta_path if _own(finder) for folder in getattr(finder, "folders", ())}


def _added_paths(saved: list[str]) -> list[str]:
    """Return what may stay in ``sys.path``: code folders, and folders that an installed library adds for itself."""
    folders = _code_folders()
    return [path for path in sys.path if path not in saved and (path in folders or _installed(path))]


def _same_path(saved: list[str], now: list[str]) -> bool:
    return now == saved or (now[: len(saved)] == saved and now[len(saved) :] == _added_paths(saved))


def _write_path(saved: list[str]) -> None:
    sys.path[:] = [*saved, *_added_paths(saved)]
