"""Distance of an image from its reference: PSNR, SSIM, pixel errors, and the scores of one flat colour.

A decoder of images is judged by how near its output is to what went in, and by how much nearer than an image without
content: ``trivial_psnr_db`` and ``trivial_ssim`` are those of the reference's mean colour everywhere. All arithmetic is
float64 on values in 0..1.

It cannot see what a viewer sees: a shift by one pixel costs much and is invisible, a blur costs little and is not. It
neither aligns, resizes nor clips; NaN in either image makes the metrics NaN.

```yaml
- id: image-reconstruction
  check: signal.image
  with: {reference: $photo, estimate: $rebuilt}
  expect:
    psnr_gain_db: {min: 3, why: "the mean colour gets 0"}
    ssim: {min: 0.5}
    out_of_range: 0
```
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Value, param
from speccheck.sdk.wording import counted

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Params:
    """The two pictures."""

    reference: Live[Any] = param(
        "What the estimate should be: an image, or floats in 0..1 of shape [3, height, width] or [height, width, 3] "
        "(colours first where both would fit)."
    )
    estimate: Live[Any] = param("The picture to be compared with it, of the same size.")


WINDOW = 11
_SMALL = "a side is shorter than the 11 pixels of the window"

METRICS: Mapping[str, Metric] = {
    "psnr_db": Metric(
        kind="number",
        unit="dB",
        infinite=True,
        doc="10 log10(1 / mean (ref - est)^2) over all values (torchmetrics, within 1e-5 dB); infinite for a copy",
    ),
    "ssim": Metric(
        kind="number",
        min=-1,
        max=1,
        optional=_SMALL,
        doc="mean structural similarity (Wang et al. 2004: Gaussian window 11x11, sigma 1.5, K1 0.01, K2 0.03, range "
        "1) where the window is wholly inside, per colour channel, then their mean",
    ),
    "mae": Metric(kind="number", min=0, doc="mean of |ref - est| over all values"),
    "mse": Metric(kind="number", min=0, doc="mean of (ref - est)^2 over all values"),
    "max_abs_error": Metric(kind="number", min=0, doc="largest |ref - est| of any value"),
    "trivial_psnr_db": Metric(
        kind="number",
        unit="dB",
        infinite=True,
        doc="psnr_db of the reference's mean colour everywhere; infinite where the reference is one flat colour",
    ),
    "psnr_gain_db": Metric(
        kind="number",
        unit="dB",
        infinite=True,
        optional="the reference is one flat colour",
        doc="psnr_db minus trivial_psnr_db",
    ),
    "trivial_ssim": Metric(
        kind="number", min=-1, max=1, optional=_SMALL, doc="ssim of the reference's mean colour everywhere"
    ),
    "size": Metric(kind="list", of="number", unit="pixels", min=1, doc="height and width of both"),
    "out_of_range": Metric(kind="number", min=0, unit="values", doc="values of the two below 0 or above 1"),
    "nonfinite": Metric(kind="number", min=0, unit="values", doc="values of the two that are NaN or infinite"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare the two; MeasurementError where they cannot be: other sizes, no pixels, no floats."""
    reference = _pixels(params.reference, "reference")
    estimate = _pixels(params.estimate, "estimate")
    if reference.shape != estimate.shape:
        raise MeasurementError(
            f"the reference has {_size(reference)} pixels and the estimate {_size(estimate)} (height x width); "
            "give both one size"
        )
    mean = reference.mean((1, 2), keepdim=True).expand_as(reference)
    flat = bool((reference == reference[:, :1, :1]).all())
    psnr = _psnr(reference, estimate)
    trivial = math.inf if flat else _psnr(reference, mean)
    error = (reference - estimate).abs()
    metrics: dict[str, Value] = {
        "psnr_db": psnr,
        "mae": error.mean().item(),
        "mse": error.square().mean().item(),
        "max_abs_error": error.max().item(),
        "trivial_psnr_db": trivial,
        "size": list(reference.shape[1:]),
        "out_of_range": _outside(reference) + _outside(estimate),
        "nonfinite": int((~reference.isfinite()).sum() + (~estimate.isfinite()).sum()),
    }
    if not flat:
        metrics["psnr_gain_db"] = psnr - trivial
    if min(reference.shape[1:]) >= WINDOW:
        metrics["ssim"] = _ssim(reference, estimate)
        metrics["trivial_ssim"] = _ssim(reference, mean)
    return Evidence(metrics=metrics, findings=_findings({"reference": reference, "estimate": estimate}))


def _pixels(value: Any, name: str) -> Tensor:
    """Values as float64 [3, height, width], detached on the CPU."""
    import torch

    pixels = getattr(value, "pixels", value)
    try:
        tensor = torch.as_tensor(pixels).detach().cpu()
    except (TypeError, ValueError, RuntimeError) as error:
        raise MeasurementError(
            f"the {name} is a {type(value).__name__}; give an image (a subject by `image:`) or an array"
        ) from error
    if not tensor.is_floating_point():
        raise MeasurementError(f"the {name}'s values are {tensor.dtype}; give floats in 0..1 (uint8 / 255)")
    if tensor.ndim == 3 and tensor.shape[0] != 3 and tensor.shape[2] == 3:
        tensor = tensor.permute(2, 0, 1)
    if tensor.ndim != 3 or tensor.shape[0] != 3:
        raise MeasurementError(
            f"the {name} has shape {list(tensor.shape)}, not [3, height, width] or [height, width, 3]"
        )
    if tensor.numel() == 0:
        raise MeasurementError(f"the {name} is empty: its shape is {list(tensor.shape)}")
    return tensor.double()


def _psnr(reference: Tensor, estimate: Tensor) -> float:
    from torchmetrics.functional.image import peak_signal_noise_ratio

    return float(peak_signal_noise_ratio(estimate, reference, data_range=1.0))


def _ssim(reference: Tensor, estimate: Tensor) -> float:
    """Mean SSIM of two float64 [3, H, W]; torchmetrics' map is cut to where nothing is padded, as Wang et al. do."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, similarity = structural_similarity_index_measure(
        estimate[None],
        reference[None],
        gaussian_kernel=True,
        sigma=1.5,
        kernel_size=WINDOW,
        data_range=1.0,
        k1=0.01,
        k2=0.03,
        return_full_image=True,
    )
    border = WINDOW // 2
    return float(similarity[..., border:-border, border:-border].mean())


def _outside(pixels: Tensor) -> int:
    return int(((pixels < 0) | (pixels > 1)).sum())


def _size(pixels: Tensor) -> str:
    return f"{pixels.shape[1]} x {pixels.shape[2]}"


def _findings(pictures: Mapping[str, Tensor]) -> tuple[Finding, ...]:
    found = []
    for name, pixels in pictures.items():
        count = _outside(pixels)
        if count:
            low, high = pixels.nan_to_num(0.5).min().item(), pixels.nan_to_num(0.5).max().item()
            found.append(Finding(f"{_of(name, count)} outside 0..1: from {low:g} to {high:g}"))
        broken = int((~pixels.isfinite()).sum())
        if broken:
            found.append(Finding(f"{_of(name, broken)} NaN or infinite"))
    return tuple(found)


def _of(name: str, count: int) -> str:
    return f"{counted(count, 'value')} of the {name} {'is' if count == 1 else 'are'}"


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
