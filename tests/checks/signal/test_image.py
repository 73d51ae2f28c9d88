"""signal.image against scikit-image and numpy, and on pictures broken on purpose."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from speccheck.checks.signal.image import Params, check
from speccheck.sdk import Image, MeasurementError
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared


def picture(height: int = 24, width: int = 32) -> torch.Tensor:
    """float32[3, height, width]: gradients and some noise, in 0..1."""
    rng = np.random.default_rng(0)
    rows, columns = np.mgrid[0:height, 0:width]
    base = np.stack([rows / height, columns / width, (rows + columns) / (height + width)])
    return torch.tensor(0.8 * base + 0.2 * rng.random((3, height, width)), dtype=torch.float32)


def noisy(pixels: torch.Tensor) -> torch.Tensor:
    noise = np.random.default_rng(1).standard_normal(tuple(pixels.shape)) * 0.1
    return (pixels + torch.tensor(noise, dtype=torch.float32)).clamp(0, 1)


def measured(context: FakeContext, reference: Any, estimate: Any) -> dict[str, Any]:
    evidence = check.measure(Params(reference=reference, estimate=estimate), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence.metrics


def ssim_by_skimage(reference: np.ndarray, estimate: np.ndarray) -> float:
    return float(
        structural_similarity(
            reference,
            estimate,
            channel_axis=0,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
            data_range=1.0,
        )
    )


def test_every_metric_agrees_with_skimage_and_numpy(context: FakeContext) -> None:
    reference, estimate = picture(), noisy(picture())
    x, y = reference.double().numpy(), estimate.double().numpy()
    mean = np.broadcast_to(x.mean((1, 2), keepdims=True), x.shape)
    metrics = measured(context, Image(reference), Image(estimate))
    assert metrics["psnr_db"] == pytest.approx(peak_signal_noise_ratio(x, y, data_range=1.0), abs=1e-5)
    assert metrics["trivial_psnr_db"] == pytest.approx(peak_signal_noise_ratio(x, mean, data_range=1.0), abs=1e-5)
    assert metrics["psnr_gain_db"] == pytest.approx(metrics["psnr_db"] - metrics["trivial_psnr_db"])
    assert metrics["ssim"] == pytest.approx(ssim_by_skimage(x, y), abs=1e-9)
    assert metrics["trivial_ssim"] == pytest.approx(ssim_by_skimage(x, mean), abs=1e-9)
    assert metrics["mae"] == pytest.approx(np.abs(x - y).mean())
    assert metrics["mse"] == pytest.approx(((x - y) ** 2).mean())
    assert metrics["max_abs_error"] == pytest.approx(np.abs(x - y).max())
    assert (metrics["size"], metrics["out_of_range"], metrics["nonfinite"]) == ([24, 32], 0, 0)


def test_an_exact_copy(context: FakeContext) -> None:
    metrics = measured(context, picture(), picture())
    assert metrics["psnr_db"] == metrics["psnr_gain_db"] == math.inf
    assert metrics["ssim"] == 1
    assert metrics["mae"] == metrics["mse"] == metrics["max_abs_error"] == 0


def test_the_mean_colour_gains_nothing(context: FakeContext) -> None:
    flat = picture().double().mean((1, 2), keepdim=True).expand(3, 24, 32)
    metrics = measured(context, picture(), flat)
    assert metrics["psnr_gain_db"] == pytest.approx(0, abs=1e-9)
    assert metrics["ssim"] == pytest.approx(metrics["trivial_ssim"], abs=1e-9)


def test_an_inverted_picture_does_worse_than_the_mean_colour(context: FakeContext) -> None:
    metrics = measured(context, picture(), 1 - picture())
    assert metrics["psnr_gain_db"] < 0
    assert metrics["ssim"] < 0.5


def test_swapped_colours_show(context: FakeContext) -> None:
    metrics = measured(context, picture(), picture().flip(0))
    assert metrics["psnr_db"] < 20
    assert metrics["out_of_range"] == 0


def test_a_flat_reference_has_no_gain(context: FakeContext) -> None:
    metrics = measured(context, torch.full((3, 16, 16), 0.3), torch.full((3, 16, 16), 0.4))
    assert metrics["trivial_psnr_db"] == math.inf
    assert "psnr_gain_db" not in metrics
    assert metrics["psnr_db"] == pytest.approx(20, abs=1e-5)


def test_colours_last_is_the_same_picture(context: FakeContext) -> None:
    rows_first = noisy(picture()).permute(1, 2, 0).numpy()
    assert measured(context, picture(), rows_first) == measured(context, picture(), noisy(picture()))


def test_a_small_picture_has_no_ssim(context: FakeContext) -> None:
    metrics = measured(context, picture(10, 40), noisy(picture(10, 40)))
    assert {"ssim", "trivial_ssim"}.isdisjoint(metrics)
    assert measured(context, picture(11, 11), noisy(picture(11, 11)))["ssim"] < 1
    single = measured(context, torch.full((3, 1, 1), 0.5), torch.full((3, 1, 1), 0.25))
    assert single["psnr_db"] == pytest.approx(10 * math.log10(16))


@pytest.mark.parametrize("place", [(0, 0, 0), (1, 12, 16)])
def test_one_value_that_is_no_number_is_not_hidden(context: FakeContext, place: tuple[int, int, int]) -> None:
    estimate = noisy(picture())
    estimate[place] = math.nan
    evidence = check.measure(Params(reference=picture(), estimate=estimate), context)
    assert evidence.metrics["nonfinite"] == 1
    for name in ("psnr_db", "psnr_gain_db", "ssim", "mae", "mse", "max_abs_error"):
        assert math.isnan(evidence.metrics[name]), name
    assert [finding.message for finding in evidence.findings] == ["1 value of the estimate is NaN or infinite"]


def test_values_outside_the_range_are_counted_and_told(context: FakeContext) -> None:
    estimate = picture()
    estimate[0, 0, :2] = torch.tensor([-0.25, 1.5])
    evidence = check.measure(Params(reference=picture(), estimate=estimate), context)
    assert evidence.metrics["out_of_range"] == 2
    assert "2 values of the estimate are outside 0..1: from -0.25 to 1.5" in evidence.findings[0].message


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        (picture(24, 31), "24 x 32 pixels and the estimate 24 x 31"),
        ((picture() * 255).to(torch.uint8), "uint8"),
        (picture()[None], r"shape \[1, 3, 24, 32\]"),
        (picture()[:1], r"shape \[1, 24, 32\]"),
        (torch.zeros(3, 0, 4), "the estimate is empty"),
        ("photo.png", "is a str"),
    ],
)
def test_what_cannot_be_compared_is_refused(context: FakeContext, estimate: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        measured(context, picture(), estimate)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"reference": tiny.image(), "estimate": tiny.image(noise=0.1)}
