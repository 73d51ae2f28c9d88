"""Fault: the tokenizer reports that it has no audio codebooks."""

from __future__ import annotations

from pathlib import Path

from uti.tokenizer import UnifiedTokenizer


class DeadCodebookSizes(UnifiedTokenizer):
    """It has them, and uses them."""

    def runtime_sizes(self) -> dict[str, int]:
        """The right sizes but for the number of audio codebooks."""
        return {**super().runtime_sizes(), "audio_codebooks": 0}


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return DeadCodebookSizes.from_config(config, decode_mode)
