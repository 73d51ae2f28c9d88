"""Fault: another untrained encoder takes the place of the pretrained one."""

from __future__ import annotations

from pathlib import Path

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.probe import Study

OTHER = 1000
"""Added to the seed of the encoder that claims to be pretrained."""


class RandomEncoder(Study):
    """Both encoders are random, and different."""

    def encoder(self, kind: str, seed: int) -> MaskedVideoModel:
        """An untrained encoder."""
        return super().encoder("random", seed + OTHER if kind == "pretrained" else seed)


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return RandomEncoder.from_config(config)
