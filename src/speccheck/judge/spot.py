"""The place that a constraint is judged at: a value of the evidence, its path, and the steps below it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import msgspec

from speccheck.model.cause import Cause
from speccheck.model.formatting import item_text
from speccheck.model.metrics import Metric
from speccheck.model.paths import MetricPath, format_path
from speccheck.model.values import Value

Key: TypeAlias = str | int | None
"""The key or index of an item; None for a statistic of all items."""

Range: TypeAlias = tuple[float | None, float | None]
"""The bounds of each number of a value; None where it is unbounded."""


class Step(NamedTuple):
    """One step from a metric's value to what a nested constraint is about: a statistic, or one item.

    ``pick`` takes the same step in another value, ``bounds`` are those of the result for values within bounds.
    ``of_numbers`` tells a statistic that every item of the sample bears on.
    """

    how: str
    key: Key
    pick: Callable[[Key, Value], Value]
    bounds: Callable[[Range], Range]
    of_numbers: bool = False


class Spot(msgspec.Struct):
    """The value that a constraint is about, the metric's full path, and the steps from there; or why it is unknown.

    ``sample`` is the list or mapping behind the last statistic.
    """

    value: Value
    path: MetricPath
    metric: Metric | None
    wild: bool = False
    steps: tuple[Step, ...] = ()
    sample: Value = None
    unknown: Cause | None = None

    @property
    def at(self) -> str:
        """The place as a verdict names it: the path where the expectation has ``*``, and the item."""
        if not self.wild and not self.steps:
            return ""
        items = item_text([step.key for step in self.steps if step.key is not None])
        path = format_path(self.path) if self.wild else ""
        return path + (f".{items}" if path and items and not items.startswith("[") else items)

    @property
    def of(self) -> dict[str, Value]:
        """The field of a cause that names the statistic compared; empty for the value itself or an item of it."""
        return {"of": self.steps[-1].how} if self.steps and self.steps[-1].key is None else {}

    @property
    def infinite(self) -> bool:
        """Whether infinity is a real observation here."""
        return self.metric is not None and self.metric.infinite

    @property
    def bounds(self) -> Range:
        """The declared bounds of the value."""
        found: Range = (None, None) if self.metric is None else (self.metric.min, self.metric.max)
        for step in self.steps:
            found = step.bounds(found)
        return found
