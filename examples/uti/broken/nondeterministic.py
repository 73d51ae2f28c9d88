"""Fault: audio ids differ from call to call."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from torch import Tensor

from uti.tokenizer import UnifiedTokenizer

N_CHANGED = 8  # ids replaced in each call


class NondeterministicAudio(UnifiedTokenizer):
    """Replaces a few codes of the last codebook, which matters least to the sound, with random ones."""

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """Valid ids, a few of them drawn from the operating system's randomness."""
        ids, meta = super().encode_audio(samples, rate)
        draw = random.SystemRandom()
        start, end = self.space.codebook_ranges[-1]
        frames = ids.view(meta["n_frames"], meta["n_codebooks"])
        for _ in range(N_CHANGED):
            frames[draw.randrange(len(frames)), -1] = draw.randint(start, end)
        return ids, meta


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NondeterministicAudio.from_config(config, decode_mode)
