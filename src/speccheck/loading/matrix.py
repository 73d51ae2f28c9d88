"""The matrix of an entry: its axes, and the cells they make in spec order."""

from __future__ import annotations

import re
from itertools import product
from typing import NamedTuple

from speccheck.loading.forms import Form, shown
from speccheck.model.values import Json

MAX_CELLS = 10_000
"""How many cells one entry may make."""

_AXIS = re.compile(r"[A-Za-z_][A-Za-z0-9_\-]*")


class Cell(NamedTuple):
    """One combination: its id, and the value of each axis."""

    id: str
    values: dict[str, Json]


def cells(base: str, form: Form) -> list[Cell] | None:
    """The cells of ``matrix`` in spec order, the last axis fastest; None, with a diagnostic, when it is wrong."""
    axes: list[tuple[str, list[tuple[str, Json]]]] = []
    before = form.problems.errors
    if not form.values:
        form.problems.add("SC501", f"{form.what} has no axis", form.fallback, "write AXIS: [VALUE, VALUE]")
    for name, value in form.values.items():
        if not _AXIS.fullmatch(name):
            message = f"'{name}' cannot be the name of an axis"
            form.problems.add("SC502", message, form.key_where(name), "letters, digits, - and _ only")
        axes.append((name, _axis(name, value, form)))
    if form.problems.errors != before:
        return None
    count = 1
    for _, options in axes:
        count *= len(options)
    if count > MAX_CELLS:
        form.problems.add("SC502", f"{form.what} makes {count} cells; the limit is {MAX_CELLS}", form.fallback)
        return None
    names = [name for name, _ in axes]
    found = []
    for chosen in product(*(options for _, options in axes)):
        label = ",".join(f"{name}={text}" for name, (text, _) in zip(names, chosen, strict=True))
        found.append(Cell(f"{base}[{label}]", {name: item for name, (_, item) in zip(names, chosen, strict=True)}))
    return found


def _axis(name: str, value: Json, form: Form) -> list[tuple[str, Json]]:
    """The values of an axis with their labels."""
    if isinstance(value, dict) and value:
        return list(value.items())
    if not isinstance(value, list) or not value:
        empty = isinstance(value, (list, dict)) or value is None
        message = f"the axis '{name}' is empty" if empty else f"the axis '{name}' is {shown(value)}, no list or mapping"
        hint = "an entry without a cell would never be measured" if empty else f"write {name}: [VALUE, VALUE]"
        form.problems.add("SC501" if empty else "SC502", message, form.where(name), hint)
        return []
    found: list[tuple[str, Json]] = []
    for at, item in enumerate(value):
        if isinstance(item, (list, dict)) or item is None:
            hint = f"write {name}: {{NAME: ..., NAME: ...}}"
            message = f"a value of the axis '{name}' is {shown(item)}, which gives a cell no name"
            form.problems.add("SC502", message, form.where(name, at), hint)
        elif _label(item) in dict(found):
            message = f"the axis '{name}' has the value {_label(item)} twice"
            form.problems.add("SC502", message, form.where(name, at), "remove one of them")
        else:
            found.append((_label(item), item))
    return found


def _label(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
