"""signal.audio against independent implementations, and on sounds broken on purpose."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import scipy.signal
import torch

from speccheck.checks.signal.audio import Params, check
from speccheck.sdk import Audio, Evidence, MeasurementError
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared

RATE = 8000


def tone(channels: int = 1, frames: int = 4000, seed: int = 0) -> torch.Tensor:
    """float32[channels, frames]: a tone with an offset and noise, another one in each channel."""
    rng = np.random.default_rng(seed)
    time = np.arange(frames) / RATE
    rows = [
        0.4 * np.sin(2 * np.pi * (300 + 200 * c) * time) + 0.05 * rng.standard_normal(frames) for c in range(channels)
    ]
    return torch.tensor(np.stack(rows) + 0.02, dtype=torch.float32)


def noisy(samples: torch.Tensor, scale: float = 0.05) -> torch.Tensor:
    noise = np.random.default_rng(1).standard_normal(tuple(samples.shape)) * scale
    return samples + torch.tensor(noise, dtype=torch.float32)


def measured(context: FakeContext, reference: Any, estimate: Any, **more: Any) -> dict[str, Any]:
    evidence = check.measure(Params(reference=reference, estimate=estimate, **more), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence.metrics


def mel_by_loops(frequencies: np.ndarray, rate: float) -> np.ndarray:
    """80 Slaney filters, straight from the definition, one value at a time."""

    def to_hz(mel: float) -> float:
        return mel * 200 / 3 if mel < 15 else 1000 * 6.4 ** ((mel - 15) / 27)

    top = 15 + 27 * math.log(rate / 2 / 1000) / math.log(6.4)
    edges = [to_hz(top * i / 81) for i in range(82)]
    weights = np.zeros((80, len(frequencies)))
    for band in range(80):
        low, centre, high = edges[band : band + 3]
        for k, f in enumerate(frequencies):
            if low < f < high:
                height = (f - low) / (centre - low) if f <= centre else (high - f) / (high - centre)
                weights[band, k] = height * 2 / (high - low)
    return weights


def log_mel_by_scipy(samples: np.ndarray, rate: float) -> np.ndarray:
    window = scipy.signal.get_window("hann", 1024)  # periodic
    padded = np.pad(samples.astype(np.float64), 512)
    frames = np.stack([padded[i : i + 1024] * window for i in range(0, len(samples) + 1, 256)])
    magnitudes = np.abs(np.fft.rfft(frames)).T
    mel = mel_by_loops(np.arange(513) * rate / 1024, rate)
    return np.asarray(np.log(np.maximum(mel @ magnitudes, 1e-5)))


def test_every_metric_agrees_with_numpy(context: FakeContext) -> None:
    reference = tone(2)
    estimate = noisy(reference)
    x, y = reference.double().numpy(), estimate.double().numpy()
    metrics = measured(context, Audio(reference, RATE), Audio(estimate, RATE))
    assert metrics["snr_db"] == pytest.approx(10 * np.log10((x**2).sum() / ((x - y) ** 2).sum()), abs=1e-9)
    mean = x.mean(1, keepdims=True)
    assert metrics["trivial_snr_db"] == pytest.approx(10 * np.log10((x**2).sum() / ((x - mean) ** 2).sum()), abs=1e-9)
    target = (x * y).sum() / (x**2).sum() * x
    assert metrics["si_sdr_db"] == pytest.approx(10 * np.log10((target**2).sum() / ((target - y) ** 2).sum()), abs=1e-9)
    assert metrics["mae"] == pytest.approx(np.abs(x - y).mean())
    assert metrics["max_abs_error"] == pytest.approx(np.abs(x - y).max())
    assert metrics["reference_rms"] == pytest.approx(np.sqrt((x**2).mean()))
    wanted = np.mean(
        [np.abs(log_mel_by_scipy(a, RATE) - log_mel_by_scipy(b, RATE)).mean() for a, b in zip(x, y, strict=True)]
    )
    assert metrics["log_mel_l1"] == pytest.approx(wanted, rel=1e-9)
    assert (metrics["rate"], metrics["channels"], metrics["frames"], metrics["frames_difference"]) == (RATE, 2, 4000, 0)


def test_an_exact_copy_is_infinitely_near(context: FakeContext) -> None:
    metrics = measured(context, Audio(tone(), RATE), Audio(tone(), RATE))
    assert metrics["snr_db"] == metrics["si_sdr_db"] == math.inf
    assert metrics["mae"] == metrics["max_abs_error"] == metrics["log_mel_l1"] == 0
    assert 0 < metrics["trivial_snr_db"] < 1


def test_silence_as_estimate_gets_zero_decibels_and_no_si_sdr(context: FakeContext) -> None:
    metrics = measured(context, Audio(tone(), RATE), Audio(torch.zeros(1, 4000), RATE))
    assert metrics["snr_db"] == pytest.approx(0, abs=1e-12)
    assert "si_sdr_db" not in metrics
    assert metrics["log_mel_l1"] > 3


def test_a_silent_reference_has_no_ratio(context: FakeContext) -> None:
    metrics = measured(context, Audio(torch.zeros(1, 4000), RATE), Audio(tone(), RATE))
    assert {"snr_db", "si_sdr_db", "trivial_snr_db"}.isdisjoint(metrics)
    assert metrics["reference_rms"] == 0
    assert metrics["mae"] > 0


def test_a_quiet_sound_has_the_ratio_of_a_loud_one(context: FakeContext) -> None:
    reference, estimate = tone(), noisy(tone())
    loud = measured(context, Audio(reference, RATE), Audio(estimate, RATE))
    scale = 2.0**-40  # exact in float32; its energy is far below the epsilon of float64
    quiet = measured(context, Audio(reference * scale, RATE), Audio(estimate * scale, RATE))
    assert quiet["snr_db"] == pytest.approx(loud["snr_db"], abs=1e-9)
    assert quiet["si_sdr_db"] == pytest.approx(loud["si_sdr_db"], abs=1e-9)


def test_gain_alone_costs_snr_and_not_si_sdr(context: FakeContext) -> None:
    metrics = measured(context, Audio(tone(), RATE), Audio(tone() * 0.5, RATE))
    assert metrics["snr_db"] == pytest.approx(20 * math.log10(2), abs=1e-6)
    assert metrics["si_sdr_db"] > 200


def test_a_constant_reference_is_what_its_mean_predicts(context: FakeContext) -> None:
    metrics = measured(context, Audio(torch.full((1, 3000), 0.1), RATE), Audio(torch.zeros(1, 3000), RATE))
    assert metrics["trivial_snr_db"] == math.inf
    assert metrics["snr_db"] == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_one_sample_that_is_no_number_is_not_hidden(context: FakeContext, value: float) -> None:
    estimate = noisy(tone())
    estimate[0, 1234] = value
    evidence: Evidence = check.measure(Params(reference=Audio(tone(), RATE), estimate=Audio(estimate, RATE)), context)
    assert evidence.metrics["nonfinite"] == 1
    for name in ("snr_db", "si_sdr_db", "mae", "max_abs_error", "log_mel_l1"):
        assert not math.isfinite(evidence.metrics[name]), name
    if math.isnan(value):
        assert all(math.isnan(evidence.metrics[name]) for name in ("snr_db", "mae", "max_abs_error", "log_mel_l1"))
    assert [finding.message for finding in evidence.findings] == ["1 samples of the estimate are NaN or infinite"]


def test_a_nan_in_the_reference_is_not_hidden_either(context: FakeContext) -> None:
    reference = tone()
    reference[0, 0] = math.nan
    metrics = measured(context, Audio(reference, RATE), Audio(tone(), RATE))
    assert all(math.isnan(metrics[name]) for name in ("snr_db", "trivial_snr_db", "mae", "log_mel_l1"))


def test_an_estimate_that_ends_before_is_silent_from_there(context: FakeContext) -> None:
    cut = measured(context, Audio(tone(), RATE), Audio(tone()[:, :1], RATE))
    padded = measured(context, Audio(tone(), RATE), Audio(torch.nn.functional.pad(tone()[:, :1], (0, 3999)), RATE))
    assert cut["snr_db"] < 1
    assert {**cut, "frames_difference": 0} == padded
    evidence = check.measure(check.params(reference=Audio(tone(), RATE), estimate=Audio(tone()[:, :9], RATE)), context)
    assert [finding.message for finding in evidence.findings] == [
        "the estimate lacks the last 3991 of 4000 frames: it counts as silent there"
    ]


def test_lengths_that_differ_compare_what_the_reference_has(context: FakeContext) -> None:
    metrics = measured(context, Audio(tone(), RATE), Audio(torch.cat([tone(), torch.ones(1, 7)], 1), RATE))
    assert (metrics["frames"], metrics["frames_difference"], metrics["snr_db"]) == (4000, 7, math.inf)
    metrics = measured(context, Audio(tone(), RATE), Audio(tone()[:, :3000], RATE))
    assert (metrics["frames"], metrics["frames_difference"]) == (4000, -1000)


def test_other_rates_are_refused_with_the_remedy(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match=r"8000 Hz.*16000 Hz.*`resample: true`"):
        measured(context, Audio(tone(), RATE), Audio(tone(), 16000))


def test_resampling_brings_the_estimate_to_the_rate_of_the_reference(context: FakeContext) -> None:
    time = torch.arange(4000, dtype=torch.float64) / RATE
    fine = torch.arange(8000, dtype=torch.float64) / (2 * RATE)
    wave = [(0.5 * torch.sin(2 * math.pi * 440 * t)).float() for t in (time, fine)]
    metrics = measured(context, Audio(wave[0], RATE), Audio(wave[1], 2 * RATE), resample=True)
    assert (metrics["rate"], metrics["frames"], metrics["frames_difference"]) == (RATE, 4000, 0)
    assert metrics["snr_db"] > 25
    octave = measured(context, Audio(wave[0], RATE), Audio(wave[0], 2 * RATE), resample=True)
    assert octave["snr_db"] < 0
    assert octave["frames_difference"] == -2000


def test_resampling_keeps_a_nan(context: FakeContext) -> None:
    estimate = tone()
    estimate[0, 2000] = math.nan
    metrics = measured(context, Audio(tone(), RATE // 2), Audio(estimate, RATE), resample=True)
    assert math.isnan(metrics["snr_db"])
    assert metrics["nonfinite"] > 0


def test_a_row_of_samples_and_numpy_arrays_and_one_sample_will_do(context: FakeContext) -> None:
    @dataclass
    class Clip:
        samples: Any
        rate: float

    metrics = measured(
        context, Clip(np.array([0.5, -0.5, 0.25]), 22050.0), Clip(torch.tensor([[0.5, -0.5, 0.0]]), 22050)
    )
    assert (metrics["rate"], metrics["channels"], metrics["frames"]) == (22050, 1, 3)
    assert metrics["max_abs_error"] == 0.25
    single = measured(context, Clip(torch.tensor([0.5]), RATE), Clip(torch.tensor([0.4]), RATE))
    assert single["frames"] == 1
    assert single["trivial_snr_db"] == math.inf


@pytest.mark.parametrize(
    ("estimate", "message"),
    [
        (Audio(tone(2), RATE), "1 channels and the estimate 2"),
        (Audio(torch.zeros(1, 0), RATE), "no samples to compare"),
        (Audio((tone() * 1000).to(torch.int16), RATE), "int16"),
        (Audio(tone()[None], RATE), r"shape \[1, 1, 4000\]"),
        (Audio(tone(), 0), "rate is 0"),
        (tone(), "without `samples` and `rate`"),
    ],
)
def test_what_cannot_be_compared_is_refused(context: FakeContext, estimate: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        measured(context, Audio(tone(), RATE), estimate)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"reference": tiny.audio(), "estimate": tiny.audio(noise=0.01)}
