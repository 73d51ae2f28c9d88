"""Fault: decoded images are one column too wide."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from uti.tokenizer import UnifiedTokenizer


class WrongImageSize(UnifiedTokenizer):
    """The pixels that should be there are right."""

    def decode_image(self, ids: Tensor, meta: Mapping[str, Any], generator: torch.Generator | None = None) -> Tensor:
        """The right picture with its last column repeated: float32[3,H,W+1]."""
        picture = super().decode_image(ids, meta, generator)
        return torch.cat([picture, picture[:, :, -1:]], 2)


def make(config: str | Path, decode_mode: str = "deterministic") -> UnifiedTokenizer:
    """Same signature as ``UnifiedTokenizer.from_config``."""
    return WrongImageSize.from_config(config, decode_mode)
