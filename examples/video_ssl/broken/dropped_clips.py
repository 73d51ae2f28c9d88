"""Fault: the last clip of every scene is left out."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from video_ssl.config import Config
from video_ssl.index import ClipIndex
from video_ssl.pipeline import Pipeline


class Dropped(Pipeline):
    """Every clip that is there is sound."""

    @cached_property
    def index(self) -> ClipIndex:
        """All clips but those."""
        whole = super().index
        last = {clip["scene_token"]: clip["start_token"] for clip in whole.clips}
        kept = [clip for clip in whole.clips if clip["start_token"] != last[clip["scene_token"]]]
        return ClipIndex(whole.settings, kept)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return Dropped.from_config(config)
