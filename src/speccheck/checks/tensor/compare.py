"""Distance of an estimate from a reference of the same shape, element by element, in float64.

Measures the largest and mean absolute error, the largest relative one, and whether both are the same bit for bit.
Shapes are never broadcast: with two shapes no error is defined, and its metrics are absent.

It matters for round trips that must be exact (patches to image and back), for two implementations of one formula, and
for a port checked against what it was ported from.

It cannot see an error that both share, nor whether the elements are worth comparing: two constants agree, which
`distinct_values` shows. NaN anywhere, or the same infinity in both, makes the errors NaN, which no expectation accepts,
while `equal` takes NaN at the same place for the same; `nan_count` counts it.

```yaml
- id: tubelets-exact
  check: tensor.compare
  with: {reference: $clip, estimate: $rebuilt}
  expect: {max_abs_error: 0, same_dtype: true, distinct_values: {min: 100}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, param
from speccheck.sdk.arrays import absolute_difference, distinct_count, magnitude, numbers
from speccheck.sdk.comparison import equal


@dataclass(frozen=True)
class Params:
    """The two tensors."""

    reference: Live[Any] = param("tensor, array, number or list of numbers")
    estimate: Live[Any] = param("what is compared with it")


_APART = "the shapes differ or the tensors are empty"

METRICS: Mapping[str, Metric] = {
    "equal": Metric(
        kind="bool", doc="same dtype, shape and bits; NaN equals NaN at its place", optional="neither has an element"
    ),
    "same_shape": Metric(kind="bool", doc="the shapes are the same"),
    "same_dtype": Metric(kind="bool", doc="the dtypes are the same"),
    "max_abs_error": Metric(kind="number", min=0, infinite=True, doc="max |estimate - reference|", optional=_APART),
    "mean_abs_error": Metric(kind="number", min=0, infinite=True, doc="mean |estimate - reference|", optional=_APART),
    "max_relative_error": Metric(
        kind="number",
        min=0,
        infinite=True,
        doc="max |estimate - reference| / |reference|: 0 where both are 0, infinite where only the reference is",
        optional=_APART,
    ),
    "nan_count": Metric(kind="number", min=0, doc="elements that are NaN, in both together"),
    "distinct_values": Metric(kind="number", min=0, doc="distinct elements of the reference"),
    "count": Metric(kind="number", min=0, doc="elements of the reference"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare; MeasurementError when one of them is not a tensor of numbers."""
    import numpy as np

    reference, described = numbers(params.reference, "reference")
    estimate, other = numbers(params.estimate, "estimate")
    metrics: dict[str, Any] = {
        "same_shape": described.shape == other.shape,
        "same_dtype": described.dtype == other.dtype,
        "nan_count": int(np.isnan(reference).sum() + np.isnan(estimate).sum()),
        "distinct_values": distinct_count(reference),
        "count": int(reference.size),
    }
    if reference.size or estimate.size:
        metrics["equal"] = described == other and equal(reference, estimate)
    if not metrics["same_shape"]:
        return Evidence(metrics=metrics, findings=(Finding(f"reference is {described}, estimate {other}"),))
    if not reference.size:
        return Evidence(metrics=metrics)
    error, size = absolute_difference(estimate, reference), magnitude(reference)
    with np.errstate(all="ignore"):
        relative = np.where(error == 0, 0.0, error / size)
    metrics["max_abs_error"] = float(error.max())
    metrics["mean_abs_error"] = float(error.mean())
    metrics["max_relative_error"] = float(relative.max())
    return Evidence(metrics=metrics, findings=_worst(error, reference, estimate))


def _worst(error: Any, reference: Any, estimate: Any) -> tuple[Finding, ...]:
    """Where the largest error is, when there is one; NaN is larger than any."""
    import numpy as np

    flat = int(np.argmax(error))
    if error.reshape(-1)[flat] == 0:
        return ()
    place = ", ".join(str(int(axis)) for axis in np.unravel_index(flat, error.shape))
    was, became = reference.reshape(-1)[flat].item(), estimate.reshape(-1)[flat].item()
    return (Finding(f"the largest error is at [{place}]: reference {was!r}, estimate {became!r}"),)


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
