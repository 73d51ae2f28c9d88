"""Bit-exact comparison of any results of audited code, with the place of the first difference.

A result is flattened into *leaves* by path: ``value.tokens``, ``value[1].rate``. Arrays, tensors, lists of scalars,
text and scalars are leaves; tuples, named tuples, mappings, dataclasses and plain objects are walked.
"""

from __future__ import annotations

import dataclasses
import math
import re
import types
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from speccheck.model.values import TensorDescription
from speccheck.sdk.arrays import NUMERIC_KINDS, absolute_difference, description, is_array, to_numpy
from speccheck.sdk.errors import MeasurementError

if TYPE_CHECKING:
    from numpy.typing import NDArray

ROOT = "value"
"""The path of the result itself."""

_NAME = re.compile(r"[^\W\d]\w*")


@dataclasses.dataclass(frozen=True)
class Tensor:
    """A leaf that is a tensor or array: a copy of its elements, and its original dtype and shape."""

    array: NDArray[Any]
    described: TensorDescription


class Leaves(dict[str, Any]):
    """Leaves by path: a copy of a result, so that changing the result in place does not change them."""


def leaves(value: Any) -> Leaves:
    """Return the leaves of a value by path, copied; :class:`Leaves` are returned unchanged.

    An empty list or mapping is also a leaf, so that its presence counts.
    """
    return value if isinstance(value, Leaves) else Leaves(_walk(ROOT, value, ()))


def equal(a: Any, b: Any) -> bool:
    """Whether two values are identical: the same paths, and at each path the same dtype, shape and bits.

    NaN equals NaN at the same place; -0.0 differs from 0.0. An int equals the float of its value (4 and 4.0), but a
    bool never equals a number. A list equals the tuple of its items. A tensor equals the array of its dtype, but never
    a list.
    """
    return not differences(a, b)


def differences(a: Any, b: Any) -> list[str]:
    """Return the paths at which two values differ, in the order of ``a``; paths that only one has are included."""
    left, right = leaves(a), leaves(b)
    differing = [path for path, leaf in left.items() if path not in right or not same_item(leaf, right[path])]
    return differing + [path for path in right if path not in left]


def max_abs_difference(a: Any, b: Any) -> float:
    """Return the largest |a - b| over all numbers of two values; anything that is not a number is ignored.

    NaN if the numbers cannot be compared: there are none, paths or shapes differ, or only one side is NaN. NaN at the
    same place of both, or the same infinity, counts as 0.
    """
    import numpy as np

    left, right = leaves(a), leaves(b)
    if set(left) != set(right):
        return math.nan
    largest = math.nan
    for path, leaf in left.items():
        x, y = numeric(leaf), numeric(right[path])
        if x is None and y is None:
            continue
        if x is None or y is None or x.shape != y.shape:
            return math.nan
        if x.size == 0:
            continue
        gap = absolute_difference(x, y)
        same = (np.isnan(x) & np.isnan(y)) | (np.isnan(gap) & (x == y))  # the same infinity leaves NaN
        worst = float(np.max(np.where(same, 0.0, gap)))
        if math.isnan(worst):
            return math.nan
        largest = worst if math.isnan(largest) else max(largest, worst)
    return largest


def distinct(value: Any) -> int:
    """Count the distinct elements of the leaf with most elements (the first such leaf).

    A text counts by its characters, and only if no other leaf has more than one element.
    """
    found = leaves(value).values()
    several = [leaf for leaf in found if not isinstance(leaf, str) and count(leaf) > 1]
    leaf = max(several or found, key=count, default=None)
    if leaf is None or count(leaf) == 0:
        return 0
    if isinstance(leaf, Tensor):
        import numpy as np

        return int(np.unique(leaf.array).size)
    return len({_key(item) for item in _flat(leaf)})


def count(leaf: Any) -> int:
    """Count the elements of a leaf: characters of a text, items of a list, 0 for None, 1 for a scalar."""
    if leaf is None:
        return 0
    if isinstance(leaf, Tensor):
        return int(leaf.array.size)
    if isinstance(leaf, (str, bytes, Mapping)):
        return len(leaf)
    return sum(1 for _ in _flat(leaf))


def items(leaf: Any) -> list[Any]:
    """Return the elements of a leaf as Python scalars, row-major: characters of a text, an empty list for None."""
    if leaf is None or leaf == {}:
        return []
    return leaf.array.reshape(-1).tolist() if isinstance(leaf, Tensor) else list(_flat(leaf))


def elements(value: Any) -> int:
    """Count the elements in all leaves of a value."""
    return sum(map(count, leaves(value).values()))


def numeric(leaf: Any) -> NDArray[Any] | None:
    """Return the numbers of a leaf as an array; None if it is None or holds anything but numbers.

    Rows of different lengths are returned flat.
    """
    import numpy as np

    if isinstance(leaf, Tensor):
        return leaf.array if leaf.array.dtype.kind in NUMERIC_KINDS else None
    if isinstance(leaf, (str, bytes, Mapping)) or leaf is None:
        return None
    items = list(_flat(leaf))
    if not all(isinstance(item, (bool, int, float, complex)) for item in items):
        return None
    try:
        array = np.asarray(leaf)
    except ValueError:
        return np.asarray(items)
    return array if array.dtype.kind in NUMERIC_KINDS else np.asarray(items, dtype=np.float64)


def where(path: str, a: Any, b: Any) -> str:
    """Describe in one line how two values differ at a path: missing, another shape, or the first element."""
    import numpy as np

    left, right = leaves(a), leaves(b)
    if path not in left or path not in right:
        return f"{path} is only in {'one result' if path in left else 'the other result'}"
    x, y = left[path], right[path]
    if isinstance(x, Tensor) and isinstance(y, Tensor) and x.described != y.described:
        return f"{path}: {x.described} against {y.described}"
    if count(x) != count(y):
        return f"{path}: {count(x)} elements against {count(y)}"
    p, q = items(x), items(y)
    at = [index for index, pair in enumerate(zip(p, q, strict=False)) if not same_item(*pair)]
    if not at or len(p) == 1:
        return f"{path}: {_short(p[0] if p else x)} against {_short(q[0] if q else y)}"
    shape = x.array.shape if isinstance(x, Tensor) else (len(p),)
    place = ", ".join(str(int(axis)) for axis in np.unravel_index(at[0], shape))
    return f"{path}: {len(at)} of {len(p)} elements differ, first at [{place}]: {_short(p[at[0]])}, {_short(q[at[0]])}"


def _walk(path: str, value: Any, above: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    if is_array(value):
        yield from _walk_array(path, value, above)
        return
    leaf = _leaf(value)
    if leaf is not None or value is None:
        yield path, leaf
    elif id(value) in above:
        yield path, "<the object itself>"
    else:
        for step, item in _parts(value):
            yield from _walk(path + step, item, (*above, id(value)))


def _walk_array(path: str, value: Any, above: tuple[int, ...]) -> Iterator[tuple[str, Any]]:
    array = to_numpy(value.dequantize() if getattr(value, "is_quantized", False) else value)
    if array.dtype.kind == "O":
        yield from _walk(path, array.tolist(), above)
    else:
        yield path, Tensor(array.copy(), description(value))


def _leaf(value: Any) -> Any:
    """The value as a leaf, or None if it has parts."""
    if isinstance(value, (bool, int, float, complex, str, bytes)):
        return value
    if _is_numpy_scalar(value):
        return value.item()
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        plain = [item.item() if _is_numpy_scalar(item) else item for item in value]
        if _uniform(plain) or (type(value) is list and all(type(row) is list and _uniform(row) for row in plain)):
            return [list(row) if isinstance(row, list) else row for row in plain]
        return None
    if isinstance(value, Mapping):
        return None if value else {}
    return None if _fields(value) is not None else value


def _is_numpy_scalar(value: Any) -> bool:
    return hasattr(value, "dtype") and hasattr(value, "item") and not is_array(value)


def _uniform(items: list[Any]) -> bool:
    return all(isinstance(item, (bool, int, float, complex)) for item in items) or all(
        isinstance(item, str) for item in items
    )


def _parts(value: Any) -> list[tuple[str, Any]]:
    if isinstance(value, Mapping):
        return [(_step(key), item) for key, item in value.items()]
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return [(f"[{index}]", item) for index, item in enumerate(value)]
    return [(_step(name), item) for name, item in (_fields(value) or {}).items()]


def _fields(value: Any) -> dict[str, Any] | None:
    """The named parts of a named tuple, a dataclass or an object that does not define equality; else None."""
    if isinstance(value, (type, types.ModuleType)):  # from a module, paths lead through all of the interpreter
        return None
    if isinstance(value, tuple):
        return {name: getattr(value, name) for name in getattr(value, "_fields", ())}
    if dataclasses.is_dataclass(value):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    identity: Any = object.__eq__
    held = getattr(value, "__dict__", None)
    if callable(value) or not held or type(value).__eq__ not in (identity, types.SimpleNamespace.__eq__):
        return None
    return dict(held)


def _step(key: Any) -> str:
    return f".{key}" if isinstance(key, str) and _NAME.fullmatch(key) else f"[{key!r}]"


def same_item(a: Any, b: Any) -> bool:
    """Whether two leaves, or two elements of leaves, are identical in the sense of :func:`equal`.

    MeasurementError when their own comparison raises.
    """
    if isinstance(a, Tensor) or isinstance(b, Tensor):
        return isinstance(a, Tensor) and isinstance(b, Tensor) and a.described == b.described and _same_bits(a, b)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same_item, a, b))
    if isinstance(a, float) and isinstance(b, float):
        return (a == b and math.copysign(1, a) == math.copysign(1, b)) or (math.isnan(a) and math.isnan(b))
    if isinstance(a, bool) is not isinstance(b, bool):
        return False
    try:
        return bool(a == b)
    except (TypeError, ValueError, RuntimeError) as error:
        raise MeasurementError(f"a {type(a).__name__} and a {type(b).__name__} cannot be compared: {error}") from error


def _same_bits(a: Tensor, b: Tensor) -> bool:
    import numpy as np

    x, y = a.array, b.array
    if x.dtype.kind == "c":
        x, y = np.stack([x.real, x.imag]), np.stack([y.real, y.imag])
    if x.dtype.kind != "f":
        return bool(np.array_equal(x, y))
    same = ((x == y) & (np.signbit(x) == np.signbit(y))) | (np.isnan(x) & np.isnan(y))
    return bool(np.all(same))


def _flat(leaf: Any) -> Iterator[Any]:
    for item in leaf if isinstance(leaf, (list, str)) else [leaf]:
        yield from item if isinstance(item, list) else [item]


def _key(item: Any) -> Any:
    """A key of an element: all NaN share one key, 1 and 1.0 share another, and True has its own."""
    if isinstance(item, float) and math.isnan(item):
        return "nan", None
    return isinstance(item, bool), item if isinstance(item, (bool, int, float, complex, str)) else repr(item)


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
