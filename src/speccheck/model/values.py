"""Metric values: plain data and tensor descriptions, with an exact JSON form.

JSON has no NaN, no infinity and no tensor description, so those take a tagged form on the wire:
``{"$number": "nan"}`` and ``{"$tensor": "float32[8,3]"}``. A mapping that has a key starting with ``$`` travels as
``{"$map": [[key, value], ...]}``, so nothing a check returns can be mistaken for a tag.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
"""What YAML or JSON can hold: None, bool, int, float, str, list and mapping of text to Json."""

Value: TypeAlias = Any
"""A metric's value: number, bool, text, list, mapping of text to Value, or :class:`TensorDescription`."""

_TENSOR = re.compile(r"\s*([a-z][a-z0-9_]*)\s*\[\s*([0-9,\s]*)\]\s*")


class TensorDescription(msgspec.Struct, frozen=True):
    """What is known of a tensor without its contents: ``dtype`` (``float32``) and ``shape`` (sizes of its axes)."""

    dtype: str
    shape: tuple[int, ...]

    def __str__(self) -> str:
        return f"{self.dtype}[{','.join(map(str, self.shape))}]"

    @classmethod
    def parse(cls, text: str) -> TensorDescription:
        """Read ``float32[8,3,360,640]``; ValueError when the text has another form."""
        match = _TENSOR.fullmatch(text)
        if match is None:
            raise ValueError(f"not a tensor description: {text!r}")
        sizes = tuple(int(part) for part in match[2].split(",") if part.strip())
        return cls(match[1], sizes)


def to_wire(value: Value) -> Json:
    """The JSON form of a metric value; TypeError for anything that is not one (an array, an object)."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return int(value)  # a subclass, such as an enumeration's member, travels as the number it is
    if isinstance(value, str):
        return str.__str__(value) if type(value) is not str else value
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else {"$number": repr(float(value))}
    if isinstance(value, TensorDescription):
        return {"$tensor": str(value)}
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"a mapping of a metric has text keys, not {sorted({type(k).__name__ for k in value})}")
        if any(key.startswith("$") for key in value):
            return {"$map": [[key, to_wire(item)] for key, item in value.items()]}
        return {key: to_wire(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [to_wire(item) for item in value]
    raise TypeError(f"a metric is plain data or a tensor description, not {type(value).__name__}")


def from_wire(value: Json) -> Value:
    """The metric value of a JSON form written by :func:`to_wire`."""
    if isinstance(value, list):
        return [from_wire(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1:
        ((tag, body),) = value.items()
        if tag == "$number":
            return float(body)
        if tag == "$tensor":
            return TensorDescription.parse(body)
        if tag == "$map":
            return {key: from_wire(item) for key, item in body}
    return {key: from_wire(item) for key, item in value.items()}


def format_value(value: Value, digits: int = 6) -> str:
    """A short text for people: floats to ``digits`` significant digits, true and false as YAML writes them."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, (int, str, TensorDescription)):
        return str(value)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {format_value(item, digits)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(format_value(item, digits) for item in value) + "]"
