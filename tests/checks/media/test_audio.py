from __future__ import annotations

import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.media.audio import check
from speccheck.sdk import Audio, MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

WAVE = torch.sin(torch.arange(8000) * 2 * math.pi * 440 / 16000)[None] * 0.5
CLIP = Audio(WAVE, 16000)


@pytest.mark.parametrize(
    "audio",
    [
        CLIP,
        (WAVE, 16000),
        [WAVE[0].numpy(), 16000],
        {"samples": WAVE, "rate": 16000},
        SimpleNamespace(samples=WAVE, rate=16000),
        (WAVE, torch.tensor(16000)),
    ],
)
def test_a_sine(context: FakeContext, audio: Any) -> None:
    metrics = measured(check, context, audio=audio).metrics
    known = WAVE.double().numpy()
    assert (metrics["rate"], metrics["channels"], metrics["frames"], metrics["seconds"]) == (16000, 1, 8000, 0.5)
    assert metrics["peak"] == np.abs(known).max()
    assert metrics["rms"] == pytest.approx(math.sqrt((known**2).mean()), rel=1e-12)
    assert metrics["finite"] is True
    assert metrics["distinct_values"] == len(np.unique(WAVE.numpy()))


def test_against_itself_nothing_differs(context: FakeContext) -> None:
    metrics = measured(check, context, audio=CLIP, reference=CLIP).metrics
    assert all(metrics[f"{name}_difference"] == 0 for name in ("rate", "channels", "frames", "seconds"))


def test_a_short_sound_differs_with_its_sign(context: FakeContext) -> None:
    short = measured(check, context, audio=(WAVE[:, :-480], 16000), reference=CLIP).metrics
    assert (short["frames_difference"], short["seconds_difference"]) == (-480, pytest.approx(-0.03))
    long = measured(check, context, audio=CLIP, reference=(WAVE[:, :-480], 16000)).metrics
    assert long["frames_difference"] == 480


def test_the_wrong_rate_changes_rate_and_seconds_alone(context: FakeContext) -> None:
    sound = measured(check, context, audio=CLIP, reference=CLIP)
    wrong = measured(check, context, audio=(WAVE, 8000), reference=CLIP)
    assert changed(sound, wrong) == {"rate", "seconds", "rate_difference", "seconds_difference"}
    assert wrong.metrics["rate_difference"] == -8000


def test_channels(context: FakeContext) -> None:
    metrics = measured(check, context, audio=(WAVE.expand(2, -1), 16000), reference=CLIP).metrics
    assert (metrics["channels"], metrics["channels_difference"], metrics["frames_difference"]) == (2, 1, 0)


def test_silence_and_nan(context: FakeContext) -> None:
    silent = measured(check, context, audio=(torch.zeros(1, 100), 16000)).metrics
    assert (silent["peak"], silent["rms"], silent["distinct_values"], silent["finite"]) == (0.0, 0.0, 1, True)
    broken = measured(check, context, audio=(torch.tensor([[0.1, math.nan]]), 16000)).metrics
    assert broken["finite"] is False
    assert math.isnan(broken["peak"])
    assert math.isnan(broken["rms"])


def test_no_sample_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, audio=(torch.zeros(1, 0), 16000)).metrics
    assert (metrics["frames"], metrics["seconds"]) == (0, 0.0)
    assert not {"finite", "peak", "rms", "frames_difference"} & set(metrics)


def test_integer_samples_keep_their_units(context: FakeContext) -> None:
    metrics = measured(check, context, audio=(np.array([-32768, 5], dtype=np.int16), 16000)).metrics
    assert (metrics["peak"], metrics["dtype"]) == (32768.0, "int16")


@pytest.mark.parametrize(
    "bad", [WAVE, "clip.wav", (torch.zeros(1, 1, 4), 16000), (WAVE, 0), (WAVE, -1), (WAVE, math.nan), (WAVE, [1, 2])]
)
def test_what_is_no_sound_is_refused(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="audio"):
        measured(check, context, audio=bad)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"audio": tiny.audio(), "reference": tiny.audio()}
