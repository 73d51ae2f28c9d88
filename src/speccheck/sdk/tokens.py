"""Token ids and inclusive ranges of ids, in the forms that specs and audited code use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from speccheck.sdk.arrays import is_array, numbers, to_numpy
from speccheck.sdk.errors import MeasurementError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def id_range(value: Any, name: str) -> tuple[int, int]:
    """Return ``(start, end)``, both inclusive, of a pair or of a mapping or object with ``start`` and ``end``.

    An ``end`` below ``start`` is an empty range. MeasurementError, which names the range by ``name``, if it is neither.
    """
    if isinstance(value, Mapping):
        pair = [value.get("start"), value.get("end")]
    elif hasattr(value, "start") and hasattr(value, "end"):
        pair = [value.start, value.end]
    elif is_array(value):
        pair = to_numpy(value).reshape(-1).tolist()
    else:
        pair = list(value) if isinstance(value, (list, tuple)) else [value]
    if len(pair) != 2:
        raise MeasurementError(f"{name} is {value!r}, not an inclusive range [start, end]")
    return integer(pair[0], f"the start of {name}"), integer(pair[1], f"the end of {name}")


def integer(value: Any, name: str) -> int:
    """Return an integer given as int, numpy scalar, tensor of one element, or float without a fraction.

    MeasurementError, which names the value by ``name``, for anything else.
    """
    item = value
    if is_array(value) and to_numpy(value).size == 1:
        item = to_numpy(value).reshape(-1).tolist()[0]
    elif hasattr(value, "item") and not is_array(value):  # a numpy scalar
        item = value.item()
    if isinstance(item, bool) or not isinstance(item, (int, float)) or item != item // 1:
        raise MeasurementError(f"{name} is {value!r}, not an integer")
    return int(item)


def flat_ids(value: Any, name: str) -> NDArray[Any]:
    """Return token ids as one row of integers, row-major; rows of a nested list may differ in length.

    MeasurementError, which names the ids by ``name``, if they are not integers: a float may have rounded an id.
    """
    import numpy as np

    if isinstance(value, (list, tuple)):
        rows = [flat_ids(item, name) for item in value if isinstance(item, (list, tuple)) or is_array(item)]
        if rows and len(rows) == len(value):
            return np.concatenate(rows)
        if not value:
            return np.zeros(0, dtype=np.int64)
    array, described = numbers(value, name)
    if not array.size:
        return np.zeros(0, dtype=np.int64)
    if array.dtype.kind not in "iu":
        raise MeasurementError(f"{name} are {described.dtype}, not integers")
    return array.reshape(-1)
