"""Kinds of values and the texts of numbers, constraints and places, as diagnostics and reasons print them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

from speccheck.model.paths import format_path
from speccheck.model.values import Json, TensorDescription, Value, format_value

ValueKind: TypeAlias = Literal["number", "bool", "text", "list", "tensor", "mapping", "none", "other"]

MAX_DEPTH = 32
"""Nesting beyond this is refused, in constraints and in literals; no expectation written by hand comes near."""

_MAX_TEXT = 400
_MAX_ITEMS = 16
_PLAIN = re.compile(r"[A-Za-z0-9_./<>%$][^\n,:#{}\[\]\"']*")
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
}


class UnknownError(Exception):
    """A constraint that cannot be judged; the message is the reason in words."""


def kind_of(value: Value) -> ValueKind:
    """The kind of a value; a bool is no number, and what is no plain data is ``other``."""
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
    """Whether a value is a float that is not a number."""
    return isinstance(value, float) and math.isnan(value)


def require_value(value: Value, what: str) -> None:
    """UnknownError when there is nothing to compare: none, NaN, or no plain data."""
    if value is None:
        raise UnknownError(f"{what} is none")
    if is_nan(value):
        raise UnknownError(f"{what} is NaN")


def number_text(value: Value) -> str:
    """A number as a reason prints it: exact when short (``24.0``), else to 6 significant digits."""
    if isinstance(value, float):
        exact = repr(value)
        return exact if len(exact) <= 8 else f"{value:.6g}"
    return value_text(value)


def pair_text(first: Value, second: Value) -> tuple[str, str]:
    """Two values as a reason prints them, in full when their short forms would look alike."""
    one, two = number_text(first), number_text(second)
    if one != two or kind_of(first) != "number" or kind_of(second) != "number":
        return one, two
    try:
        return str(first), str(second)
    except ValueError:  # integers of more digits than Python prints
        return one, two


def value_text(value: Value) -> str:
    """A value as a reason prints it: text quoted, long ones cut."""
    if kind_of(value) == "other":
        return f"a {type(value).__name__}"
    if isinstance(value, str):
        return cut(repr(value))
    try:
        return cut(format_value(value))
    except (RecursionError, ValueError):
        return f"a {kind_of(value)} too large to print"


def cut(text: str) -> str:
    """The text, cut with an ellipsis beyond 400 characters."""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def flow(value: Json, depth: int = 0) -> str:
    """A YAML value in flow form, as a constraint prints it; cut when long."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, str):
        plain = _PLAIN.fullmatch(value) and value not in ("true", "false", "null") and not value.endswith(" ")
        return cut(value) if plain and not _looks_numeric(value) else cut(json.dumps(value, ensure_ascii=False))
    if isinstance(value, Mapping):
        keys = (key if isinstance(key, str) else flow(key, depth + 1) for key in value)
        items = (flow(item, depth + 1) for item in value.values())
        return cut("{" + ", ".join(f"{key}: {item}" for key, item in zip(keys, items, strict=True)) + "}")
    if kind_of(value) == "list":
        return cut("[" + ", ".join(flow(item, depth + 1) for item in value) + "]")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, float):
        return {math.inf: ".inf", -math.inf: "-.inf"}.get(value, ".nan" if is_nan(value) else repr(value))
    try:
        return cut(str(value))
    except ValueError:  # an integer of more digits than Python prints
        return "an integer too long to print"


def shown(value: Value) -> Value:
    """The value as a verdict keeps it: itself, or None (text: cut) when it is long; the evidence has it in full."""
    kind = kind_of(value)
    if kind == "text":
        return cut(value)
    if kind in ("list", "mapping"):
        items = list(value.values()) if kind == "mapping" else list(value)
        plain = all(kind_of(item) in ("number", "bool", "text", "tensor", "none") for item in items)
        return value if plain and len(items) <= _MAX_ITEMS and all(shown(item) == item for item in items) else None
    return None if kind == "other" else value


def item_text(steps: Sequence[str | int]) -> str:
    """The place of an item below a value: ``[3]``, ``layer.weight``, ``["a.b"][0]``."""
    out = ""
    for step in steps:
        if isinstance(step, int):
            out += f"[{step}]"
        else:
            part = format_path((step,))
            out += part if not out or part.startswith("[") else f".{part}"
    return out


def _looks_numeric(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
