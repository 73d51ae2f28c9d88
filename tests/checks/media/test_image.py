from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
import torch

from speccheck.checks.media.image import check
from speccheck.sdk import Image, MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

PIXELS = torch.linspace(0, 1, 3 * 4 * 6).reshape(3, 4, 6)


@pytest.mark.parametrize(
    "image", [Image(PIXELS), PIXELS, PIXELS.permute(1, 2, 0).numpy(), PIXELS.permute(1, 2, 0).contiguous().numpy()]
)
def test_a_picture_however_given(context: FakeContext, image: Any) -> None:
    assert measured(check, context, image=image).metrics == {
        "size": [4, 6],
        "height": 4,
        "width": 6,
        "channels": 3,
        "dtype": "float32",
        "min": 0.0,
        "max": 1.0,
        "finite": True,
        "distinct_values": 72,
    }


def test_a_pil_picture(context: FakeContext) -> None:
    picture = PIL.Image.fromarray((PIXELS.permute(1, 2, 0).numpy() * 255).astype(np.uint8))
    metrics = measured(check, context, image=picture).metrics
    assert (metrics["size"], metrics["channels"], metrics["dtype"], metrics["max"]) == ([4, 6], 3, "uint8", 255)


def test_height_and_width_swapped_change_the_size_alone(context: FakeContext) -> None:
    swapped = measured(check, context, image=PIXELS.transpose(1, 2))
    assert changed(measured(check, context, image=PIXELS), swapped) == {"size", "height", "width"}
    assert swapped.metrics["size"] == [6, 4]


def test_bytes_where_fractions_are_meant_change_the_range(context: FakeContext) -> None:
    wide = measured(check, context, image=PIXELS * 255)
    assert changed(measured(check, context, image=PIXELS), wide) == {"max"}


def test_one_grey_is_seen(context: FakeContext) -> None:
    assert measured(check, context, image=torch.full((3, 4, 6), 0.5)).metrics["distinct_values"] == 1


def test_nan_is_not_finite(context: FakeContext) -> None:
    broken = PIXELS.clone()
    broken[0, 0, 0] = math.nan
    metrics = measured(check, context, image=broken).metrics
    assert metrics["finite"] is False
    assert math.isnan(metrics["min"])


def test_one_channel_layouts_and_bools(context: FakeContext) -> None:
    assert measured(check, context, image=torch.zeros(4, 6)).metrics["size"] == [4, 6]
    assert measured(check, context, image=PIXELS.permute(1, 2, 0), layout="hwc").metrics["size"] == [4, 6]
    assert measured(check, context, image=PIXELS.numpy(), layout="chw").metrics["size"] == [4, 6]
    assert measured(check, context, image=torch.ones(1, 2, 2, dtype=torch.bool)).metrics["max"] == 1


def test_no_pixel_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, image=torch.zeros(3, 0, 6)).metrics
    assert metrics["size"] == [0, 6]
    assert not {"min", "max", "finite"} & set(metrics)


@pytest.mark.parametrize(
    "bad", [PIXELS[None], PIXELS.permute(2, 1, 0), PIXELS.numpy(), "a.png", torch.zeros(3, 2, 2, dtype=torch.complex64)]
)
def test_what_is_no_picture_is_refused(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="image"):
        measured(check, context, image=bad)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"image": tiny.image()}
