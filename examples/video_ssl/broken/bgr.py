"""Fault: blue comes first in the clips that the dataset gives."""

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
        """The clip, blue first."""
        return super().video(number).flip(1)


class Bgr(Pipeline):
    """A pipeline whose clips have red and blue exchanged."""

    @cached_property
    def dataset(self) -> clips.ClipDataset:
        """That dataset."""
        return ClipDataset(self.index, self.dataroot, self.config.clips.height, self.config.clips.width)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Bgr.from_config(config)
