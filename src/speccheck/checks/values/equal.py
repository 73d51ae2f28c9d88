"""Differences between two values of any kind that must agree, path by path, bit for bit.

Measures which paths of ``left`` and ``right`` differ, those that only one of them has included. Tensors, arrays, lists,
mappings, dataclasses and plain objects are compared part by part.

It matters wherever one fact is stored twice: a codebook's size in the configuration and in the running model, the
tensor one model was scored on and the tensor the other was, targets used by a loss and those looked up.

It cannot see whether the value both agree on is right. An int equals the float of its value; a tensor equals a tensor
or array of its dtype, never a list. Where neither side holds anything (None, nothing in a list), there is nothing to
agree on: ``equal`` is absent, and so is ``differing``, unless the two are different nothings.

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


_NOTHING = "neither side holds anything"

METRICS: Mapping[str, Metric] = {
    "equal": Metric(kind="bool", doc="no path differs", optional=_NOTHING),
    "differing": Metric(
        kind="list", of="text", doc="paths that differ, or that only one of them has", optional=_NOTHING
    ),
    "count": Metric(
        kind="number",
        min=0,
        doc="elements compared: numbers, texts and the like, of the larger side at each path",
    ),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of left"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare; MeasurementError when parts define an equality that gives no answer."""
    left, right = leaves(params.left), leaves(params.right)
    differing = differences(left, right)
    held = sum(max(_elements(left.get(path)), _elements(right.get(path))) for path in {**left, **right})
    metrics: dict[str, Any] = {"count": held, "distinct_values": distinct(left)}
    if held or differing:
        metrics["differing"] = differing
    if held:
        metrics["equal"] = not differing
    found = tuple(Finding(where(path, left, right), symbol=path) for path in differing[:_SHOWN])
    return Evidence(metrics=metrics, findings=found)


def _elements(leaf: Any) -> int:
    """The elements of a leaf; a text is one, as it is in a list."""
    return min(1, len(leaf)) if isinstance(leaf, (str, bytes)) else count(leaf)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
