"""Fault: the pipeline has the right loss, and the trainer one of its own, over all tokens."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from video_ssl import train
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class Trainer(train.Trainer):
    """Same signature as ``video_ssl.train.Trainer``."""

    def loss(self, tokens: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """The mean over visible tokens too."""
        error: Tensor = self.model(tokens, mask, places) - self.model.target(tokens)
        return error.square().mean()


class OverAll(Pipeline):
    """A pipeline with that trainer."""

    def trainer(self, seed: int = 0, clips: Sequence[int] | None = None) -> train.Trainer:
        """That trainer."""
        return Trainer(self, seed, clips)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return OverAll.from_config(config)
