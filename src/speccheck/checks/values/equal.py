"""Differences between two values of any kind that must agree, path by path, bit for bit.

Measures which paths of ``left`` and ``right`` differ, those that only one of them has included. Tensors, arrays, lists,
mappings, dataclasses and plain objects are compared part by part.

It matters wherever one fact is stored twice: a codebook's size in the configuration and in the running model, the
tensor one model was scored on and the tensor the other was, targets used by a loss and those looked up.

It cannot see whether the value both agree on is right. An int equals the float of its value; a tensor equals a tensor
or array of its dtype, never a list. Where neither side holds anything (None, nothing in a list), there is nothing to
agree on and ``equal`` is absent.

```yaml
- id: codebook-size
  check: values.equal
  with: {left: $uti.image.codebook_size, right: $config.image.codebook_size}
  expect: {equal: true}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, param
from speccheck.sdk.comparison import count, differences, distinct, leaves, where

_SHOWN = 10


@dataclass(frozen=True)
class Params:
    """The two things."""

    left: Live[Any] = param("one of them")
    right: Live[Any] = param("the other")


METRICS: Mapping[str, Metric] = {
    "equal": Metric(kind="bool", doc="no path differs", optional="neither side holds anything"),
    "differing": Metric(kind="list", of="text", doc="paths that differ, or that only one of them has"),
    "count": Metric(kind="number", min=0, doc="paths at which left, right or both hold something"),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of left"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare; MeasurementError when parts define an equality that gives no answer."""
    left, right = leaves(params.left), leaves(params.right)
    differing = differences(left, right)
    held = {path for side in (left, right) for path, leaf in side.items() if count(leaf)}
    metrics: dict[str, Any] = {"differing": differing, "count": len(held), "distinct_values": distinct(left)}
    if held:
        metrics["equal"] = not differing
    found = tuple(Finding(where(path, left, right), symbol=path) for path in differing[:_SHOWN])
    return Evidence(metrics=metrics, findings=found)


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
