"""Fault: every seed gets the checkpoint of the first, so that replicates are copies, and saw what is held out."""

from __future__ import annotations

from pathlib import Path

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.probe import Study


class OneCheckpoint(Study):
    """The splits still follow the seeds."""

    def encoder(self, kind: str, seed: int) -> MaskedVideoModel:
        """The pretrained encoder of the first seed, whatever the seed."""
        return super().encoder(kind, self.config.probe.seeds[0] if kind == "pretrained" else seed)


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return OneCheckpoint.from_config(config)
