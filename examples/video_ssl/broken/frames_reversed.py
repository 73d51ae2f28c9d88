"""Fault: all frames of a clip but its first run backwards."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor

from video_ssl import clips
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class ClipDataset(clips.ClipDataset):
    """Same signature as ``video_ssl.clips.ClipDataset``."""

    def video(self, number: int) -> Tensor:
        """The clip, with its end before its middle."""
        frames = super().video(number)
        return torch.cat([frames[:1], frames[1:].flip(0)])


class Reversed(Pipeline):
    """A pipeline with that dataset."""

    @cached_property
    def dataset(self) -> clips.ClipDataset:
        """That dataset."""
        return ClipDataset(self.index, self.dataroot, self.config.clips.height, self.config.clips.width)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Reversed.from_config(config)
