"""Fault: the numbers run from 0 to 255 in the clips that the dataset gives."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from torch import Tensor

from video_ssl import clips
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class ClipDataset(clips.ClipDataset):
    """Same signature as ``video_ssl.clips.ClipDataset``."""

    def video(self, number: int) -> Tensor:
        """The clip in 0..255."""
        return super().video(number) * 255


class Range255(Pipeline):
    """A pipeline whose clips are not scaled."""

    @cached_property
    def dataset(self) -> clips.ClipDataset:
        """That dataset."""
        return ClipDataset(self.index, self.dataroot, self.config.clips.height, self.config.clips.width)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Range255.from_config(config)
