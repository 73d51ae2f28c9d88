"""Fault: within each frame, the id of codebook 1 comes before that of codebook 0."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from uti.audio import Audio
from uti.tokenizer import UnifiedTokenizer


class SwappedCodebooks(UnifiedTokenizer):
    """Decoding swaps them back, so that only the order of the ids is wrong."""

    def _swap(self, ids: Tensor) -> Tensor:
        """Exchange the first two ids of each frame; its own inverse."""
        order = [1, 0, *range(2, self.audio.n_codebooks)]
        return ids.reshape(-1, self.audio.n_codebooks)[:, order].flatten()

    def encode_audio(self, samples: Tensor, rate: int) -> tuple[Tensor, dict[str, Any]]:
        """The right ids in the wrong order."""
        ids, meta = super().encode_audio(samples, rate)
        return self._swap(ids), meta

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """Expects the wrong order."""
        return super().decode_audio(self._swap(ids), meta, stages)


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return SwappedCodebooks.from_config(config, decode_mode)
