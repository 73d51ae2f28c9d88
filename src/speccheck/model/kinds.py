"""The kind of a value, as constraints and declarations name it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from speccheck.model.values import Masked, TensorDescription, Value

ValueKind: TypeAlias = Literal["number", "bool", "text", "list", "tensor", "mapping", "none", "masked", "other"]

_KINDS: dict[type, ValueKind] = {
    float: "number",
    int: "number",
    bool: "bool",
    str: "text",
    list: "list",
    tuple: "list",
    dict: "mapping",
    TensorDescription: "tensor",
    type(None): "none",
    Masked: "masked",
}


def kind_of(value: Value) -> ValueKind:
    """Return the kind of a value; a bool is not a number, and anything but plain data is ``other``."""
    kind = _KINDS.get(type(value))
    if kind is not None:
        return kind
    for known in (bool, int, float, str, TensorDescription):
        if isinstance(value, known):
            return _KINDS[known]
    if isinstance(value, Mapping):
        return "mapping"
    return "list" if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)) else "other"


def is_nan(value: Value) -> bool:
    """Return whether a value is a float that is not a number."""
    return isinstance(value, float) and math.isnan(value)
