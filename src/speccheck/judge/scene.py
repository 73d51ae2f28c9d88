"""All that a constraint may be judged by: the entry's metrics, the others', the baseline, and what is bound so far."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import msgspec

from speccheck.judge.fit import look_up
from speccheck.judge.nodes import BoundName, Constraint, Expectation, Leaf, Limit, Nested, NestingName, Reference
from speccheck.judge.samples import items_of, mean, median, numbers_of, std
from speccheck.judge.shapes import Binding
from speccheck.judge.words import UnknownError, is_nan, item_text, kind_of, number_text, require_value
from speccheck.model.baseline import BaselineEntry
from speccheck.model.metrics import Metric, Metrics
from speccheck.model.paths import ANY, MetricPath, format_path, walk
from speccheck.model.spec import Entry
from speccheck.model.values import Value

Step: TypeAlias = tuple[NestingName, str | int]
"""One step from a metric's value to what a nested constraint is about: a statistic, or an item by key or index."""


class Spot(msgspec.Struct):
    """What a constraint is about: a value, the metric's full path, and the steps from there; or why it is unknown.

    ``sample`` is what the last statistic was taken of.
    """

    value: Value
    path: MetricPath
    metric: Metric | None
    wild: bool = False
    steps: tuple[Step, ...] = ()
    sample: Value = None
    unknown: str = ""

    @property
    def at(self) -> str:
        """The place as a verdict names it: the path where the expectation has ``*``, and the item."""
        if not self.wild and not self.steps:
            return ""
        items = item_text([key for how, key in self.steps if how == "each"])
        path = format_path(self.path) if self.wild else ""
        return path + (f".{items}" if path and items and not items.startswith("[") else items)

    @property
    def infinite(self) -> bool:
        """Whether infinity is a real observation here."""
        return self.metric is not None and self.metric.infinite


@dataclass(slots=True)
class Scene:
    """The values that one entry is judged by. ``families`` keeps the p values that several keys share."""

    entry: Entry
    tree: Mapping[str, Value]
    others: Mapping[str, Mapping[str, Value]]
    baseline: BaselineEntry
    metrics: Metrics
    bindings: dict[str, Binding] = field(default_factory=dict)
    families: dict[tuple[MetricPath, BoundName, float], dict[str, tuple[float, float]]] = field(default_factory=dict)

    def spots(self, expectation: Expectation) -> list[Spot]:
        """What the metric path names, in sorted order; one unknown spot when that is nothing."""
        path = expectation.path
        metric = look_up(self.metrics, expectation.metric, path)
        found: list[tuple[MetricPath, Value]]
        if len(path) == 1 and not expectation.wild:
            found = [(path, self.tree[path[0]])] if path[0] in self.tree else []
        else:
            found = list(walk(self.tree, path))
        if not found:
            missing = "nothing matches" if expectation.wild else "there is no"
            optional = f" (absent when: {metric.optional})" if metric is not None and metric.optional else ""
            reason = f"{missing} metric '{expectation.metric}' in the evidence{optional}"
            return [Spot(None, path, metric, unknown=reason)]
        if not expectation.wild:
            return [self._spot(full, value, metric, False) for full, value in found]
        found.sort(key=lambda pair: pair[0])
        spots = [self._spot(full, value, look_up(self.metrics, "", full), True) for full, value in found]
        return spots if metric is not None and metric.optional else spots + self._missing(path, found)

    def _missing(self, path: MetricPath, found: list[tuple[MetricPath, Value]]) -> list[Spot]:
        """An unknown spot for each mapping that ``*`` names inside a metric and that lacks the rest of the path."""
        size = max(at for at, part in enumerate(path) if part == ANY) + 1
        if size in (1, len(path)):  # at the top stand other metrics, of other forms
            return []
        seen = {full[:size] for full, _ in found}
        lacking = [
            prefix
            for prefix, value in walk(self.tree, path[:size])
            if prefix not in seen and (value is None or kind_of(value) == "mapping")
        ]
        reason = f"there is no '{format_path(path[size:])}' here"
        return [Spot(None, (*prefix, *path[size:]), None, True, unknown=reason) for prefix in sorted(lacking)]

    def _spot(self, path: MetricPath, value: Value, metric: Metric | None, wild: bool) -> Spot:
        if metric is not None and metric.kind != "any":
            kind = kind_of(value)
            if kind not in (metric.kind, "none"):
                reason = f"wrong kind: observed a {kind}, and the metric is declared as a {metric.kind}"
                return Spot(value, path, metric, wild, unknown=reason)
        return Spot(value, path, metric, wild)

    def limit(self, limit: Limit, spot: Spot) -> tuple[float, str]:
        """The number that a limit comes to, and where it comes from in words; UnknownError where it has none."""
        reference = limit.reference
        if reference is None:
            return limit.number, ""
        value = self.referred(reference, spot)
        what = _described(reference)
        if kind_of(value) != "number":
            raise UnknownError(f"wrong kind: {what} is a {kind_of(value)}, and a limit is a number")
        if not _is_finite(value) and not self._may_be_infinite(reference, spot):
            raise UnknownError(f"{what} is {number_text(value)}")
        if limit.op in ("*", "/") and value <= 0:
            raise UnknownError(f"a factor on a reference <= 0: {what} is {number_text(value)}")
        result = _applied(limit, value)
        if is_nan(result):
            raise UnknownError(f"{what} {number_text(value)} {limit.op} {number_text(limit.number)} is NaN")
        rest = f" {limit.op} {number_text(limit.number)}" if limit.op else ""
        return result, f"{what} {number_text(value)}{rest}"

    def referred(self, reference: Reference, spot: Spot) -> Value:
        """What a reference stands for; UnknownError when it is absent, none or NaN."""
        what = _described(reference)
        if reference.kind == "baseline":
            value = self._baseline(spot)
        else:
            tree: Mapping[str, Value] | None = self.tree
            if reference.kind == "entry" and reference.entry != self.entry.id:
                tree = self.others.get(reference.entry)
                if tree is None:
                    raise UnknownError(f"there is no evidence of entry '{reference.entry}' to refer to")
            found = [value for _, value in walk(tree, reference.path)]
            if not found:
                raise UnknownError(f"{what} is not in the evidence")
            value = found[0]
        require_value(value, what)
        return value

    def _baseline(self, spot: Spot) -> Value:
        if self.baseline.metrics is None:
            raise UnknownError(f"no usable baseline: {self.baseline.reason or 'none for this entry'}")
        found = [value for _, value in walk(self.baseline.metrics, spot.path)]
        if not found:
            raise UnknownError(f"the baseline has no metric '{format_path(spot.path)}'")
        value = found[0]
        for how, key in spot.steps:
            try:
                value = derived(how, key, value)
            except UnknownError as error:
                raise UnknownError(f"in the baseline: {error}") from None
        return value

    def _may_be_infinite(self, reference: Reference, spot: Spot) -> bool:
        if reference.kind == "baseline":
            return spot.infinite
        if reference.kind == "entry" and reference.entry != self.entry.id:
            return False  # nothing is known here of how another entry's metrics are declared
        metric = look_up(self.metrics, format_path(reference.path), reference.path)
        return metric is not None and metric.infinite


def _described(reference: Reference) -> str:
    return "baseline" if reference.kind == "baseline" else f"metric {reference.text}"


def _is_finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:
        raise UnknownError("an integer beyond the range of a 64-bit float") from None


def _applied(limit: Limit, value: float) -> float:
    number = limit.number
    try:
        if limit.op == "+":
            return value + number
        if limit.op == "-":
            return value - number
        if limit.op == "*":
            return value * number
        return value / number if limit.op == "/" else value
    except OverflowError:
        raise UnknownError("the limit is beyond the range of a 64-bit float") from None


def derived(how: NestingName, key: str | int, value: Value) -> Value:
    """What a step makes of a value; UnknownError for other kinds, nothing to look at, none and NaN."""
    if how == "length":
        if kind_of(value) not in ("list", "mapping", "text"):
            raise UnknownError(f"wrong kind: a {kind_of(value)} has no length")
        return len(value)
    if how == "each":
        items = dict(items_of(value))
        if key not in items:
            raise UnknownError(f"there is no item {key!r}")
        return items[key]
    if how in ("first", "last"):
        return items_of(value)[0 if how == "first" else -1][1]
    return {"mean": mean, "std": std, "median": median}[how](numbers_of(value))


def leaves(constraint: Constraint, spot: Spot) -> Iterator[tuple[Leaf, Spot]]:
    """Every comparison that a constraint comes to at a spot, with the spot that it is about."""
    if not isinstance(constraint, Nested):
        yield constraint, spot
        return
    for below in _below(constraint.how, spot):
        for inner in constraint.inner:
            yield from leaves(inner, below)


def _below(how: NestingName, spot: Spot) -> list[Spot]:
    if spot.unknown:
        return [spot]
    replace = msgspec.structs.replace
    try:
        require_value(spot.value, "the observed value")
        if how == "each":
            steps = [(replace(spot, value=item), key) for key, item in items_of(spot.value)]
            return [replace(below, steps=(*spot.steps, (how, key))) for below, key in steps]
        value = derived(how, "", spot.value)
        return [replace(spot, value=value, steps=(*spot.steps, (how, "")), sample=spot.value)]
    except UnknownError as error:
        return [replace(spot, unknown=str(error))]
