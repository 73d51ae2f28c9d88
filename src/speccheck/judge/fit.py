"""Which constraints fit which kind of metric, and which limits no value within a metric's bounds could violate."""

from __future__ import annotations

from dataclasses import dataclass, replace

from speccheck.judge.nodes import BoundName, NestingName, NodePath
from speccheck.judge.words import kind_of
from speccheck.model.metrics import Kind, Metric, Metrics, declared
from speccheck.model.paths import MetricPath, PathError, parse_path
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json, TensorDescription

FITTING: dict[str, tuple[Kind, ...]] = {
    "min": ("number",),
    "max": ("number",),
    "above": ("number",),
    "below": ("number",),
    "matches": ("text",),
    "length": ("list", "mapping", "text"),
    "contains": ("list",),
    "subset_of": ("list",),
    "shape": ("tensor", "list"),
    "tensor": ("tensor",),
    "each": ("list", "mapping"),
    "mean": ("list", "mapping"),
    "std": ("list", "mapping"),
    "median": ("list", "mapping"),
    "first": ("list", "mapping"),
    "last": ("list", "mapping"),
}
"""The kinds that a constraint fits; one that is not named here fits every kind."""

NUMERIC = ("mean", "std", "median")
"""Statistics, which want numbers as items."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a constraint stands: the metric, the kind that the value has there, the nestings around it.

    ``low`` and ``high`` bound each number of the value. ``why`` and ``severity`` are those written around it.
    """

    metric: Metric | None
    path: MetricPath
    kind: Kind
    of: Kind
    low: float | None
    high: float | None
    node: NodePath
    nesting: tuple[str, ...] = ()
    why: str = ""
    severity: EntrySeverity | None = None

    def below(self, how: NestingName) -> Place:
        """The place of what stands under a nesting constraint."""
        kind: Kind = self.of if how in ("each", "first", "last") else "number"
        low, high = derived_bounds(how, self.low, self.high)
        node, nesting = (*self.node, how), (*self.nesting, how)
        return replace(self, kind=kind, of="any", low=low, high=high, node=node, nesting=nesting)


def place_of(metric: Metric | None, path: MetricPath, node: NodePath) -> Place:
    """The place of the constraints of a metric; without a declaration its kind is ``any``."""
    if metric is None:
        return Place(None, path, "any", "any", None, None, node)
    return Place(metric, path, metric.kind, metric.of or "any", metric.min, metric.max, node)


def look_up(metrics: Metrics, text: str, path: MetricPath) -> Metric | None:
    """The declaration that covers a path: the one of that very name, else the first pattern that matches."""
    return metrics.get(text) or declared(metrics, path)


def derived_bounds(how: str, low: float | None, high: float | None) -> tuple[float | None, float | None]:
    """The bounds of a statistic of values within bounds; a length and a spread are never negative."""
    return (0.0, None) if how in ("length", "std") else (low, high)


def literal_fits(kind: Kind, value: Json) -> bool:
    """Whether a literal can equal a value of the kind; a tensor description is written as text."""
    if kind == "tensor":
        return isinstance(value, TensorDescription) or (isinstance(value, str) and is_tensor(value))
    return kind in ("any", kind_of(value))


def is_tensor(text: str) -> bool:
    """Whether the text is that of a tensor description."""
    try:
        TensorDescription.parse(text)
    except ValueError:
        return False
    return True


def vacuous_bound(name: BoundName, limit: float, low: float | None, high: float | None) -> bool:
    """Whether no value between ``low`` and ``high`` could violate the limit."""
    low = float("-inf") if low is None else low
    high = float("inf") if high is None else high
    tests = {"min": low >= limit, "above": low > limit, "max": high <= limit, "below": high < limit}
    return tests[name]


def vacuous_equality(expected: Json, allowed: float, low: float | None, high: float | None) -> bool:
    """Whether every number between ``low`` and ``high`` lies within ``allowed`` of the expected one."""
    if kind_of(expected) != "number" or low is None or high is None:
        return False
    try:
        return bool(expected - allowed <= low and high <= expected + allowed)
    except OverflowError:
        return False


def vacuous_options(kind: str, options: tuple[Json, ...]) -> bool:
    """Whether the options are all that a value of the kind can be: true and false."""
    return kind == "bool" and True in options and False in options


def readable(text: str) -> MetricPath | None:
    """The parts of a metric path, or None when the text is none."""
    try:
        return parse_path(text)
    except PathError:
        return None
