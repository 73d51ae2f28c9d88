"""Fault: every clip has the labels of the next one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import Tensor

from video_ssl import probe
from video_ssl.config import Config
from video_ssl.data import Database
from video_ssl.index import ClipIndex


def labels(index: ClipIndex, database: Database, categories: Sequence[str]) -> Tensor:
    """Same signature as ``video_ssl.probe.labels``; the last clip has the labels of the first."""
    return probe.labels(index, database, categories).roll(-1, 0)


class OffByOne(probe.Study):
    """How often a label occurs does not change."""

    def labels(self) -> Tensor:
        """Labels of the next clip."""
        return super().labels().roll(-1, 0)


def make(config: str | Path | Config) -> probe.Study:
    """Same signature as ``Study.from_config``."""
    return OffByOne.from_config(config)
