"""Fingerprints of subjects, by which a change in place is seen at little cost.

A fingerprint is made by walking what a value holds: items, attributes, slots, closures, arguments of partial calls. It
calls no code of the value's own classes. Plain values are kept, numbers in bulk are summed up (:mod:`.bulk`). Modules,
classes and loggers, which belong to the whole process, are taken as one thing each, and so is what C code hides.
"""

from __future__ import annotations

import functools
import itertools
import sys
import types
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Literal, TypeAlias

from speccheck.subjects import moving
from speccheck.subjects.bulk import Bulk

NODES = 10_000
"""The most things of one subject that are looked at; those near its surface come first."""

_Place: TypeAlias = tuple[str, Literal["value", "class", "callable", "attributes", "items", "length"]]
_Held: TypeAlias = list[tuple[str, Any]]

_ATOMS = frozenset({bool, int, float, complex, str, bytes, range, slice, type(None), type(...), type(NotImplemented)})
_WHOLE = (type, types.ModuleType, types.BuiltinFunctionType, types.CodeType, property)
_SEQUENCES = (list, tuple, set, frozenset, deque)
_TABLES = frozenset({"_parameters", "_buffers", "_modules"})
"""The tables of a torch module, whose entries are its attributes to a reader."""

_IMMUTABLE = frozenset({"datetime", "decimal", "fractions", "pathlib", "uuid"})
"""Modules of classes whose objects are equal or not, and change nothing but what they remember of themselves."""

_ABSENT = object()


class Fingerprint:
    """The content of a value when this was made. ``apart`` are values with fingerprints of their own."""

    def __init__(self, value: Any, apart: Iterable[Any] = ()) -> None:
        self._alive = [*apart]  # no id is used twice as long as its object lives
        self._apart = {id(item) for item in self._alive}
        self._seen: set[int] = set()
        self._bulk = Bulk()
        self._logger = getattr(sys.modules.get("logging"), "Logger", ())
        self._marks: dict[_Place, Any] = {}
        waiting = deque([("", value)])
        for _ in range(NODES):
            if not waiting:
                break
            path, item = waiting.popleft()
            waiting.extend(self._look(path, item))

    def changes(self, later: Fingerprint) -> tuple[str, ...]:
        """Return the paths of what differs in a later fingerprint of the same value."""
        if self._marks == later._marks:
            return ()
        found: dict[str, None] = {}
        for place in {**self._marks, **later._marks}:
            before, after = self._marks.get(place, _ABSENT), later._marks.get(place, _ABSENT)
            if _differ(before, after):
                found |= dict.fromkeys(_differing(place, before, after))
        return tuple(path for path in found if not any(outer in found for outer in _outer(path)))

    def _look(self, path: str, value: Any) -> _Held:
        """Mark a value, and return what it holds."""
        kind = type(value)
        if kind in _ATOMS:
            self._marks[path, "value"] = value
            return []
        if id(value) in self._seen:
            return []
        self._seen.add(id(value))
        self._alive.append(value)
        if id(value) in self._apart or issubclass(kind, _WHOLE) or issubclass(kind, self._logger):
            self._marks[path, "value"] = id(value)
            return []
        if kind.__module__ in _IMMUTABLE:
            self._marks[path, "value"] = value
            return []
        if issubclass(kind, dict):
            return self._dict(path, value)
        if issubclass(kind, _SEQUENCES):
            return self._items(path, list(value), ordered=not issubclass(kind, (set, frozenset)))
        return self._object(path, value)

    def _object(self, path: str, value: Any) -> _Held:
        mark, held = self._bulk.mark(value), self._bulk.held
        if mark is None:
            mark, held = moving.mark(value), moving.held
        if mark is not None:
            self._marks[path, "value"] = mark
            return [(f"{path}.{name}", item) for name, item in held(value)]
        called, found = _called(value), _attributes(value)
        if called or not found:
            self._marks[path, "callable"] = id(getattr(value, "__func__", value)) if called else id(value)
        else:
            self._marks[path, "class"] = id(type(value))
        atoms = {name: item for name, item in found if type(item) in _ATOMS}
        if atoms:
            self._marks[path, "attributes"] = atoms
        rest = [(name, item) for name, item in found if type(item) not in _ATOMS]
        return [(f"{path}{name}", item) for name, item in called] + self._members(path, value, rest)

    def _members(self, path: str, value: Any, found: _Held) -> _Held:
        if not issubclass(type(value), getattr(sys.modules.get("torch.nn"), "Module", ())):
            return [(f"{path}.{name}", item) for name, item in found]
        tables = [item for name, item in found if name in _TABLES and isinstance(item, dict)]
        return [
            *((f"{path}.{name}", item) for table in tables for name, item in dict.items(table)),
            *((f"{path}.{name}", item) for name, item in found if name not in _TABLES),
        ]

    def _dict(self, path: str, value: dict[Any, Any]) -> _Held:
        keys, values = list(dict.keys(value)), list(dict.values(value))
        if not _ATOMS.issuperset(map(type, keys)):  # to hash them may be code of their own
            return self._items(path, keys) + self._items(f"{path}.values()", values)
        if _ATOMS.issuperset(map(type, values)):
            self._marks[path, "items"] = dict(dict.items(value))
            return []
        pairs = list(zip(keys, values, strict=True))
        self._marks[path, "items"] = {key: item if type(item) in _ATOMS else _ABSENT for key, item in pairs}
        return [(f"{path}[{key!r}]", item) for key, item in pairs if type(item) not in _ATOMS]

    def _items(self, path: str, values: list[Any], *, ordered: bool = True) -> _Held:
        if _ATOMS.issuperset(map(type, values)):
            self._marks[path, "items"] = values if ordered else frozenset(values)
            return []
        self._marks[path, "length"] = len(values)
        return [(f"{path}[{at}]", item) for at, item in enumerate(itertools.islice(values, NODES))]


def _outer(path: str) -> Iterator[str]:
    """The paths of what a path leads through."""
    yield from (path[:at] for at, sign in enumerate(path) if sign in ".[")


def _differ(before: Any, after: Any) -> bool:
    return before is not after and (type(before) is not type(after) or before != after)


def _differing(place: _Place, before: Any, after: Any) -> Iterator[str]:
    """The paths of what differs between two marks of one place."""
    path, kind = place
    if kind == "attributes":  # without any of plain value there is no mark
        before, after = ({} if found is _ABSENT else found for found in (before, after))
    if isinstance(before, dict) and isinstance(after, dict):
        for key in {**before, **after}:
            if _differ(before.get(key, _ABSENT), after.get(key, _ABSENT)):
                yield f"{path}.{key}" if kind == "attributes" else f"{path}[{key!r}]"
    elif kind == "items" and isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        yield from (f"{path}[{at}]" for at in range(len(before)) if _differ(before[at], after[at]))
    else:
        yield path


def _called(value: Any) -> _Held:
    """Return what a call of the value is made of."""
    if isinstance(value, functools.partial):
        return [(".func", value.func), (".args", value.args), (".keywords", value.keywords)]
    if isinstance(value, types.MethodType):
        return [("", value.__self__)]
    if isinstance(value, types.FunctionType):
        names = value.__code__.co_freevars
        cells = zip(names, value.__closure__ or (), strict=False)
        closed = [(f".{name}", found) for name, cell in cells if (found := _content(cell)) is not _ABSENT]
        return [*closed, (".__defaults__", value.__defaults__), (".__kwdefaults__", value.__kwdefaults__)]
    return []


def _content(cell: types.CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return _ABSENT


def _attributes(value: Any) -> _Held:
    """The attributes and slots of an object, without those that ``functools.cached_property`` remembers."""
    try:
        own = object.__getattribute__(value, "__dict__")
    except AttributeError:
        own = {}
    kind: Any = type(value)
    remembered, slots = _of_class(kind)
    found = [(name, item) for name, item in dict.items(own) if name not in remembered] if type(own) is dict else []
    for name, slot in slots:
        try:
            found.append((name, slot.__get__(value)))
        except AttributeError:  # an empty slot
            continue
    return found


@functools.lru_cache(maxsize=1024)
def _of_class(kind: Any) -> tuple[frozenset[str], tuple[tuple[str, types.MemberDescriptorType], ...]]:
    members = [(name, item) for base in kind.__mro__ for name, item in vars(base).items()]
    remembered = frozenset(name for name, item in members if isinstance(item, functools.cached_property))
    slots = tuple(
        (name, item)
        for name, item in members
        if isinstance(item, types.MemberDescriptorType) and item.__objclass__.__flags__ & _HEAP
    )
    return remembered, slots


_HEAP = 1 << 9
"""The flag of classes that Python code defines; the members of others are their own business."""
