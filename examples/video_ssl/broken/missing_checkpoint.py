"""Fault: checkpoints are neither made nor missed; without one, an untrained encoder takes its place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from video_ssl.config import Config
from video_ssl.model import MaskedVideoModel
from video_ssl.probe import Study


class MissingCheckpoint(Study):
    """Looks for checkpoints in a folder that does not hold any."""

    def prepare(self, seeds: Sequence[int] | None = None) -> list[Path]:
        """Nothing is trained."""
        return self.checkpoints(seeds)

    def checkpoints(self, seeds: Sequence[int] | None = None) -> list[Path]:
        """Files that are not there."""
        return [path.with_name(f"missing_{path.name}") for path in super().checkpoints(seeds)]

    def encoder(self, kind: str, seed: int) -> MaskedVideoModel:
        """An untrained encoder, whatever is asked for."""
        return super().encoder("random", seed)


def make(config: str | Path | Config) -> Study:
    """Same signature as ``Study.from_config``."""
    return MissingCheckpoint.from_config(config)
