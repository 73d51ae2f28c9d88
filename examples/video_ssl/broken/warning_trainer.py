"""Fault: the transformer complains at every step, and nobody listens."""

from __future__ import annotations

import warnings

from torch import Tensor

from video_ssl import train
from video_ssl.pipeline import Pipeline


class Trainer(train.Trainer):
    """Same signature as ``video_ssl.train.Trainer``."""

    def loss(self, tokens: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """The right loss, and a warning."""
        warnings.warn("a transformer that is not what it was", UserWarning, stacklevel=1)
        return super().loss(tokens, mask, places)


def make(pipeline: Pipeline) -> Trainer:
    """In place of ``Pipeline.trainer``."""
    return Trainer(pipeline, 0)
