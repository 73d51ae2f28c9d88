"""Fault: training sees the next clip where it asks for one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from video_ssl import clips
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class SmallClips(clips.SmallClips):
    """Same signature as ``video_ssl.clips.SmallClips``."""

    def clips(self, numbers: Sequence[int] | Tensor) -> Tensor:
        """The clips after those."""
        return super().clips((torch.as_tensor(numbers) + 1) % len(self))

    def windows(self, numbers: Tensor, tops: Tensor, lefts: Tensor, height: int, width: int) -> Tensor:
        """Windows of the clips after those."""
        return super().windows((numbers + 1) % len(self), tops, lefts, height, width)


class OffByOne(Pipeline):
    """The dataset itself is right."""

    @cached_property
    def small(self) -> SmallClips:
        """Those clips."""
        return SmallClips(self.dataset, self.config.tubelets.p // self.config.model.cell)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return OffByOne.from_config(config)
