"""Fault: tubelets have four times the frames and half the side, which gives tokens of the same shape."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor

from video_ssl import tubelets
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


def tubeletify(clips: Tensor, t: int = 2, p: int = 40) -> Tensor:
    """Same signature as ``video_ssl.tubelets.tubeletify``."""
    return tubelets.tubeletify(clips, 4 * t, p // 2)


def untubeletify(
    tokens: Tensor, t: int = 2, p: int = 40, frames: int = 8, height: int = 360, width: int = 640
) -> Tensor:
    """Same signature as ``video_ssl.tubelets.untubeletify``."""
    return tubelets.untubeletify(tokens, 4 * t, p // 2, frames, height, width)


class Exchanged(Pipeline):
    """The round trip is still exact."""

    def tubeletify(self, clips: Tensor, side: int | None = None) -> Tensor:
        """Tubelets of 8 frames by 20 pixels where 2 by 40 are meant."""
        sizes = self.config.tubelets
        return tubeletify(clips, sizes.t, side or sizes.p * clips.shape[-2] // self.config.clips.height)

    def untubeletify(self, tokens: Tensor) -> Tensor:
        """The inverse."""
        clips, sizes = self.config.clips, self.config.tubelets
        return untubeletify(tokens, sizes.t, sizes.p, clips.frames, clips.height, clips.width)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Exchanged.from_config(config)
