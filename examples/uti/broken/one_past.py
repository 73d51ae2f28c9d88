"""Fault: one common code of the last audio codebook is emitted as the id one past the audio range."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uti.audio import Audio
from uti.tokenizer import UnifiedTokenizer


class OnePast(UnifiedTokenizer):
    """Decoding maps the id back, so that only its value is wrong."""

    def _moved(self) -> int:
        """The id that is moved: the last codebook's id for silence, which any recording with a pause has."""
        ids, _ = super().encode_audio(torch.zeros(self.audio.mdct.hop), self.audio.rate)
        return int(ids[-1])

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """The right ids but for the moved one."""
        ids, meta = super().encode_audio(samples, rate)
        ids[ids == self._moved()] = self.space.ranges["audio"][1] + 1
        return ids, meta

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """Accepts the moved id as well as the right one."""
        past = self.space.ranges["audio"][1] + 1
        return super().decode_audio(torch.where(ids == past, self._moved(), ids), meta, stages)


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return OnePast.from_config(config, decode_mode)
