"""Records: mappings or objects in a list, and the fields that a spec names in them by a dotted path."""

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
    """A field that a record does not have."""


MISSING: Final = Missing()


def as_records(value: Any, name: str) -> Sequence[Any]:
    """The records of a list, or of anything with a length and items by number; MeasurementError for the rest."""
    if isinstance(value, (str, bytes, Mapping)) or not (hasattr(value, "__len__") and hasattr(value, "__getitem__")):
        raise MeasurementError(f"`{name}` is a {type(value).__name__}, not a list of records")
    found: Sequence[Any] = value
    return found


def field(record: Any, path: str) -> Any:
    """What a dotted path names in a record, or MISSING.

    A part is a key of a mapping, a whole number an index of a sequence (negative from its end), anything else an
    attribute. A name on a list is taken of each of its items, so ``frames.timestamp`` is the list of their timestamps.
    The empty path is the record.
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
        elif isinstance(value, (list, tuple)) and not hasattr(value, part):
            items = [_walk(item, parts[at:]) for item in value]
            return MISSING if any(item is MISSING for item in items) else items
        else:
            value = getattr(value, part, MISSING)
            if value is MISSING:
                return MISSING
    return value


def _index(part: str) -> int | None:
    try:
        return int(part)
    except ValueError:
        return None


def listed(value: Any) -> list[Any]:
    """The items of a field: of a list, tuple or array (as Python scalars) its items, of anything else itself."""
    if is_array(value):
        found = value.tolist()
        return found if isinstance(found, list) else [found]
    return list(value) if isinstance(value, (list, tuple)) else [value]


def plain(value: Any) -> Value:
    """A field as metrics and tables hold it: scalars and text as they are, lists item by item, the rest as text."""
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
    """What two values share if, and only if, they are the same: 1 and 1.0 are, 1 and True are not, NaN is one value.

    A list is its items, in a tuple and an array, too; a path is its text; a mapping has no order. MeasurementError,
    naming the value by ``name``, for an object of another type: it may compare, and be written, by its address.
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
    """Weights come by the ten thousand: a list of plain scalars without NaN is taken whole."""
    kinds = set(map(type, items))
    if kinds <= _HASHED_AS_THEY_ARE and not (float in kinds and any(map(operator.ne, items, items))):
        return tuple(items)
    return tuple(canonical(item, name) for item in items)


def text(value: Any, limit: int = 80) -> str:
    """A value in a message, cut when long."""
    found = value if isinstance(value, str) else repr(value)
    return found if len(found) <= limit else f"{found[: limit - 1]}…"


def number(record: Any, column: str, where: str) -> float:
    """A number of a record; MeasurementError, saying where, when it is none."""
    value = plain(field(record, column))
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        what = "missing" if field(record, column) is MISSING else f"{text(value)}, not a number"
        raise MeasurementError(f"{where}: {column} is {what}")
    return value


def sampled(size: int, sample: int | None, seed: int) -> list[int]:
    """All indices, or that many of them drawn without repetition under a seed, in ascending order."""
    import random

    if sample is None or sample >= size:
        return list(range(size))
    return sorted(random.Random(seed).sample(range(size), sample))
