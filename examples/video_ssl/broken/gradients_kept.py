"""Fault: gradients are not cleared between two steps."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch

from video_ssl import train
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class Keeping(torch.optim.AdamW):
    """AdamW that adds up."""

    def zero_grad(self, set_to_none: bool = True) -> None:
        """Nothing."""


class Trainer(train.Trainer):
    """Same signature as ``video_ssl.train.Trainer``."""

    def __init__(self, pipeline: Pipeline, seed: int = 0, clips: Sequence[int] | None = None) -> None:
        super().__init__(pipeline, seed, clips)
        self.optimizer = Keeping(self.model.parameters(), lr=self.settings.lr, weight_decay=0.01)


class Kept(Pipeline):
    """A pipeline with that trainer."""

    def trainer(self, seed: int = 0, clips: Sequence[int] | None = None) -> train.Trainer:
        """That trainer."""
        return Trainer(self, seed, clips)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Kept.from_config(config)
