"""A number written in the spec, as a metric.

Measures nothing: it gives back the number it is handed, so that a spec can judge a figure taken from elsewhere (a
published result, a number from a report) by the same rules as a measured one, and with a reason beside it.

It cannot see whether the number is true; what can be measured should be.

```yaml
- id: published-psnr
  title: The paper's figure, against the one that we measure
  check: value.number
  with: {value: 24.1}
  expect:
    value: {max: "checks.image-reconstruction.psnr_db + 0.5"}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from speccheck.sdk import Check, Context, Evidence, Metric, param


@dataclass(frozen=True)
class Params:
    """The number."""

    value: float = param("the number")


METRICS: Mapping[str, Metric] = {"value": Metric(kind="number", doc="the number as written")}


def measure(params: Params, context: Context) -> Evidence:
    """The number as it is, NaN and infinity included."""
    return Evidence(metrics={"value": params.value})


check = Check(params=Params, metrics=METRICS, measure=measure, version=1, pure=True)
