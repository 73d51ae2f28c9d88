"""Stochastic image decoder: a denoiser that draws the detail the codes do not hold.

The model diffuses the residual between the photograph and the deterministic reconstruction, and
the denoiser is conditioned on that reconstruction.  It predicts the clean residual; sampling is
ancestral (DDIM of Song et al. 2021 with eta = 1, that is, DDPM on fewer steps).
"""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

TRAIN_STEPS = 64  # noise levels used in training
SAMPLE_STEPS = 6  # noise levels visited when decoding


def signal_power(t: Tensor) -> Tensor:
    """Cosine schedule (Nichol & Dhariwal 2021): share of signal power left at level ``t`` of TRAIN_STEPS."""
    return torch.cos(t / TRAIN_STEPS * math.pi / 2 * 0.98).square()


class Denoiser(nn.Module):
    """Convolutional network from (noisy residual, condition, noise level) to the clean residual."""

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        self.level = nn.Sequential(nn.Linear(2, width), nn.GELU(), nn.Linear(width, width))
        self.first = nn.Conv2d(6, width, 3, padding=1)
        self.rest = nn.Sequential(
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=1),
            nn.GELU(),
            nn.Conv2d(width, width, 3, padding=2, dilation=2),
            nn.GELU(),
            nn.Conv2d(width, 3, 3, padding=1),
        )

    def forward(self, noisy: Tensor, condition: Tensor, t: Tensor) -> Tensor:
        """float[B,3,H,W], float[B,3,H,W] in [0,1], float[B] -> float[B,3,H,W]."""
        power = signal_power(t)
        level = self.level(torch.stack([power.sqrt(), (1 - power).sqrt()], 1))
        hidden = self.first(torch.cat([noisy, condition - 0.5], 1)) + level[:, :, None, None]
        clean: Tensor = self.rest(hidden)
        return clean


class DiffusionDecoder:
    """Samples a picture near a deterministic reconstruction."""

    def __init__(self, weights: Path) -> None:
        state = load_file(weights)
        self.scale = float(state.pop("residual_scale"))  # standard deviation of the residual, in pixel units
        self.denoiser = Denoiser()
        self.denoiser.load_state_dict(state)
        self.denoiser.eval()

    @torch.no_grad()
    def sample(self, condition: Tensor, generator: torch.Generator) -> Tensor:
        """float32[3,H,W] in [0,1] -> float32[3,H,W] in [0,1]; all randomness is from ``generator``."""
        levels = torch.linspace(TRAIN_STEPS, 0, SAMPLE_STEPS + 1)
        current = torch.randn((1, *condition.shape), generator=generator)
        for t, next_t in pairwise(levels):
            clean = self.denoiser(current, condition[None], t[None])
            current = _ancestral_step(current, clean, signal_power(t), signal_power(next_t), generator)
        return (condition + self.scale * current[0]).clamp(0.0, 1.0)


def _ancestral_step(current: Tensor, clean: Tensor, power: Tensor, next_power: Tensor, gen: torch.Generator) -> Tensor:
    """One step from signal power ``power`` to the larger ``next_power`` (equation 12 of DDIM, eta = 1)."""
    noise = (current - power.sqrt() * clean) / (1 - power).sqrt()
    fresh = (1 - next_power) / (1 - power) * (1 - power / next_power)
    kept = (1 - next_power - fresh).clamp(min=0.0)
    draw = torch.randn(current.shape, generator=gen)
    return next_power.sqrt() * clean + kept.sqrt() * noise + fresh.sqrt() * draw
