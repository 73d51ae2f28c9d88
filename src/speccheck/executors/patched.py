"""Patches of audited code: names of ``builtins`` and of speccheck itself that it has bound to something else.

A check that counts with a replaced ``len``, or a judge whose table of constraints has a new entry, gives evidence of
nothing. So whatever was bound anew is bound back, and the entry is an error that names it. New names are allowed where
they hide nothing, and so are the names of terminal input and output, which are bound back silently.
"""

from __future__ import annotations

import builtins
import itertools
import operator
import sys
from collections.abc import Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Any, NamedTuple

_PACKAGE = "speccheck"
_TERMINAL = ("print", "input", "open", "breakpoint", "help", "exit", "quit", "copyright", "credits", "license")
_FREE = frozenset({*_TERMINAL, "_", "__import__", "__build_class__"})
"""Names of ``builtins`` that audited code may bind anew; they are bound back."""

# A replaced builtin must not decide whether it was replaced.
_all, _map, _is, _len, _isinstance = all, map, operator.is_, len, isinstance
_chained = itertools.chain.from_iterable
_code = operator.attrgetter("__code__")
_ABSENT = object()


class PatchedInterpreter(Exception):  # noqa: N818 - it is no error of speccheck
    """Audited code has bound names of ``builtins`` or of speccheck to something else."""


class _Space(NamedTuple):
    """A namespace, or a table at the top of a module, and what it contained."""

    label: str
    owner: Any
    content: Any
    saved: Any


class Patches:
    """The names of ``builtins`` and of all modules of speccheck, with the objects that they are bound to."""

    def __init__(self) -> None:
        self._spaces: list[_Space] = []
        self._functions: dict[int, tuple[FunctionType, CodeType]] = {}
        self._modules: dict[str, ModuleType] = {}
        self._builtins = vars(builtins)
        self._saved_builtins = self._builtins.copy()
        self._add("builtins", builtins, self._builtins)
        for name in [name for name in sys.modules if wanted(name)]:
            self.arrived(name)

    def arrived(self, name: str) -> None:
        """Learn what a module of speccheck contains, whose import has just ended."""
        if name in self._modules:
            return
        module = self._modules[name] = sys.modules[name]
        self._add(name, module, vars(module))
        for key, value in vars(module).items():
            if isinstance(value, type) and value.__module__ == name:
                self._add(f"{name}.{value.__qualname__}", value, vars(value))
            elif isinstance(value, (dict, list, set)) and not key.startswith("__"):
                self._add(f"{name}.{key}", value, value)

    def _add(self, label: str, owner: Any, content: Any) -> None:
        self._spaces.append(_Space(label, owner, content, content.copy()))
        if isinstance(owner, (type, ModuleType)) and owner is not builtins:
            owned = [
                value for value in content.values() if isinstance(value, FunctionType) and wanted(value.__module__)
            ]
            self._functions |= {id(value): (value, value.__code__) for value in owned}
        self._settled = False

    def undo(self) -> tuple[str, ...]:
        """Bind back what has been bound anew, and return its names, except those of terminal input and output."""
        if not self._settled:
            self._settle()
        if self._unchanged():
            return ()
        found = self._undo_builtins()
        found += [name for name, module in self._modules.items() if sys.modules.get(name) is not module]
        sys.modules.update(self._modules)
        self._spaces = [space if _same(space) else _restored(space, found) for space in self._spaces]
        for function, code in self._functions.values():
            if function.__code__ is not code:
                function.__code__ = code
                found.append(f"{function.__module__}.{function.__qualname__}.__code__")
        self._settled = False
        return tuple(found)

    def _undo_builtins(self) -> list[str]:
        """Bind back the names of ``builtins``, without a use of any: from here on they are what they should be."""
        now, found = self._builtins, []
        for name, value in self._saved_builtins.items():
            if now.get(name, _ABSENT) is not value:
                now[name] = value
                if name not in _FREE:
                    found.append(f"builtins.{name}")
        return found

    def _settle(self) -> None:
        """Put everything into one row, which is compared at once: most measurements replace nothing."""
        self._views = [*(_values(space.content) for space in self._spaces), [_END]]
        self._saved = [*_chained([_values(space.saved) for space in self._spaces]), _END]
        self._owned = [function for function, _ in self._functions.values()]
        self._codes = [code for _, code in self._functions.values()]
        self._settled = True

    def _unchanged(self) -> bool:
        try:
            return (
                _all(_map(_is, self._saved, _chained(self._views)))
                and _all(_map(_is, self._modules.values(), _map(sys.modules.get, self._modules)))
                and _all(_map(_is, self._codes, _map(_code, self._owned)))
            )
        except RuntimeError:  # a thread changes one of them meanwhile
            return False


_END = object()
"""Follows all values: the last one may have gone."""


def _values(content: Any) -> Any:
    return content.values() if _isinstance(content, Mapping) else content


def _same(space: _Space) -> bool:
    same_size = _len(space.content) == _len(space.saved)
    return same_size and _all(_map(_is, _values(space.saved), _values(space.content)))


def wanted(name: str | None) -> bool:
    """Whether a module is one of speccheck."""
    return name is not None and (name == _PACKAGE or name.startswith(f"{_PACKAGE}."))


def _restored(space: _Space, found: list[str]) -> _Space:
    """Bind back the names of one namespace, add those bound anew to the list, and return it as it now is."""
    if not _isinstance(space.content, Mapping):
        space.content.clear()
        (space.content.extend if _isinstance(space.content, list) else space.content.update)(space.saved)
        found.append(f"the content of {space.label}")
        return space
    now = space.content.copy()
    for name, value in space.saved.items():
        if now.get(name, _ABSENT) is not value and not _is_submodule(space, name, now.get(name)):
            _bind(space, name, value)
            found.append(_named(space, name))
    for name in [name for name in now if name not in space.saved and _hides(space, name)]:
        _unbind(space, name)
        found.append(_named(space, name))
    return space._replace(saved=space.content.copy())


def _is_submodule(space: _Space, name: str, value: Any) -> bool:
    """Whether the import of a submodule has bound its name, which is the name of something in the package too."""
    return isinstance(value, ModuleType) and sys.modules.get(f"{space.label}.{name}") is value


def _hides(space: _Space, name: str) -> bool:
    """Whether a new name is found before one that was meant: a builtin, or an attribute of a base class."""
    if isinstance(space.owner, type):
        return any(name in vars(base) for base in space.owner.__mro__[1:])
    if isinstance(space.owner, ModuleType):
        return space.owner is not builtins and hasattr(builtins, name) and not name.startswith("__")
    return True  # a table has its content, and no more


def _bind(space: _Space, name: Any, value: Any) -> None:
    if isinstance(space.owner, type):
        type.__setattr__(space.owner, name, value)
    else:
        space.content[name] = value  # of a module, or a table


def _unbind(space: _Space, name: Any) -> None:
    if isinstance(space.owner, type):
        type.__delattr__(space.owner, name)
    else:
        del space.content[name]


def _named(space: _Space, name: Any) -> str:
    return f"{space.label}[{name!r}]" if isinstance(space.owner, dict) else f"{space.label}.{name}"
