"""Fault: the model does not learn the position of a token."""

from __future__ import annotations

from pathlib import Path

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.pipeline import Pipeline


class NoPositions(Pipeline):
    """Every parameter is there and learns."""

    def make_model(self, seed: int = 0) -> MaskedVideoModel:
        """The model with positions that are all the same."""
        model = super().make_model(seed)
        model.positions.zero_()
        return model


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return NoPositions.from_config(config)
