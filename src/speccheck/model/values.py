"""Metric values: plain data and tensor descriptions, with an exact JSON form.

JSON lacks NaN, infinity and tensor descriptions, so these take a tagged form on the wire:
``{"$number": "nan"}`` and ``{"$tensor": "float32[8,3]"}``. A mapping that has a key starting with ``$`` travels as
``{"$map": [[key, value], ...]}``, so nothing a check returns can be mistaken for a tag. A value of which redaction hid
a part is ``{"$masked": "the rest ***"}``: it differs from a text that happens to hold the mask.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import msgspec

Json: TypeAlias = Any
"""A value of YAML or JSON: None, bool, int, float, str, list and mapping of text to Json."""

Value: TypeAlias = Any
"""A metric's value: number, bool, text, list, mapping of text to Value, or :class:`TensorDescription`.

In a stored record, where redaction hid a part of it, it is :class:`Masked`.
"""

MAX_DEPTH = 100
"""Levels of lists and mappings that a value may have: one more would exhaust the stack of whoever reads it."""

_TOO_DEEP = f"a value is nested deeper than {MAX_DEPTH} levels"

_ATOMS = frozenset({bool, int, str, type(None)})

_TENSOR = re.compile(r"\s*([a-z][a-z0-9_]*)\s*\[([0-9,\s]*)\]\s*")


class TensorDescription(msgspec.Struct, frozen=True):
    """A tensor without its contents: ``dtype`` (``float32``) and ``shape`` (sizes of its axes)."""

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


class Masked(msgspec.Struct, frozen=True):
    """A value of which redaction hid a part; ``shown`` is what is left of it. It compares with nothing."""

    shown: Value


def is_masked(value: Value) -> bool:
    """Return whether redaction hid a part of the value, at any level."""
    if type(value) in _ATOMS or type(value) is float:
        return False
    if isinstance(value, Masked):
        return True
    if type(value) is dict or isinstance(value, Mapping):
        return any(is_masked(item) for item in value.values())
    return isinstance(value, (list, tuple)) and any(is_masked(item) for item in value)


def bare(value: Value) -> Value:
    """Return the value to show: what is left of what was masked, without the mark."""
    if isinstance(value, Masked):
        return value.shown
    if isinstance(value, Mapping):
        return {key: bare(item) for key, item in value.items()}
    return [bare(item) for item in value] if isinstance(value, (list, tuple)) else value


def plain(value: Value, depth: int = MAX_DEPTH) -> bool:
    """Return whether the value is its own JSON form, both ways.

    Such a value has exact built-in types, is finite, and is not nested too deep; its keys do not start with ``$``.
    """
    kind = type(value)
    if kind in _ATOMS:
        return True
    if kind is float:
        return math.isfinite(value)
    if depth == 0:
        return False
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or key[:1] == "$" or not (type(item) in _ATOMS or plain(item, depth - 1)):
                return False
        return True
    if kind is list or kind is tuple:
        return all(type(item) in _ATOMS or plain(item, depth - 1) for item in value)
    return False


def to_wire(value: Value) -> Json:
    """Return the JSON form of a metric value, always a copy.

    TypeError for anything else (an array, an object), ValueError for one nested deeper than :data:`MAX_DEPTH`.
    """
    return _to_wire(value, MAX_DEPTH)


def wired(value: Value) -> Json:
    """Return the JSON form of a metric value, as :func:`to_wire` does, but not a copy of what is its own form."""
    return value if plain(value) else to_wire(value)


def from_wire(value: Json) -> Value:
    """Return the metric value of a JSON form written by :func:`to_wire`; ValueError for a tag that it never writes."""
    return _from_wire(value, MAX_DEPTH)


def _to_wire(value: Value, depth: int) -> Json:
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
    if isinstance(value, Masked):
        return {"$masked": _to_wire(value.shown, depth)}
    if depth == 0:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            raise TypeError(f"a mapping of a metric has text keys, not {sorted({type(k).__name__ for k in value})}")
        if any(key.startswith("$") for key in value):
            return {"$map": [[key, _to_wire(item, depth - 1)] for key, item in value.items()]}
        return {key: _to_wire(item, depth - 1) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [_to_wire(item, depth - 1) for item in value]
    raise TypeError(f"a metric is plain data or a tensor description, not {type(value).__name__}")


def _from_wire(value: Json, depth: int) -> Value:
    if not isinstance(value, (list, dict)):
        return value
    if depth == 0:
        raise ValueError(_TOO_DEEP)
    if isinstance(value, list):
        return [_from_wire(item, depth - 1) for item in value]
    if len(value) == 1:
        ((tag, body),) = value.items()
        if tag == "$number":
            return _number(body)
        if tag == "$tensor":
            return TensorDescription.parse(body if isinstance(body, str) else repr(body)[:80])
        if tag == "$masked":
            return Masked(bare(_from_wire(body, depth - 1)))
        if tag == "$map":
            return {key: _from_wire(item, depth - 1) for key, item in _pairs(body)}
    return {key: _from_wire(item, depth - 1) for key, item in value.items()}


def _number(body: Json) -> float:
    if body not in ("nan", "inf", "-inf"):
        raise ValueError(f"$number is 'nan', 'inf' or '-inf', not {repr(body)[:80]}")
    return float(body)


def _pairs(body: Json) -> list[list[Any]]:
    if not isinstance(body, list) or not all(
        isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in body
    ):
        raise ValueError(f"$map is a list of pairs of key and value, not {repr(body)[:80]}")
    return body


def format_value(value: Value, digits: int = 6) -> str:
    """Return a short text for people: floats to ``digits`` significant digits, true and false as YAML writes them."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f"{value:.{digits}g}"
    if isinstance(value, (int, str, TensorDescription)):
        return str(value)
    if isinstance(value, Masked):
        return format_value(value.shown, digits)
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {format_value(item, digits)}" for key, item in value.items()) + "}"
    return "[" + ", ".join(format_value(item, digits) for item in value) + "]"
