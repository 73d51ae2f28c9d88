"""Fault: image ids differ from call to call."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uti.tokenizer import UnifiedTokenizer

N_CHANGED = 32  # ids replaced in each call


class NondeterministicImage(UnifiedTokenizer):
    """Replaces image ids by that of the codeword nearest to them: seen in the ids, hardly in the picture."""

    def encode_image(self, pixels: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """Valid ids, some of them replaced at places that the operating system draws at random."""
        ids, meta = super().encode_image(pixels)
        distances = torch.cdist(self.image.codebook, self.image.codebook)
        neighbour = distances.fill_diagonal_(torch.inf).argmin(1)
        start = self.space.ranges["image"][0]
        for place in random.SystemRandom().sample(range(len(ids)), N_CHANGED):
            ids[place] = start + neighbour[ids[place] - start]
        return ids, meta


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NondeterministicImage.from_config(config, decode_mode)
