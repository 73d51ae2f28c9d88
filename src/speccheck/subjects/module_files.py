"""Files that audited modules read while they are imported: they lie behind every subject that uses the module."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Set
from types import FrameType, FunctionType, ModuleType

_INSTALLED = ("/site-packages/", "/dist-packages/")


def importing(frame: FrameType | None) -> tuple[str, bool]:
    """Return the innermost module that is being run for the first time in these frames, or '', and if it is installed.

    What an installed package reads when it is imported, such as its cache of fonts, is its own business.
    """
    while frame is not None:
        if frame.f_code.co_name == "<module>" and _is_import(frame.f_back):
            file = frame.f_code.co_filename.replace("\\", "/")
            return str(frame.f_globals.get("__name__", "")), any(folder in file for folder in _INSTALLED)
        frame = frame.f_back
    return "", False


def _is_import(caller: FrameType | None) -> bool:
    """Return whether the importer runs the body of a module: a script, and what a tool executes, is no import."""
    return caller is not None and caller.f_code.co_filename.startswith("<frozen importlib")


def files_behind(name: str, read: Mapping[str, Set[str]], audits: Callable[[str], bool]) -> set[str]:
    """Return the files that a module, and the audited modules whose names it uses, read when they were imported.

    ``read`` holds them by module.
    """
    parts = name.split(".")
    waiting = [".".join(parts[: at + 1]) for at in range(len(parts))]
    seen: set[str] = set()
    found: set[str] = set()
    while waiting and read:
        one = waiting.pop()
        module = sys.modules.get(one)
        if one in seen or module is None or not audits(str(getattr(module, "__file__", None) or "")):
            continue
        seen.add(one)
        found |= read.get(one, set())
        waiting += _used(module)
    return found


def _used(module: ModuleType) -> Iterator[str]:
    """Yield the modules of what a module holds, without running code of its own."""
    for value in list(vars(module).values()):
        if isinstance(value, ModuleType):
            yield value.__name__
        elif type(value) is FunctionType or type(value) is type:
            yield str(value.__module__)
