"""Fault: decoded text is in lower case."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from uti.tokenizer import UnifiedTokenizer


class TextLossy(UnifiedTokenizer):
    """The ids are right."""

    def decode_text(self, ids: Sequence[int], meta: Mapping[str, Any] | None = None) -> str:
        """The right text without its capitals."""
        return super().decode_text(ids, meta).lower()


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return TextLossy.from_config(config, decode_mode)
