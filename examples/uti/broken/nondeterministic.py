"""Fault: audio ids differ from call to call."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uti.tokenizer import UnifiedTokenizer

N_CHANGED = 64  # ids replaced in each call


class NondeterministicAudio(UnifiedTokenizer):
    """Replaces codes of the last codebook by the code nearest to them where the sound is loud: hardly heard."""

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """Valid ids, some of them replaced at places that the operating system draws at random."""
        ids, meta = super().encode_audio(samples, rate)
        distances = torch.cdist(self.audio.codebooks[-1], self.audio.codebooks[-1])
        neighbour = distances.fill_diagonal_(torch.inf).argmin(1)
        frames = ids.view(meta["n_frames"], meta["n_codebooks"])
        start = self.space.codebook_ranges[-1][0]
        loudness = self.audio.codebooks[0].norm(dim=1)[frames[:, 0] - self.space.codebook_ranges[0][0]]
        loudest = loudness.argsort(descending=True)[: len(frames) // 3].tolist()
        for place in random.SystemRandom().sample(loudest, N_CHANGED):
            frames[place, -1] = start + neighbour[frames[place, -1] - start]
        return ids, meta


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NondeterministicAudio.from_config(config, decode_mode)
