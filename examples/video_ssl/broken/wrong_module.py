"""Fault: what is recorded as the encoder's activations is the output of the first projection."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from torch import nn

from video_ssl import recorder
from video_ssl.config import Config
from video_ssl.pipeline import Pipeline


class ActivationRecorder(recorder.ActivationRecorder):
    """Same signature as ``video_ssl.recorder.ActivationRecorder``."""

    def module(self, name: str) -> nn.Module:
        """The module next to the one that is asked for, in the case of the encoder."""
        return super().module("in_proj" if name == "encoder" else name)


class WrongModule(Pipeline):
    """A pipeline with that recorder."""

    def recorder(self, model: nn.Module, modules: Sequence[str] = recorder.MODULES) -> recorder.ActivationRecorder:
        """The recorder that looks at the wrong module."""
        return ActivationRecorder(model, modules)


def make(config: str | Path | Config) -> Pipeline:
    """Same signature as ``Pipeline.from_config``."""
    return WrongModule.from_config(config)
