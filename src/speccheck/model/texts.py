"""Changing all the text of a record: to escape what UTF-8 cannot carry, or to mask secrets."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from typing import Any, TypeAlias, TypeVar

import msgspec

Change: TypeAlias = Callable[[str], str]
"""Gives the very text back where there is nothing to change."""

Kept: TypeAlias = Mapping[type, frozenset[str]]
"""Fields left as they are, by the struct that has them."""

T = TypeVar("T")

_NO_TEXT = frozenset({bool, int, float, type(None)})


def map_text(value: T, change: Change, kept: Kept | None = None) -> T:
    """Return the value with every text in it changed, keys of mappings included; the same object when nothing changes.

    Two keys that become one get different numbers, so that no value is lost.
    """
    result: T = _mapped(value, change, kept or {})
    return result


def escape_surrogates(text: str) -> str:
    """Return the text with lone surrogates, which file names in other encodings bring along, escaped as ``\\udcff``."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _mapped(value: Any, change: Change, kept: Kept) -> Any:
    kind = type(value)
    if kind is str:
        return change(value)
    if kind in _NO_TEXT or isinstance(value, (Enum, bytes, bytearray)):
        return value
    if isinstance(value, msgspec.Struct):
        return _struct(value, change, kept)
    if isinstance(value, Mapping):
        return _mapping(value, change, kept)
    if isinstance(value, str):
        return change(str.__str__(value))
    if isinstance(value, Sequence):
        items = [_mapped(item, change, kept) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return tuple(items) if isinstance(value, tuple) else items
    return value


def _struct(value: msgspec.Struct, change: Change, kept: Kept) -> msgspec.Struct:
    names = [name for name in value.__struct_fields__ if name not in kept.get(type(value), ())]
    pairs = [(name, getattr(value, name)) for name in names]
    changed = {name: new for name, old in pairs if (new := _mapped(old, change, kept)) is not old}
    return msgspec.structs.replace(value, **changed) if changed else value


def _mapping(value: Mapping[Any, Any], change: Change, kept: Kept) -> Mapping[Any, Any]:
    out: dict[Any, Any] = {}
    same = True
    for key, item in value.items():
        name = change(key) if isinstance(key, str) else key
        if name is not key:
            name = free_name(name, value, out)
        out[name] = _mapped(item, change, kept)
        same = same and name is key and out[name] is item
    return value if same else out


def free_name(name: str, *taken: Mapping[Any, Any]) -> str:
    """Return the name, with a number behind it where it is taken."""
    candidate, number = name, 1
    while any(candidate in names for names in taken):
        number += 1
        candidate = f"{name} ({number})"
    return candidate
