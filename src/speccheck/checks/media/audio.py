"""Rate, channels, length and peak of a sound, and their differences from a reference.

Measures a sound as [channels, frames], or [frames] for one channel. Peak and RMS are in the samples' own units (1.0 is
full scale for floating samples). With a reference, its rate, length and channels are compared; the samples are not:
`signal.audio` does that.

It matters because a decoder that returns the right sound at the wrong rate, or half a second of it, can still score:
the metrics that follow are computed on whatever was returned. `distinct_values` and `rms` show silence.

It cannot see what the sound is. A [frames, channels] array is taken for as many channels as it has frames, so
``channels`` is worth an expectation.

```yaml
- id: decoded-audio
  check: media.audio
  with: {audio: $rebuilt, reference: $clip}
  expect:
    rate_difference: 0
    channels_difference: 0
    frames_difference: {min: -480, max: 480, why: one hop of the codec}
    peak: {max: 1.0, above: 0.01}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Live, MeasurementError, Metric, param
from speccheck.sdk.arrays import distinct_count, magnitude, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """The sound, and another to hold it against."""

    audio: Live[Any] = param("a sound: anything with samples and rate, or the pair (samples, rate)")
    reference: Live[Any] = param("a sound whose rate, length and channels it should have", default=None)


_SILENT = "the sound lacks samples"
_ALONE = "no reference is given"

METRICS: Mapping[str, Metric] = {
    "rate": Metric(kind="number", min=0, doc="sampling rate", unit="Hz"),
    "channels": Metric(kind="number", min=0, doc="channels"),
    "frames": Metric(kind="number", min=0, doc="samples of each channel", unit="frames"),
    "seconds": Metric(kind="number", min=0, doc="frames / rate", unit="s"),
    "dtype": Metric(kind="text", doc="element type of the samples"),
    "finite": Metric(kind="bool", doc="no sample is NaN or infinite", optional=_SILENT),
    "peak": Metric(kind="number", min=0, doc="largest absolute sample", optional=_SILENT),
    "rms": Metric(kind="number", min=0, doc="root of the mean squared sample, over all channels", optional=_SILENT),
    "distinct_values": Metric(kind="number", min=0, doc="distinct samples"),
    "rate_difference": Metric(kind="number", doc="rate - the reference's", unit="Hz", optional=_ALONE),
    "channels_difference": Metric(kind="number", doc="channels - the reference's", optional=_ALONE),
    "frames_difference": Metric(
        kind="number", doc="frames - the reference's, each at its own rate", unit="frames", optional=_ALONE
    ),
    "seconds_difference": Metric(kind="number", doc="seconds - the reference's", unit="s", optional=_ALONE),
}


def measure(params: Params, context: Context) -> Evidence:
    """Describe the sound; MeasurementError for anything else, or for a rate that is not positive."""
    import numpy as np

    samples, rate, dtype = _sound(params.audio, "audio")
    metrics: dict[str, Any] = {**_extent(samples, rate), "dtype": dtype, "distinct_values": distinct_count(samples)}
    if samples.size:
        size = magnitude(samples)
        metrics["finite"] = bool(np.isfinite(size).all())
        metrics["peak"] = float(size.max())
        with np.errstate(all="ignore"):
            metrics["rms"] = float(np.sqrt(np.mean(np.square(size))))
    if params.reference is not None:
        other, other_rate, _ = _sound(params.reference, "reference")
        for name, value in _extent(other, other_rate).items():
            metrics[f"{name}_difference"] = metrics[name] - value
    return Evidence(metrics=metrics)


def _extent(samples: NDArray[Any], rate: float) -> dict[str, Any]:
    channels, frames = samples.shape
    return {"rate": rate, "channels": channels, "frames": frames, "seconds": frames / rate}


def _sound(value: Any, name: str) -> tuple[NDArray[Any], float, str]:
    """Samples as [channels, frames], rate in Hz, and the samples' dtype."""
    if isinstance(value, Mapping) and {"samples", "rate"} <= set(value):
        samples, rate = value["samples"], value["rate"]
    elif hasattr(value, "samples") and hasattr(value, "rate"):
        samples, rate = value.samples, value.rate
    elif isinstance(value, (tuple, list)) and len(value) == 2:
        samples, rate = value
    else:
        raise MeasurementError(f"{name} is a {type(value).__name__}, without samples and rate; give both as a pair")
    array, described = numbers(samples, f"the samples of {name}")
    if array.ndim not in (1, 2):
        raise MeasurementError(f"the samples of {name} are {described}, not [channels, frames] or [frames]")
    number = numbers(rate, f"the rate of {name}")[0]
    if number.size != 1 or number.dtype.kind not in "iuf" or not 0 < number.item() < float("inf"):
        raise MeasurementError(f"the rate of {name} is {rate!r}, not a positive number of Hz")
    return array.reshape(1, -1) if array.ndim == 1 else array, number.item(), described.dtype


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
