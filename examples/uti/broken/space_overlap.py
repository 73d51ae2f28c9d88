"""Fault: the declared image range begins one id too early, on the last id of text."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import torch
from torch import Tensor

from uti.token_space import TokenSpace
from uti.tokenizer import UnifiedTokenizer


class UncheckedSpace(TokenSpace):
    """A token space that does not validate itself."""

    def validate(self) -> None:
        """Accept anything."""


class SpaceOverlap(UnifiedTokenizer):
    """The ids and their decoding are right; only the declaration overlaps."""

    def _build_space(self) -> TokenSpace:
        """The right space but for the start of the image range."""
        right = super()._build_space()
        start, end = right.ranges["image"]
        ranges = MappingProxyType({**right.ranges, "image": [start - 1, end]})
        return UncheckedSpace(right.special, ranges, right.codebook_ranges, right.size)

    def encode_image(self, pixels: Tensor) -> tuple[Tensor, dict[str, Any]]:
        """The right ids: what the early start takes off is added back."""
        ids, meta = super().encode_image(pixels)
        return ids + 1, meta

    def decode_image(self, ids: Tensor, meta: Mapping[str, Any], generator: torch.Generator | None = None) -> Tensor:
        """The right picture."""
        return super().decode_image(ids - 1, meta, generator)


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return SpaceOverlap.from_config(config, decode_mode)
