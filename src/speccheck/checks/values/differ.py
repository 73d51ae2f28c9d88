"""Pairs of values that should differ and are the same.

Compares every two of the named values bit for bit, as `values.equal` does, and measures which pairs are identical, how
many different ones there are, and how far apart the nearest two that hold numbers are.

It matters because an ablation counts what was tried: two pooling modes that are one function, a shuffled copy that was
never shuffled, targets of the validation set that are those of training. Each looks like agreement in the table.

It cannot see that two things which differ in the last bit are the same in meaning: `nearest` shows how near they are.

```yaml
- id: pooling-modes-differ
  check: values.differ
  with: {values: {mean_all: $mean_all, mean_visible: $mean_visible, mean_excluding_cls: $mean_excluding_cls}}
  expect:
    identical: {length: 0}
    distinct: 3
```
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, Value, param
from speccheck.sdk.comparison import differences, elements, leaves, max_abs_difference


@dataclass(frozen=True)
class Params:
    """The things."""

    values: Mapping[str, Live[Any]] = param("what should differ, by name; two or more", min_length=2)


METRICS: Mapping[str, Metric] = {
    "differ": Metric(kind="bool", doc="every two differ", optional="one of them holds nothing"),
    "identical": Metric(kind="list", of="text", doc="pairs that are the same, as `a = b`"),
    "distinct": Metric(kind="number", min=1, doc="different things among them"),
    "values": Metric(kind="number", min=2, doc="things compared"),
    "nearest": Metric(
        kind="number",
        min=0,
        doc="smallest, over all pairs whose numbers can be compared, of the largest |difference|",
        optional="no two have numbers in the same places",
    ),
    "elements": Metric(kind="mapping", of="number", min=0, doc="elements in each, by name"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare every two."""
    held = {name: leaves(value) for name, value in params.values.items()}
    same, gaps = [], []
    groups: dict[str, str] = {}
    for name in held:
        groups.setdefault(name, name)
    for one, other in itertools.combinations(held, 2):
        if not differences(held[one], held[other]):
            same.append((one, other))
            groups[other] = groups[one]
        gap = max_abs_difference(held[one], held[other])
        if not math.isnan(gap):
            gaps.append(gap)
    sizes = {name: elements(value) for name, value in held.items()}
    metrics: dict[str, Value] = {
        "identical": [f"{one} = {other}" for one, other in same],
        "distinct": len(set(groups.values())),
        "values": len(held),
        "elements": sizes,
    }
    if gaps:
        metrics["nearest"] = min(gaps)
    if all(sizes.values()):
        metrics["differ"] = not same
    findings = tuple(Finding(f"{one} and {other} are the same, bit for bit", symbol=one) for one, other in same)
    return Evidence(metrics, findings=findings)


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
