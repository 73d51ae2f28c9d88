"""``each``, ``mean``, ``std``, ``median``, ``first``, ``last``: constraints on the items of a list or mapping."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from speccheck.judge.constraint import NESTED, Nesting
from speccheck.judge.samples import items_of, mean, median, numbers_of, std
from speccheck.judge.spot import Key, Range
from speccheck.judge.unknown import UnknownError, wrong_kind
from speccheck.model.cause import CauseKind
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import Kind
from speccheck.model.values import Value


def _item(key: Key, value: Value) -> Value:
    """Return the item of a list or mapping; UnknownError for other kinds, and when it is absent."""
    kind = kind_of(value)
    if kind not in ("list", "mapping"):
        raise wrong_kind(value, "list", "mapping")
    # A range instead of the items: a look at all of them for each one takes quadratic time.
    if key not in (value if kind == "mapping" else range(len(value))):
        raise UnknownError(CauseKind.ITEM_ABSENT, item=key)
    return value[key]


def _same(bounds: Range) -> Range:
    return bounds


def _spread(bounds: Range) -> Range:
    """Return the bounds of a standard deviation."""
    return (0.0, None)


_KINDS: tuple[Kind, ...] = ("list", "mapping")
_Statistic: TypeAlias = Callable[[Sequence[float]], float]


def _statistic(
    name: str, doc: str, description: str, function: _Statistic, bounds: Callable[[Range], Range]
) -> Nesting:
    def below(value: Value) -> Sequence[tuple[Key, Value]]:
        return [(None, function(numbers_of(value)))]

    def pick(key: Key, value: Value) -> Value:
        return function(numbers_of(value))

    schema = {**NESTED, "description": description}
    return Nesting(name, doc, f"{name}: {{CONSTRAINTS}}", schema, _KINDS, below, pick, of="number", bounds=bounds)


def _end(name: str, doc: str, description: str, at: int) -> Nesting:
    def below(value: Value) -> Sequence[tuple[Key, Value]]:
        return [(None, items_of(value)[at][1])]

    def pick(key: Key, value: Value) -> Value:
        return items_of(value)[at][1]

    schema = {**NESTED, "description": description}
    return Nesting(name, doc, f"{name}: {{CONSTRAINTS}}", schema, _KINDS, below, pick, numbers=False)


CONSTRAINTS = (
    Nesting(
        "each",
        "every item meets the constraints; the worst is named, and over nothing it is unknown",
        "each: {CONSTRAINTS}",
        {**NESTED, "description": "Every item."},
        _KINDS,
        items_of,
        _item,
        numbers=False,
    ),
    _statistic("mean", "the mean of the items meets them", "The mean of the items.", mean, _same),
    _statistic(
        "std",
        "the sample standard deviation (n-1) of the items meets them",
        "The sample standard deviation of the items.",
        std,
        _spread,
    ),
    _statistic("median", "the median of the items meets them", "The median of the items.", median, _same),
    _end("first", "the first item meets them", "The first item.", 0),
    _end("last", "the last item meets them", "The last item.", -1),
)
