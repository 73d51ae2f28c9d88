"""Fault: two names of poolings are one function, so that a grid counts one configuration twice."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl.config import Config
from video_ssl.pooling import mean_all
from video_ssl.probe import Study


def mean_visible(latent: Tensor, mask: Tensor) -> Tensor:
    """Same signature as ``video_ssl.pooling.mean_visible``; masked tokens count, too."""
    return mean_all(latent, mask)


class SamePooling(Study):
    """The mean of visible tokens is the mean of all."""

    def features(self, kind: str, seed: int, pooling: str = "mean_all") -> Tensor:
        """Features of the one pooling for both names."""
        return super().features(kind, seed, "mean_all" if pooling == "mean_visible" else pooling)


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return SamePooling.from_config(config)
