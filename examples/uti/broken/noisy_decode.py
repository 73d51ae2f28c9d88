"""Fault: decoded audio carries noise that lowers the signal-to-noise ratio by 2 dB."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uti.audio import Audio
from uti.tokenizer import UnifiedTokenizer

LOSS_DB = 2.0


class NoisyDecode(UnifiedTokenizer):
    """The noise is the same on every call; its level follows the coding error of the sound last encoded."""

    # Share of the decoded power that the coding error has, until something has been encoded.
    _error_share = 0.1

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """The right ids; notes how large the coding error is."""
        ids, meta = super().encode_audio(samples, rate)
        clean = super().decode_audio(ids, meta).samples[0]
        error = clean - self.audio.mono(samples, rate)
        self._error_share = float(error.square().mean() / clean.square().mean().clamp(min=1e-12))
        return ids, meta

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """The right sound plus noise."""
        clean = super().decode_audio(ids, meta, stages)
        noise = torch.randn(clean.samples.shape, generator=torch.Generator().manual_seed(0))
        power = (10 ** (LOSS_DB / 10) - 1) * self._error_share * clean.samples.square().mean()
        scale = (power / noise.square().mean()).sqrt()
        return clean._replace(samples=(clean.samples + scale * noise).clamp(-1.0, 1.0))


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NoisyDecode.from_config(config, decode_mode)
