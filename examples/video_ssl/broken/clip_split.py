"""Fault: clips are split one by one, so that both parts hold clips of every scene."""

from __future__ import annotations

from pathlib import Path

from video_ssl import splits
from video_ssl.config import Config
from video_ssl.index import ClipIndex
from video_ssl.probe import Study
from video_ssl.splits import By, Split


def split(index: ClipIndex, by: By = "scene", seed: int = 0, val_share: float = 0.4) -> Split:
    """Same signature as ``video_ssl.splits.split``."""
    return splits.split(index, "clip", seed, val_share)


class ClipSplit(Study):
    """No clip is in both parts."""

    def split(self, seed: int, by: By = "scene") -> Split:
        """A split by clip, whatever is asked for."""
        return split(self.pipeline.index, by, seed, self.config.probe.val_share)


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return ClipSplit.from_config(config)
