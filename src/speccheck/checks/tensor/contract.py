"""Dtype, shape, range, spread and non-finite values of tensors.

Measures each tensor by its name in ``tensors``: its description (``float32[8,3,360,640]``, against which a spec may set
symbolic sizes shared by all of them) and the statistics of its elements, computed in float64. Takes torch tensors,
numpy arrays, numbers and even lists of numbers. Of complex numbers the statistics are those of the absolute value; of
bools, of 0 and 1.

It matters because most errors between the stages of a pipeline are contracts broken quietly: an axis swapped where both
have one size, an image normalised twice, a batch that is all one value. `distinct` and `std` show the last.

It cannot see whether an axis means what its size suggests, nor the order of elements. NaN makes every statistic of its
tensor NaN, which no expectation accepts; an empty tensor lacks statistics altogether.

```yaml
- id: clip-contract
  check: tensor.contract
  with: {tensors: {clip: "$dataset[0].video", tokens: $tokens}}
  expect:
    tensors.clip: {tensor: "float32[T=8, 3, H, W]"}
    tensors.tokens: {tensor: "float32[T/2*H/20*W/20, D]"}
    finite.*: true
    min.clip: {min: 0}
    max.clip: {max: 1, above: 0.1, why: 1/255 of the range would be a second normalisation}
```
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, param
from speccheck.sdk.arrays import array_digest, distinct_count, magnitude, numbers
from speccheck.sdk.statistics import statistics


@dataclass(frozen=True)
class Params:
    """The tensors."""

    tensors: Mapping[str, Live[Any]] = param("tensors, arrays, numbers or lists of numbers, by name", min_length=1)
    distinct: bool = param(
        "count distinct elements, which sorts a copy of each tensor; without it extra memory is bounded", default=True
    )


_EMPTY = "the tensor is empty"

METRICS: Mapping[str, Metric] = {
    "tensors.{tensors}": Metric(kind="tensor", doc="dtype and shape"),
    "finite.{tensors}": Metric(kind="bool", doc="no element is NaN or infinite", optional=_EMPTY),
    "min.{tensors}": Metric(kind="number", doc="smallest element", optional=_EMPTY),
    "max.{tensors}": Metric(kind="number", doc="largest element", optional=_EMPTY),
    "mean.{tensors}": Metric(kind="number", doc="mean of the elements", optional=_EMPTY),
    "std.{tensors}": Metric(
        kind="number", min=0, doc="population standard deviation (divided by n, ddof 0)", optional=_EMPTY
    ),
    "absmax.{tensors}": Metric(kind="number", min=0, doc="largest absolute value", optional=_EMPTY),
    "distinct.{tensors}": Metric(
        kind="number", min=0, doc="distinct elements; NaN is one", optional="`distinct` is false"
    ),
    "count.{tensors}": Metric(kind="number", min=0, doc="elements"),
    "nan_count.{tensors}": Metric(kind="number", min=0, doc="elements that are NaN", optional=_EMPTY),
    "inf_count.{tensors}": Metric(kind="number", min=0, doc="elements that are infinite", optional=_EMPTY),
    "sha256.{tensors}": Metric(
        kind="text", doc="sha256 over dtype, shape and elements, to compare tensors of two entries", optional=_EMPTY
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Describe each tensor; MeasurementError names a value that is not a tensor of numbers."""
    metrics: dict[str, dict[str, Any]] = {}
    findings: list[Finding] = []
    for name, value in params.tensors.items():
        array, described = numbers(value, name)
        metrics.setdefault("tensors", {})[name] = described
        metrics.setdefault("count", {})[name] = int(array.size)
        if params.distinct:
            metrics.setdefault("distinct", {})[name] = distinct_count(array)
        if not array.size:
            findings.append(Finding(f"{name} is {described}: it is empty", symbol=name))
            continue
        for metric, number in _statistics(array).items():
            metrics.setdefault(metric, {})[name] = number
        metrics.setdefault("sha256", {})[name] = array_digest(array, str(described))
        if not metrics["finite"][name]:
            nan, inf = metrics["nan_count"][name], metrics["inf_count"][name]
            findings.append(Finding(f"{name}: {nan} NaN and {inf} infinite of {array.size} elements", symbol=name))
    return Evidence(metrics=dict(metrics), findings=tuple(findings))


def _statistics(array: Any) -> dict[str, Any]:
    """Statistics of an array with at least one element; integers keep exact extremes."""
    found = statistics(magnitude(array) if array.dtype.kind == "c" else array)
    return {"finite": found.finite, **dataclasses.asdict(found)}


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
