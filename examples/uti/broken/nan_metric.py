"""Fault: one decoded sample is not a number, and so is every metric computed from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from torch import Tensor

from uti.audio import Audio
from uti.tokenizer import UnifiedTokenizer


class NanMetric(UnifiedTokenizer):
    """Shape and rate are right."""

    def decode_audio(self, ids: Tensor, meta: Mapping[str, Any], stages: int | None = None) -> Audio:
        """The right sound but for the sample in the middle."""
        audio = super().decode_audio(ids, meta, stages)
        audio.samples[0, audio.samples.shape[1] // 2] = math.nan
        return audio


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return NanMetric.from_config(config, decode_mode)
