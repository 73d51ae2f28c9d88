"""Spread of features, which shows whether they have collapsed onto a point, a line or one direction.

Measures for each tensor of features (rows along all axes but the last) the standard deviation across rows and across
items, the effective rank, and the mean cosine between rows, beside the standard deviation within a row.

It matters because the number that is usually reported, the standard deviation over all elements, is forced to 1 by a
final LayerNorm: an encoder that gives the same vector for everything passes it. Across rows that vector has none.

It cannot see whether the spread means anything: random features spread as well as learned ones. To tell an encoder that
was never trained, compare its features with those it began with (`tensor.compare`, `train.steps`) or probe them.

```yaml
- id: features-have-not-collapsed
  check: tensor.spread
  with: {features: {latent: $latent}}
  expect:
    spread.latent.row_std: {min: 0.1}
    spread.latent.effective_rank: {min: 8}
    spread.latent.mean_cosine: {max: 0.9}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Live, MeasurementError, Metric, param
from speccheck.sdk.arrays import numbers
from speccheck.sdk.features import SPREAD, spread


@dataclass(frozen=True)
class Params:
    """The features."""

    features: Mapping[str, Live[Any]] = param(
        "tensors [rows, features] or [items, rows, features], by name", min_length=1
    )


METRICS: Mapping[str, Metric] = {f"spread.{{features}}.{name}": metric for name, metric in SPREAD.items()}


def measure(params: Params, context: Context) -> Evidence:
    """Measure each; MeasurementError for fewer than two rows."""
    import numpy as np
    import torch

    found = {}
    for name, value in params.features.items():
        array, described = numbers(value, name)
        if array.dtype.kind == "c":
            raise MeasurementError(f"{name} is {described}: give its real and imaginary parts as features")
        found[name] = spread(torch.from_numpy(array.astype(np.float64)), name)
    return Evidence({"spread": found})


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
