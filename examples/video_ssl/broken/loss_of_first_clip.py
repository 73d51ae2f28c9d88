"""Fault: the loss is of the first clip of the batch alone."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class FirstClip(Pipeline):
    """Its value looks like that of all clips."""

    def loss(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Mean squared error over the masked tokens of one clip."""
        return super().loss(prediction[:1], target[:1], mask[:1])


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return FirstClip.from_config(config)
