"""Fault: decoded audio claims a rate that is not the codec's."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from uti.audio import Audio
from uti.tokenizer import UnifiedTokenizer

CLAIMED_RATE = 16000  # Hz


class WrongRate(UnifiedTokenizer):
    """The samples are right."""

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """The right samples with the wrong rate."""
        return super().decode_audio(ids, meta, stages)._replace(rate=CLAIMED_RATE)


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return WrongRate.from_config(config, decode_mode)
