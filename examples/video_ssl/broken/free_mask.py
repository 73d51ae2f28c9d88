"""Fault: masks come from a generator that nobody seeds."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from video_ssl import tubelets
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline

FREE = torch.Generator()
FREE.seed()


def random_mask(batch: int, tokens: int, ratio: float, generator: torch.Generator) -> Tensor:
    """Same signature as ``video_ssl.tubelets.random_mask``."""
    return tubelets.random_mask(batch, tokens, ratio, FREE)


class FreeMask(Pipeline):
    """The generator that is given is left alone."""

    def random_mask(self, batch: int, tokens: int, ratio: float, generator: torch.Generator) -> Tensor:
        """A mask of the right ratio."""
        return random_mask(batch, tokens, ratio, generator)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return FreeMask.from_config(config)
