"""Fault: the tokens of a clip come in another order, which the inverse undoes."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from video_ssl import tubelets
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


def order(count: int) -> Tensor:
    """int64[count]: where each token comes from."""
    return torch.randperm(count, generator=torch.Generator().manual_seed(3))


def tubeletify(clips: Tensor, t: int = 2, p: int = 40) -> Tensor:
    """Same signature as ``video_ssl.tubelets.tubeletify``."""
    tokens = tubelets.tubeletify(clips, t, p)
    return tokens[:, order(tokens.shape[1])]


def untubeletify(
    tokens: Tensor, t: int = 2, p: int = 40, frames: int = 8, height: int = 360, width: int = 640
) -> Tensor:
    """Same signature as ``video_ssl.tubelets.untubeletify``."""
    return tubelets.untubeletify(tokens[:, order(tokens.shape[1]).argsort()], t, p, frames, height, width)


class Permuted(Pipeline):
    """The round trip is still exact."""

    def tubeletify(self, clips: Tensor, side: int | None = None) -> Tensor:
        """Permuted tokens."""
        tokens = super().tubeletify(clips, side)
        return tokens[:, order(tokens.shape[1])]

    def untubeletify(self, tokens: Tensor) -> Tensor:
        """The inverse."""
        return super().untubeletify(tokens[:, order(tokens.shape[1]).argsort()])


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Permuted.from_config(config)
