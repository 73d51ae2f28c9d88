"""Distance of a sound from its reference: SNR, SI-SDR, sample errors and log-mel distance.

A codec, a vocoder or a resampler is judged by how near its output is to what went in, and by how much nearer than an
estimate without content: ``trivial_snr_db`` is what the best constant of each channel would get, and the estimate of
all zeros gets 0 dB. All arithmetic is float64, over the frames of the reference: where the estimate ends before, it
counts as silent, so that half a sound is no good estimate of the whole; frames beyond the end are left out.

It cannot see what a listener hears: a delay of one sample ruins ``snr_db`` and is inaudible, and errors below the floor
of the mel spectrogram (1e-5) do not show in ``log_mel_l1``. It neither aligns the two nor matches their levels. NaN in
either makes the metrics that read it NaN.

```yaml
- id: audio-reconstruction
  check: signal.audio
  with: {reference: $clip, estimate: $rebuilt}
  expect:
    snr_db: {min: trivial_snr_db + 3}
    log_mel_l1: {max: 1.5}
    frames_difference: 0
```
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.checks.signal import _mel
from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Value, param

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Params:
    """The two sounds."""

    reference: Live[Any] = param(
        "What the estimate should be: a sound, or anything with `samples` (float [channels, frames] or [frames]) and "
        "`rate` in Hz."
    )
    estimate: Live[Any] = param("The sound to be compared with it, of as many channels.")
    resample: bool = param(
        "Bring an estimate of another rate to the reference's rate (soxr, quality HQ) instead of refusing it.",
        default=False,
    )


_SILENT = "the reference is silent"

METRICS: Mapping[str, Metric] = {
    "snr_db": Metric(
        kind="number",
        unit="dB",
        infinite=True,
        optional=_SILENT,
        doc="10 log10(sum ref^2 / sum (ref - est)^2) over all channels, as torchmetrics has it; infinite for a copy",
    ),
    "si_sdr_db": Metric(
        kind="number",
        unit="dB",
        infinite=True,
        optional="the reference or the estimate is silent",
        doc="scale-invariant SDR (Le Roux et al. 2019, eq. 5) over all channels as one vector, means left in",
    ),
    "trivial_snr_db": Metric(
        kind="number",
        unit="dB",
        min=0,
        infinite=True,
        optional=_SILENT,
        doc="snr_db of the best constant estimate, each channel's mean; infinite where the reference is constant",
    ),
    "mae": Metric(kind="number", min=0, doc="mean of |ref - est| over all samples"),
    "max_abs_error": Metric(kind="number", min=0, doc="largest |ref - est| of any sample"),
    "log_mel_l1": Metric(
        kind="number",
        min=0,
        unit="nepers",
        doc="mean |ln mel(ref) - ln mel(est)|: 80 Slaney bands, n_fft 1024, hop 256, magnitudes floored at 1e-5",
    ),
    "rate": Metric(kind="number", unit="Hz", min=0, doc="sample rate at which the two are compared"),
    "channels": Metric(kind="number", min=1, doc="channels of each"),
    "frames": Metric(kind="number", unit="frames", min=1, doc="frames compared: those of the reference"),
    "frames_difference": Metric(
        kind="number", unit="frames", doc="frames of the estimate (at the rate compared) minus those of the reference"
    ),
    "reference_rms": Metric(kind="number", min=0, doc="root mean square of the reference over the frames compared"),
    "nonfinite": Metric(kind="number", unit="samples", min=0, doc="samples of the two that are NaN or infinite"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare the two; MeasurementError where they cannot be: other rates, other channels, no samples, no floats."""
    reference, rate = _sound(params.reference, "reference")
    estimate, other = _sound(params.estimate, "estimate")
    if rate != other:
        if not params.resample:
            raise MeasurementError(
                f"the reference has {rate:g} Hz and the estimate {other:g} Hz; give both one rate, "
                "or say `resample: true` to have the estimate resampled"
            )
        estimate = _resampled(estimate, other, rate)
    if len(reference) != len(estimate):
        raise MeasurementError(
            f"the reference has {len(reference)} channels and the estimate {len(estimate)}; give both the same"
        )
    frames = reference.shape[1]
    if frames == 0 or estimate.shape[1] == 0 or len(reference) == 0:
        raise MeasurementError(
            f"no samples to compare: the reference has shape {list(reference.shape)}, "
            f"the estimate {list(estimate.shape)}"
        )
    difference = estimate.shape[1] - reference.shape[1]
    metrics = {
        **_compare(reference, _of_length(estimate, frames), rate),
        "rate": rate,
        "channels": len(reference),
        "frames": frames,
        "frames_difference": difference,
    }
    found = _findings(reference, estimate)
    if difference < 0:
        found = (
            Finding(f"the estimate lacks the last {-difference} of {frames} frames: it counts as silent there"),
            *found,
        )
    return Evidence(metrics=metrics, findings=found)


def _of_length(samples: Tensor, frames: int) -> Tensor:
    """The first frames of a sound; silence where it is shorter."""
    import torch

    cut = samples[:, :frames]
    return torch.nn.functional.pad(cut, (0, frames - cut.shape[1]))


def _sound(value: Any, name: str) -> tuple[Tensor, float]:
    """Samples as float64 [channels, frames], detached on the CPU, and the rate in Hz."""
    import torch

    samples, rate = getattr(value, "samples", None), getattr(value, "rate", None)
    if samples is None or rate is None:
        raise MeasurementError(
            f"the {name} is a {type(value).__name__} without `samples` and `rate`; give a sound "
            "(a subject by `audio:`, or speccheck.sdk.Audio)"
        )
    tensor = torch.as_tensor(samples).detach().cpu()
    if not tensor.is_floating_point():
        raise MeasurementError(f"the {name}'s samples are {tensor.dtype}; give floating-point samples in -1..1")
    if tensor.ndim not in (1, 2):
        raise MeasurementError(f"the {name}'s samples have shape {list(tensor.shape)}, not [channels, frames]")
    hertz = float(rate)
    if not (math.isfinite(hertz) and hertz > 0):
        raise MeasurementError(f"the {name}'s rate is {rate!r}, not a number of Hz")
    rows = tensor if tensor.ndim == 2 else tensor[None]
    return rows.double(), int(hertz) if hertz.is_integer() else hertz


def _resampled(samples: Tensor, rate: float, wanted: float) -> Tensor:
    import soxr
    import torch

    if samples.numel() == 0:
        return samples
    return torch.from_numpy(soxr.resample(samples.T.contiguous().numpy(), rate, wanted)).T


def _compare(reference: Tensor, estimate: Tensor, rate: float) -> dict[str, Value]:
    """Every metric of two float64 [C, N] tensors of one shape."""
    error = (reference - estimate).abs()
    rms = reference.square().mean().sqrt().item()
    mel = (_mel.log_mel(reference, rate) - _mel.log_mel(estimate, rate)).abs()
    metrics: dict[str, Value] = {
        "mae": error.mean().item(),
        "max_abs_error": error.max().item(),
        "log_mel_l1": mel.mean().item(),
        "reference_rms": rms,
        "nonfinite": int((~reference.isfinite()).sum() + (~estimate.isfinite()).sum()),
    }
    if rms == 0:
        return metrics
    metrics["snr_db"] = _snr(reference / rms, estimate / rms)
    metrics["trivial_snr_db"] = _trivial_snr(reference / rms)
    estimate_rms = estimate.square().mean().sqrt().item()
    if estimate_rms != 0:
        metrics["si_sdr_db"] = _si_sdr(reference / rms, estimate / estimate_rms)
    return metrics


def _snr(reference: Tensor, estimate: Tensor) -> float:
    """SNR in dB of two signals scaled by the reference's RMS, so that torchmetrics' epsilon (2e-16) stays negligible.

    Told apart from that epsilon: no noise at all (infinite).
    """
    from torchmetrics.functional.audio import signal_noise_ratio

    if bool((reference == estimate).all()):
        return math.inf
    return float(signal_noise_ratio(estimate.flatten(), reference.flatten()))


def _trivial_snr(reference: Tensor) -> float:
    """SNR in dB of each channel's mean as estimate; a constant is recognised by samples, not by rounded means."""
    if bool((reference == reference[:, :1]).all()):
        return math.inf
    value = _snr(reference, reference.mean(1, keepdim=True).expand_as(reference))
    return 0.0 if value < 0 else value  # below 0 only by rounding; NaN stays NaN


def _si_sdr(reference: Tensor, estimate: Tensor) -> float:
    """SI-SDR in dB of two signals of unit RMS; infinite where they are equal."""
    from torchmetrics.functional.audio import scale_invariant_signal_distortion_ratio

    if bool((reference == estimate).all()):
        return math.inf
    return float(scale_invariant_signal_distortion_ratio(estimate.flatten(), reference.flatten()))


def _findings(reference: Tensor, estimate: Tensor) -> tuple[Finding, ...]:
    counts = {"reference": int((~reference.isfinite()).sum()), "estimate": int((~estimate.isfinite()).sum())}
    return tuple(
        Finding(f"{count} samples of the {name} are NaN or infinite") for name, count in counts.items() if count
    )


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
