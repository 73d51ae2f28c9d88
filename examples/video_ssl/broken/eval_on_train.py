"""Fault: validation scores are those of the clips that were trained on."""

from __future__ import annotations

from pathlib import Path

from video_ssl.config import Config
from video_ssl.probe import Study
from video_ssl.splits import Split


class EvalOnTrain(Study):
    """The split itself is right."""

    def evaluated(self, parts: Split) -> list[int]:
        """The wrong part."""
        return parts.train


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return EvalOnTrain.from_config(config)
