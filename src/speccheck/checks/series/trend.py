"""Trend of series of numbers, such as losses, learning rates or scores: first values against last.

Measures, for each series by name, its length, whether all of it is finite, its ends and extremes, the means of its
first and its last `window` values, the difference of the two, and the last as a part of the first where both are above
0. The running means of all series are drawn into one picture.

It matters because a training log is read by eye or not at all: a loss that went up and came back, one that stood still,
or a NaN in the middle of a thousand lines. A single last value means little where every step sees another batch, which
is why both ends are means.

It cannot see why a series goes where it goes; a loss falls for a leak too. A series with an end at or below 0 has no
`ratio`, so that `ratio.*` is unknown of it: `change` is there for each series of two values or more. Of a series
shorter than two windows each end is half, so that no value is in both.

```yaml
- id: pretraining-loss
  check: series.trend
  with: {series: {expr: "{'seed 1': losses[1], 'seed 2': losses[2]}"}, window: 20}
  expect:
    finite.*: true
    length.*: {min: 200}
    ratio.*: {max: 0.8}
    change.*: {max: 0}
```
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Artifact, Check, Context, Evidence, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.pictures import NOT_DRAWN, available, curves, loss_series
from speccheck.sdk.records import listed, plain


@dataclass(frozen=True)
class Params:
    """The series, and how much of each end is averaged."""

    series: Live[Mapping[str, Any]] = param("a mapping of names to lists, or one-dimensional arrays, of numbers")
    window: int = param("values at each end that are averaged; at most half of the series", default=10, min=1)


_EMPTY = "the series is empty"
_SHORT = "the series has fewer than two values"

METRICS: Mapping[str, Metric] = {
    "count": Metric(kind="number", min=0, doc="series"),
    "length.*": Metric(kind="number", min=0, doc="values of each series"),
    "finite.*": Metric(kind="bool", doc="no value is NaN or infinite", optional=_EMPTY),
    "first.*": Metric(kind="number", infinite=True, doc="first value", optional=_EMPTY),
    "last.*": Metric(kind="number", infinite=True, doc="last value", optional=_EMPTY),
    "min.*": Metric(kind="number", infinite=True, doc="smallest value; NaN if any is", optional=_EMPTY),
    "max.*": Metric(kind="number", infinite=True, doc="largest value; NaN if any is", optional=_EMPTY),
    "head_mean.*": Metric(
        kind="number", infinite=True, doc="mean of the first `window` values, half of them at most", optional=_EMPTY
    ),
    "tail_mean.*": Metric(
        kind="number", infinite=True, doc="mean of the last `window` values, half of them at most", optional=_EMPTY
    ),
    "ratio.*": Metric(
        kind="number",
        doc="tail_mean / head_mean",
        optional=f"{_SHORT}, or an end is at or below 0, or head_mean infinite",
    ),
    "change.*": Metric(kind="number", doc="tail_mean - head_mean", optional=_SHORT),
    "distinct.*": Metric(kind="number", min=0, doc="different values of each series"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Summarise; MeasurementError unless it is a mapping of series of numbers."""
    if not isinstance(params.series, Mapping) or not params.series:
        raise MeasurementError("`series` is empty or not a mapping of names to lists of numbers")
    series = {str(name): _numbers(values, str(name)) for name, values in params.series.items()}
    metrics: dict[str, Value] = {"count": len(series)}
    figures = {name: _figures(values, params.window) for name, values in series.items()}
    for key in dict.fromkeys(key for found in figures.values() for key in found):
        # None of a series that lacks it, so that `*` does not pass over the series.
        metrics[key] = {name: found.get(key) for name, found in figures.items()}
    columns = ("length", "first", "last", "min", "max", "head_mean", "tail_mean", "change", "ratio")
    rows = tuple((name, *(metrics.get(key, {}).get(name) for key in columns)) for name in series)
    return Evidence(
        metrics,
        tables={"series": Table(("series", *columns), rows, title=f"ends are means of {params.window} values")},
        series={name: loss_series(values) for name, values in series.items()},
        artifacts={"series": _drawn(context, series, params.window)} if _drawable(series) else {},
        findings=() if available() else (NOT_DRAWN,),
    )


def _drawn(context: Context, series: Mapping[str, Sequence[float]], window: int) -> Artifact:
    """Smoothed lines: each place has the mean of the last ``window`` values up to it."""
    smooth = {
        name: [_mean(values[max(0, at + 1 - window) : at + 1]) for at in range(len(values))]
        for name, values in series.items()
    }
    return curves(context, "series.png", smooth, f"means of the last {window} values, by step")


def _drawable(series: Mapping[str, Sequence[float]]) -> bool:
    return available() and any(series.values())


def _numbers(values: Any, name: str) -> list[float]:
    found = [_scalar(value) for value in listed(values)]
    for at, value in enumerate(found):
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise MeasurementError(f"series {name}: item {at} is a {type(value).__name__}, not a number")
    return [float(value) for value in found]


def _scalar(value: Any) -> Any:
    """A tensor or numpy scalar, as losses are logged, as the Python scalar that it holds; the rest as it is."""
    return plain(value) if getattr(value, "shape", None) == () else value


def _figures(values: Sequence[float], window: int) -> dict[str, Value]:
    found: dict[str, Value] = {"length": len(values), "distinct": len(set(map(repr, values)))}
    if not values:
        return found
    broken = any(math.isnan(value) for value in values)
    width = min(window, len(values) // 2) or 1
    head, tail = _mean(values[:width]), _mean(values[-width:])
    found |= {
        "finite": all(map(math.isfinite, values)),
        "first": values[0],
        "last": values[-1],
        "min": math.nan if broken else min(values),
        "max": math.nan if broken else max(values),
        "head_mean": head,
        "tail_mean": tail,
    }
    if len(values) == 1:
        return found
    found["change"] = tail - head
    if not (head <= 0 or tail <= 0 or math.isinf(head)):  # NaN stays: a gate must not pass over a broken series
        found["ratio"] = tail / head
    return found


def _mean(values: Sequence[float]) -> float:
    """The mean, summed without loss; infinities of both signs have none."""
    if not all(map(math.isfinite, values)):
        return sum(values) / len(values)
    return math.fsum(values) / len(values)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
