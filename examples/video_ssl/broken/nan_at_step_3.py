"""Fault: the loss of step 3, counted from 0, is NaN."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from video_ssl import train
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline

STEP = 3


class Trainer(train.Trainer):
    """Same signature as ``video_ssl.train.Trainer``."""

    def loss(self, tokens: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """The right loss until then."""
        loss = super().loss(tokens, mask, places)
        return loss * math.nan if self.n_steps == STEP else loss


class NanAtStep3(Pipeline):
    """A pipeline with that trainer."""

    def trainer(self, seed: int = 0, clips: Sequence[int] | None = None) -> train.Trainer:
        """The trainer whose loss is NaN once."""
        return Trainer(self, seed, clips)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return NanAtStep3.from_config(config)
