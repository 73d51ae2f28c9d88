"""All parts of the system for one configuration, each in a method, so that a variant replaces just one of them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import torch
from torch import Tensor, nn

from video_ssl import tubelets
from video_ssl.clips import ClipDataset, SmallClips
from video_ssl.config import Config, as_config
from video_ssl.data import Database, open_database
from video_ssl.generate import ensure_config
from video_ssl.index import ClipIndex, build_index, index_path
from video_ssl.model import MaskedVideoModel
from video_ssl.recorder import MODULES, ActivationRecorder

if TYPE_CHECKING:
    from video_ssl.train import Trainer


class Pipeline:
    """From the dataset to training; what is costly is made when first needed."""

    def __init__(self, config: Config) -> None:
        self.config = config

    @classmethod
    def from_config(cls, config: str | Path | Config) -> Self:
        """Of a YAML file or a loaded configuration."""
        return cls(as_config(config))

    # Data

    @cached_property
    def dataroot(self) -> Path:
        """Where the dataset is; it is generated first if ``generate`` is true."""
        return ensure_config(self.config)

    @cached_property
    def database(self) -> Database:
        """The tables."""
        return open_database(self.dataroot, self.config.data.version)

    @cached_property
    def index(self) -> ClipIndex:
        """The clips; also written to a file."""
        return build_index(self.config)

    @property
    def index_file(self) -> Path:
        """The JSON file of the clips; cutting them writes it."""
        _ = self.index
        return index_path(self.config)

    @cached_property
    def dataset(self) -> ClipDataset:
        """The clips as tensors."""
        return ClipDataset(self.index, self.dataroot, self.config.clips.height, self.config.clips.width)

    @cached_property
    def small(self) -> SmallClips:
        """All clips as training sees them: tubelets in them have ``model.cell`` pixels to a side."""
        return SmallClips(self.dataset, self.config.tubelets.p // self.config.model.cell)

    def batch(self, count: int = 2) -> Tensor:
        """float32[count,T,3,H,W]: clips spread evenly over the dataset, the same on every call."""
        numbers = torch.linspace(0, len(self.dataset) - 1, count).long().tolist()
        return torch.stack([self.dataset[number]["video"] for number in numbers])

    # Tubelets and masks

    @property
    def tokens_per_clip(self) -> int:
        """How many tubelets a clip has."""
        frames, rows, columns = self.config.grid
        return frames * rows * columns

    def tubeletify(self, clips: Tensor, side: int | None = None) -> Tensor:
        """float[B,T,3,H,W] -> float[B,N,D], in tubelets of ``side`` pixels.

        Without ``side``, of the configured size, and of clips that were reduced, reduced like them.
        """
        sizes = self.config.tubelets
        return tubelets.tubeletify(clips, sizes.t, side or sizes.p * clips.shape[-2] // self.config.clips.height)

    def untubeletify(self, tokens: Tensor) -> Tensor:
        """The inverse of ``tubeletify`` for clips of the configured size."""
        clips, sizes = self.config.clips, self.config.tubelets
        return tubelets.untubeletify(tokens, sizes.t, sizes.p, clips.frames, clips.height, clips.width)

    def random_mask(self, batch: int, tokens: int, ratio: float, generator: torch.Generator) -> Tensor:
        """bool[batch,tokens], true where masked; drawn from ``generator`` alone."""
        return tubelets.random_mask(batch, tokens, ratio, generator)

    def mask(self, batch: int, generator: torch.Generator) -> Tensor:
        """bool[batch,N] of the configured ratio."""
        return self.random_mask(batch, self.tokens_per_clip, self.config.pretrain.mask_ratio, generator)

    def seeded_mask(self, batch: int, seed: int) -> Tensor:
        """``mask`` from a CPU generator of that seed."""
        return self.mask(batch, torch.Generator().manual_seed(seed))

    # Model and training

    def loss(self, prediction: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        """Mean squared error over masked tokens."""
        return tubelets.masked_loss(prediction, target, mask)

    def make_model(self, seed: int = 0) -> MaskedVideoModel:
        """A new model, initialised from that seed; the global random state is left alone."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return MaskedVideoModel(self.config.model, self.config.grid, self.config.tubelets.t)

    def recorder(self, model: nn.Module, modules: Sequence[str] = MODULES) -> ActivationRecorder:
        """A recorder of the model's activations, to be entered."""
        return ActivationRecorder(model, modules)

    def record(self, model: nn.Module, tokens: Tensor, mask: Tensor) -> dict[str, dict[str, float]]:
        """The recorder's statistics of one forward pass: mean, std and absmax of the output of each of ``MODULES``."""
        recorder = self.recorder(model)
        with recorder, torch.no_grad():
            model(tokens, mask)
        return recorder.stats

    def trainer(self, seed: int = 0, clips: Sequence[int] | None = None) -> Trainer:
        """A trainer of a new model on these clips; on all where none are named."""
        from video_ssl.train import Trainer

        return Trainer(self, seed, clips)
