"""Fault: the image and audio encoders give one code whatever the input (one for each audio codebook)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from uti.tokenizer import UnifiedTokenizer

CODE = 7


class ConstantCodes(UnifiedTokenizer):
    """Ids are valid, deterministic and carry no information."""

    def encode_image(self, pixels: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """The right number of copies of one image id."""
        ids, meta = super().encode_image(pixels)
        return ids * 0 + self.space.ranges["image"][0] + CODE, meta

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """The right number of copies of one id of each codebook."""
        _, meta = super().encode_audio(samples, rate)
        return (self._codebook_starts() + CODE).repeat(meta["n_frames"]), meta


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return ConstantCodes.from_config(config, decode_mode)
