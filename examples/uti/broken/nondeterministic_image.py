"""Fault: image ids differ from call to call."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from torch import Tensor

from uti.tokenizer import UnifiedTokenizer

N_CHANGED = 3  # ids replaced in each call


class NondeterministicImage(UnifiedTokenizer):
    """Replaces a few image ids with random ones."""

    def encode_image(self, pixels: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """Valid ids, a few of them drawn from the operating system's randomness."""
        ids, meta = super().encode_image(pixels)
        draw = random.SystemRandom()
        start, end = self.space.ranges["image"]
        for _ in range(N_CHANGED):
            ids[draw.randrange(len(ids))] = draw.randint(start, end)
        return ids, meta


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NondeterministicImage.from_config(config, decode_mode)
