"""The texts of values, numbers, limits and items, as diagnostics and reports print them."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence

from speccheck.model.kinds import is_nan, kind_of
from speccheck.model.paths import format_path
from speccheck.model.values import Json, Masked, Value, bare, format_value

MAX_DEPTH = 32
"""Levels of nesting that a printed value shows; the judge refuses deeper constraints and literals."""

_MAX_TEXT = 400
_MAX_ITEMS = 16
_PLAIN = re.compile(r"[A-Za-z0-9_./<>%$][^\n,:#{}\[\]\"']*")


def number_text(value: Value) -> str:
    """Return a number as text: exact when short (``24.0``), else to 6 significant digits."""
    if isinstance(value, float):
        exact = repr(value)
        return exact if len(exact) <= 8 else f"{value:.6g}"
    return value_text(value)


def pair_text(first: Value, second: Value) -> tuple[str, str]:
    """Return the texts of two values, in full when their short forms would look alike."""
    one, two = number_text(first), number_text(second)
    if one != two or kind_of(first) != "number" or kind_of(second) != "number":
        return one, two
    try:
        return str(first), str(second)
    except ValueError:  # integers of more digits than Python prints
        return one, two


def value_text(value: Value) -> str:
    """Return a value as text: text is quoted, and long values are cut."""
    if isinstance(value, Masked):
        return value_text(value.shown)
    if kind_of(value) == "other":
        return f"a {type(value).__name__}"
    if isinstance(value, str):
        return cut(repr(value))
    try:
        return cut(format_value(value))
    except (RecursionError, ValueError):
        return f"a {kind_of(value)} too large to print"


def cut(text: str) -> str:
    """Return the text, cut with an ellipsis beyond 400 characters."""
    return text if len(text) <= _MAX_TEXT else f"{text[:_MAX_TEXT]}…"


def flow(value: Json, depth: int = 0) -> str:
    """Return a value in YAML's flow form, as a constraint prints it; long values are cut."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, Masked):
        return flow(value.shown, depth)
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


def written_text(name: str, value: Json, nesting: Sequence[str], options: Mapping[str, Json]) -> str:
    """Return a constraint as written, with its nestings and options: ``mean: {min: baseline - 1.0}``."""
    text = ", ".join([f"{name}: {flow(value)}", *(f"{key}: {flow(option)}" for key, option in options.items())])
    for how in reversed(nesting):
        text = f"{how}: {{{text}}}"
    return text


def shown(value: Value) -> Value:
    """Return the value as a verdict keeps it: itself, or None (text: cut) when long; the evidence holds it in full."""
    value = bare(value) if isinstance(value, Masked) else value
    kind = kind_of(value)
    if kind == "text":
        return cut(value)
    if kind in ("list", "mapping"):
        items = list(value.values()) if kind == "mapping" else list(value)
        plain = all(kind_of(item) in ("number", "bool", "text", "tensor", "none") for item in items)
        return value if plain and len(items) <= _MAX_ITEMS and all(shown(item) == item for item in items) else None
    return None if kind == "other" else value


def counted(count: object, one: str, many: str = "") -> str:
    """Return a number with the noun in the form that it takes: ``1 item``, ``2 items``."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def item_text(steps: Sequence[str | int]) -> str:
    """Return the place of an item below a value: ``[3]``, ``layer.weight``, ``["a.b"][0]``."""
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
