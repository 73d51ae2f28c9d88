"""Fault: dropout stays on in evaluation mode."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from torch import nn

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.pipeline import Pipeline


class DropoutOn(MaskedVideoModel):
    """Same weights as the model it is made from."""

    def train(self, mode: bool = True) -> Self:
        """Change the mode of everything but dropout; the layers around it then do not take the fast path."""
        super().train(mode)
        for module in self.encoder.modules():
            if isinstance(module, (nn.Dropout, nn.TransformerEncoderLayer)):
                module.training = True
        return self


class Careless(Pipeline):
    """A pipeline with that model."""

    def make_model(self, seed: int = 0) -> MaskedVideoModel:
        """The model that always drops out."""
        model = super().make_model(seed)
        model.__class__ = DropoutOn
        return model


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Careless.from_config(config)
