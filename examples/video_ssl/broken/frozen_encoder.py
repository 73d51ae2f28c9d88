"""Fault: what the encoder gives is cut from its parameters, so that only the last projection learns."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.pipeline import Pipeline


class FrozenModel(MaskedVideoModel):
    """Same weights and same output as the model it is made from."""

    def latent(self, tokens: Tensor, mask: Tensor | None = None, places: Tensor | None = None) -> Tensor:
        """The right features, without a way back."""
        return super().latent(tokens, mask, places).detach()


class FrozenEncoder(Pipeline):
    """A pipeline with that model."""

    def make_model(self, seed: int = 0) -> MaskedVideoModel:
        """The frozen model."""
        model = super().make_model(seed)
        model.__class__ = FrozenModel
        return model


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return FrozenEncoder.from_config(config)
