"""Height, width, channels, dtype and range of an image.

Measures a picture given as an Image, a torch tensor [channels, height, width], a numpy or PIL picture [height, width,
channels], or [height, width] for one channel.

It matters because a decoder may return the right shape with height and width swapped, values of 0..255 where 0..1 is
meant, or one grey: `size`, `max` and `distinct_values` tell these apart.

It cannot see what the picture shows, nor swapped colours.

```yaml
- id: decoded-image
  check: media.image
  with: {image: $decoded}
  expect: {size: [224, 224], channels: 3, finite: true, min: {min: 0}, max: {max: 1}, distinct_values: {min: 16}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from speccheck.sdk import Check, Context, Evidence, Image, Live, MeasurementError, Metric, param
from speccheck.sdk.arrays import distinct_count, is_array, is_tensor, numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray

_CHANNELS = (1, 2, 3, 4)
"""Grey, grey with alpha, colour, colour with alpha."""


@dataclass(frozen=True)
class Params:
    """The image, and the order of its axes."""

    image: Live[Any] = param("the picture")
    layout: Literal["auto", "chw", "hwc"] = param(
        "order of the axes; auto takes a torch tensor for chw and a numpy or PIL picture for hwc", default="auto"
    )


_EMPTY = "the image lacks pixels"

METRICS: Mapping[str, Metric] = {
    "size": Metric(kind="list", of="number", min=0, doc="[height, width]", unit="pixels"),
    "height": Metric(kind="number", min=0, doc="rows", unit="pixels"),
    "width": Metric(kind="number", min=0, doc="columns", unit="pixels"),
    "channels": Metric(kind="number", min=1, doc="channels"),
    "dtype": Metric(kind="text", doc="element type"),
    "min": Metric(kind="number", doc="smallest value", optional=_EMPTY),
    "max": Metric(kind="number", doc="largest value", optional=_EMPTY),
    "finite": Metric(kind="bool", doc="no value is NaN or infinite", optional=_EMPTY),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values, over all channels"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Describe the image; MeasurementError for anything else, or unless its axis of channels has 1 to 4."""
    import numpy as np

    array, dtype = _pixels(params.image, params.layout)
    channels, height, width = array.shape
    metrics: dict[str, Any] = {
        "size": [height, width],
        "height": height,
        "width": width,
        "channels": channels,
        "dtype": dtype,
        "distinct_values": distinct_count(array),
    }
    if array.size:
        number = float if array.dtype.kind == "f" else int  # a bool is not a number
        metrics["min"], metrics["max"] = number(array.min()), number(array.max())
        metrics["finite"] = bool(np.isfinite(array).all())
    return Evidence(metrics=metrics)


def _pixels(image: Any, layout: str) -> tuple[NDArray[Any], str]:
    """The values as [channels, height, width], and their dtype."""
    import numpy as np

    pixels = image.pixels if isinstance(image, Image) or hasattr(image, "pixels") else image
    planar = isinstance(image, Image) or is_tensor(pixels)
    if not is_array(pixels) and hasattr(pixels, "__array_interface__"):
        pixels = np.asarray(pixels)  # a PIL picture
    array, described = numbers(pixels, "image")
    if array.dtype.kind == "c":
        raise MeasurementError(f"image is {described}: an image cannot hold complex values")
    if array.ndim == 2:
        return array[None], described.dtype
    if array.ndim != 3:
        raise MeasurementError(f"image is {described}, not one picture of 2 or 3 axes; name one of a batch ($x[0])")
    axes = ("chw" if planar else "hwc") if layout == "auto" else layout
    array = array if axes == "chw" else np.moveaxis(array, -1, 0)
    if array.shape[0] not in _CHANNELS:
        raise MeasurementError(
            f"image is {described}, which read as {axes} has {array.shape[0]} channels; say `layout: chw` or `hwc`"
        )
    return array, described.dtype


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
