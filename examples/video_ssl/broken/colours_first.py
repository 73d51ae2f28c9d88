"""Fault: inside a token the colours come before the frames, which the inverse undoes."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


def exchanged(tokens: Tensor, first: int, second: int) -> Tensor:
    """Tokens float[...,first*second*n] with the first two axes of their elements exchanged."""
    parts = tokens.reshape(*tokens.shape[:-1], first, second, -1)
    return parts.transpose(-3, -2).reshape(tokens.shape)


class ColoursFirst(Pipeline):
    """Every token is in its place."""

    def tubeletify(self, clips: Tensor, side: int | None = None) -> Tensor:
        """Tokens with the elements of a frame apart."""
        return exchanged(super().tubeletify(clips, side), self.config.tubelets.t, 3)

    def untubeletify(self, tokens: Tensor) -> Tensor:
        """The inverse."""
        return super().untubeletify(exchanged(tokens, 3, self.config.tubelets.t))


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return ColoursFirst.from_config(config)
