"""Fault: the index has times in milliseconds, where the tables have microseconds."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from video_ssl.config import Config
from video_ssl.index import ClipIndex
from video_ssl.pipeline import Pipeline


class Milliseconds(Pipeline):
    """Times still increase."""

    @cached_property
    def index(self) -> ClipIndex:
        """The clips, their frames a thousand times too early; the file stays as it is."""
        index = super().index
        for frame in (frame for clip in index.clips for frame in clip["frames"]):
            frame["timestamp"] = round(frame["timestamp"] / 1000)
        return index


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Milliseconds.from_config(config)
