"""The log-mel spectrogram that signal.audio compares.

Magnitudes of a Hann-windowed STFT (1024 points, hop 256) through 80 triangular filters from 0 Hz to half the rate, on
the mel scale and with the area normalisation of Slaney's Auditory Toolbox (Interval Research, technical report
1998-010), the defaults of ``librosa.filters.mel``; natural logarithm, floored at 1e-5. Sizes, floor and logarithm are
those of HiFi-GAN (Kong, Kim, Bae 2020, ``meldataset.py``), which many codecs and vocoders report; unlike there, the
filters reach up to half the rate and frames are centred on a signal padded with zeros.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

N_FFT = 1024
HOP = 256
BANDS = 80
FLOOR = 1e-5

_HZ_PER_MEL = 200.0 / 3.0  # linear up to 1000 Hz, which is 15 mel
_BREAK_HZ = 1000.0
_BREAK_MEL = _BREAK_HZ / _HZ_PER_MEL
_LOG_STEP = math.log(6.4) / 27.0  # 27 mel from 1000 Hz to 6400 Hz


def log_mel(samples: Tensor, rate: float) -> Tensor:
    """Return the natural log of mel magnitudes, float64[C, 80, 1 + N // 256], of float64[C, N] at ``rate`` Hz."""
    import torch

    window = torch.hann_window(N_FFT, dtype=samples.dtype)
    spectrum = torch.stft(
        samples, N_FFT, HOP, window=window, center=True, pad_mode="constant", return_complex=True
    ).abs()
    return (filters(rate).to(samples.dtype) @ spectrum).clamp(min=FLOOR).log()


def filters(rate: float) -> Tensor:
    """Return triangular filters of unit area (in Hz), float64[80, 513]; above about 60 kHz the lowest may be empty."""
    import torch

    top = hz_to_mel(rate / 2)
    edges = torch.tensor([mel_to_hz(top * i / (BANDS + 1)) for i in range(BANDS + 2)], dtype=torch.float64)
    bins = torch.linspace(0, rate / 2, N_FFT // 2 + 1, dtype=torch.float64)
    low, centre, high = edges[:-2, None], edges[1:-1, None], edges[2:, None]
    rising = (bins - low) / (centre - low)
    falling = (high - bins) / (high - centre)
    return torch.minimum(rising, falling).clamp(min=0) * 2 / (high - low)


def hz_to_mel(frequency: float) -> float:
    """Convert Hz to Slaney's mel scale: linear up to 1000 Hz (15 mel), logarithmic above."""
    if frequency < _BREAK_HZ:
        return frequency / _HZ_PER_MEL
    return _BREAK_MEL + math.log(frequency / _BREAK_HZ) / _LOG_STEP


def mel_to_hz(mel: float) -> float:
    """Invert :func:`hz_to_mel`."""
    if mel < _BREAK_MEL:
        return mel * _HZ_PER_MEL
    return _BREAK_HZ * math.exp(_LOG_STEP * (mel - _BREAK_MEL))
