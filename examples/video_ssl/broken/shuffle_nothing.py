"""Fault: shuffled labels are the labels as they were."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl.config import Config
from video_ssl.probe import Study


class ShuffleNothing(Study):
    """The sanity check of shuffled labels then compares a run with itself."""

    def shuffled(self, truth: Tensor, seed: int) -> Tensor:
        """A copy in the same order."""
        return truth.clone()


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return ShuffleNothing.from_config(config)
