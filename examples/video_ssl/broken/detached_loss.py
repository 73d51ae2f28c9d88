"""Fault: the loss compares copies that are cut from the model, so that nothing learns."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from torch import Tensor

from video_ssl import tubelets
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


def masked_loss(
    prediction: Tensor, target: Tensor, mask: Tensor, kind: Literal["squared", "absolute"] = "squared"
) -> Tensor:
    """Same signature as ``video_ssl.tubelets.masked_loss``, and the same value."""
    # The vanishing term keeps backward() from failing, which would give the fault away.
    return tubelets.masked_loss(prediction.detach(), target.detach(), mask, kind) + 0.0 * prediction.sum()


class DetachedLoss(Pipeline):
    """A pipeline with that loss."""

    def loss(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """The right value, with gradients of zero."""
        return masked_loss(prediction, target, mask)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return DetachedLoss.from_config(config)
