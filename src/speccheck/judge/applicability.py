"""The kinds and bounds that a constraint meets where it is written, by the declaration of its metric."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeAlias

from speccheck.judge.spot import Range
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import Kind, Metric, Metrics, declared
from speccheck.model.paths import MetricPath, PathError, parse_path
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json, TensorDescription

NodePath: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the ``expect`` mapping to a node."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a constraint is written: the metric, the kind of the value there, and the nestings around it.

    ``bounds`` are those of each number of the value. ``why`` and ``severity`` are those written around it.
    """

    metric: Metric | None
    path: MetricPath
    kind: Kind
    of: Kind
    bounds: Range
    node: NodePath
    nesting: tuple[str, ...] = ()
    why: str = ""
    severity: EntrySeverity | None = None

    def below(self, how: str, kind: Kind, bounds: Range) -> Place:
        """Return the place inside a nesting, where the value is of this kind and within these bounds."""
        node, nesting = (*self.node, how), (*self.nesting, how)
        return replace(self, kind=kind, of="any", bounds=bounds, node=node, nesting=nesting)


def place_of(metric: Metric | None, path: MetricPath, node: NodePath) -> Place:
    """Return the place of the constraints of a metric; without a declaration its kind is ``any``."""
    if metric is None:
        return Place(None, path, "any", "any", (None, None), node)
    return Place(metric, path, metric.kind, metric.of or "any", (metric.min, metric.max), node)


def look_up(metrics: Metrics, text: str, path: MetricPath) -> Metric | None:
    """Return the declaration that covers a path: the one of that very name, else the first pattern that matches."""
    return metrics.get(text) or declared(metrics, path)


def literal_fits(kind: Kind, value: Json) -> bool:
    """Return whether a literal can equal a value of the kind; a tensor description is written as text."""
    if kind == "tensor":
        return isinstance(value, TensorDescription) or (isinstance(value, str) and is_tensor(value))
    return kind in ("any", kind_of(value))


def is_tensor(text: str) -> bool:
    """Return whether the text is that of a tensor description."""
    try:
        TensorDescription.parse(text)
    except ValueError:
        return False
    return True


def readable(text: str) -> MetricPath | None:
    """Return the parts of a metric path, or None for text of another form."""
    try:
        return parse_path(text)
    except PathError:
        return None
