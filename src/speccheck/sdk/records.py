"""Records, which are mappings or objects in a list, and their fields, which a spec names by dotted paths."""

from __future__ import annotations

import operator
from collections.abc import Hashable, Mapping, Sequence
from numbers import Number
from pathlib import PurePath
from typing import Any, Final

from speccheck.model.values import Value
from speccheck.sdk.arrays import is_array, to_numpy
from speccheck.sdk.errors import MeasurementError


class Missing:
    """The class of :data:`MISSING`."""


MISSING: Final = Missing()
"""The value of a field that a record lacks."""


def as_records(value: Any, name: str) -> Sequence[Any]:
    """Return a value with a length and items by number as records; MeasurementError for any other value.

    Text and mappings are not records. ``name`` is the parameter in the message.
    """
    if isinstance(value, (str, bytes, Mapping)) or not (hasattr(value, "__len__") and hasattr(value, "__getitem__")):
        raise MeasurementError(f"`{name}` is a {type(value).__name__}, not a list of records")
    found: Sequence[Any] = value
    return found


def field(record: Any, path: str) -> Any:
    """Return the field that a dotted path names in a record, or MISSING.

    A part of the path is a key of a mapping, an index of a sequence (negative from the end) or an attribute. A name
    applied to a list applies to each item, so that ``frames.timestamp`` is the list of all timestamps; a method of
    lists or texts (``index``, ``count``) is no field. The empty path is the record.
    """
    return _walk(record, path.split(".")) if path else record


def _walk(value: Any, parts: Sequence[str]) -> Any:
    for at, part in enumerate(parts):
        if isinstance(value, Mapping):
            key = part if part in value else _index(part)
            if key is None or key not in value:
                return MISSING
            value = value[key]
            continue
        index = _index(part)
        if index is not None and (is_array(value) or isinstance(value, Sequence)):
            if not -len(value) <= index < len(value):
                return MISSING
            value = value[index]
        elif isinstance(value, (list, tuple)) and not _has_own(value, part):
            items = [_walk(item, parts[at:]) for item in value]
            return MISSING if any(item is MISSING for item in items) else items
        else:
            value = MISSING if isinstance(value, (str, bytes)) else getattr(value, part, MISSING)
            if value is MISSING:
                return MISSING
    return value


def _has_own(items: list[Any] | tuple[Any, ...], name: str) -> bool:
    """Whether a list or tuple has the attribute for itself: every list has the methods `index` and `count`."""
    own = name in getattr(items, "_fields", ())
    return own or (hasattr(items, name) and not hasattr(list, name) and not hasattr(tuple, name))


def _index(part: str) -> int | None:
    try:
        return int(part)
    except ValueError:
        return None


def listed(value: Any) -> list[Any]:
    """Return the items of a list, tuple or array (as Python scalars); any other value is the only item."""
    if is_array(value):
        found = value.tolist()
        return found if isinstance(found, list) else [found]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def plain(value: Any) -> Value:
    """Return a field as plain data for metrics and tables: scalars, text, lists, mappings; the rest as text."""
    if value is None or type(value) in (bool, int, float, str):
        return value
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return plain(value.item())
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


_HASHED_AS_THEY_ARE = frozenset({int, float, str, bytes, type(None)})


def canonical(value: Any, name: str) -> Hashable:
    """Return a hashable key that two values share if, and only if, they are the same value.

    1 and 1.0 are the same, 1 and True are not, NaN equals NaN. A list, a tuple and an array are the same if their items
    are, a path and its text are the same, and the order of a mapping does not count. MeasurementError, which names the
    value by ``name``, for an object of another type, since that may compare by its address.
    """
    if value is None or isinstance(value, (str, bytes)):
        return value
    if isinstance(value, bool):
        return bool, value
    if isinstance(value, Number) and isinstance(value, Hashable):
        return (float, "nan") if operator.ne(value, value) else value
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, (list, tuple)):
        return list, _canonical_items(value, name)
    if isinstance(value, Mapping):
        return dict, frozenset((canonical(key, name), canonical(item, name)) for key, item in value.items())
    if is_array(value):
        return canonical(to_numpy(value).tolist(), name)
    if hasattr(value, "item") and getattr(value, "shape", None) == ():
        return canonical(value.item(), name)
    raise MeasurementError(
        f"{name} holds a {type(value).__name__}: give text, numbers or paths, or lists or mappings of them, to compare"
    )


def _canonical_items(items: Sequence[Any], name: str) -> tuple[Hashable, ...]:
    """A list of plain scalars without NaN is its own key, since lists of weights are long."""
    kinds = set(map(type, items))
    if kinds <= _HASHED_AS_THEY_ARE and not (float in kinds and any(map(operator.ne, items, items))):
        return tuple(items)
    return tuple(canonical(item, name) for item in items)


def text(value: Any, limit: int = 80) -> str:
    """Return a value as text for a message, cut to ``limit`` characters."""
    found = value if isinstance(value, str) else repr(value)
    return found if len(found) <= limit else f"{found[: limit - 1]}…"


def number(record: Any, column: str, where: str) -> float:
    """Return a number of a record; MeasurementError, which begins with ``where``, if it is anything else."""
    value = plain(field(record, column))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        what = "missing" if field(record, column) is MISSING else f"{text(value)}, not a number"
        raise MeasurementError(f"{where}: {column} is {what}")
    return value


def sampled(size: int, sample: int | None, seed: int) -> list[int]:
    """Return all indices, or ``sample`` of them drawn without repetition under a seed, in ascending order."""
    import random

    if sample is None or sample >= size:
        return list(range(size))
    return sorted(random.Random(seed).sample(range(size), sample))
