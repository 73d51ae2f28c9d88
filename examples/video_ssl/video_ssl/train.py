"""Masked training that resumes bit for bit, and checkpoints.

    python -m video_ssl.train --config video_ssl.yaml --seeds 1 2 3

A seed names everything that chance decides: initial weights, batches, masks, dropout, and which scenes are held out,
which training never sees.
"""

from __future__ import annotations

import argparse
import copy
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from video_ssl.config import Config, plain, write_config
from video_ssl.files import digest, locked, say
from video_ssl.generate import stamp
from video_ssl.model import MaskedVideoModel
from video_ssl.parallel import one_thread, run_modules, workers
from video_ssl.splits import split

if TYPE_CHECKING:
    from video_ssl.pipeline import Pipeline

WARM_UP = 0.2
"""The share of steps over which the learning rate rises."""
LARGEST_GRADIENT = 1.0
SAVE_EVERY = 100
CODE = ("clips", "model", "pipeline", "splits", "train", "tubelets")
"""Modules whose text a checkpoint depends on."""


class Trainer:
    """AdamW on windows of clips; a step neither reads nor moves the global random state."""

    def __init__(self, pipeline: Pipeline, seed: int = 0, clips: Sequence[int] | None = None) -> None:
        self.pipeline = pipeline
        self.settings = pipeline.config.pretrain
        self.model: MaskedVideoModel = pipeline.make_model(seed)
        self.clips = torch.as_tensor(range(len(pipeline.index)) if clips is None else clips)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=self.settings.lr, weight_decay=0.01)
        self.n_steps = 0
        self._draws = torch.Generator().manual_seed(seed)
        self._dropout_state = torch.Generator().manual_seed(seed + 1).get_state()

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Windows at random places of random clips: tokens float[B,K,D], mask bool[B,K], places int64[B,K]."""
        size, cell = self.settings.batch_size, self.pipeline.config.model.cell
        frames, rows, columns = self.pipeline.config.grid
        high, wide = self.settings.window
        chosen = self.clips[self._draw(len(self.clips), size)]
        tops, lefts = self._draw(rows - high + 1, size), self._draw(columns - wide + 1, size)
        windows = self.pipeline.small.windows(chosen, tops * cell, lefts * cell, high * cell, wide * cell)
        tokens = self.pipeline.tubeletify(windows, cell)
        corner = torch.arange(frames * rows * columns).reshape(frames, rows, columns)[:, :high, :wide].flatten()
        places = corner + (tops * columns + lefts)[:, None]
        mask = self.pipeline.random_mask(size, len(corner), self.settings.mask_ratio, self._draws)
        return tokens, mask, places

    def _draw(self, below: int, count: int) -> Tensor:
        return torch.randint(below, (count,), generator=self._draws)

    def loss(self, tokens: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """The loss of a batch, in squared units of the scaled targets."""
        return self.pipeline.loss(self.model(tokens, mask, places), self.model.target(tokens), mask)

    def step(self) -> float:
        """Train on the next batch and return its loss before the update; gradients are left in place."""
        with one_thread(), torch.random.fork_rng(devices=[]):
            for group in self.optimizer.param_groups:
                group["lr"] = self.settings.lr * self._schedule()
            self.model.train()
            tokens, mask, places = self.batch()
            torch.set_rng_state(self._dropout_state)
            loss = self.loss(tokens, mask, places)
            self._dropout_state = torch.get_rng_state()
            self.optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(self.model.parameters(), LARGEST_GRADIENT)
            self.optimizer.step()
            self.n_steps += 1
            return float(loss.detach())

    def _schedule(self) -> float:
        """The share of the full learning rate: up in a line, down in half a cosine."""
        done = (self.n_steps + 1) / self.settings.steps
        if done <= WARM_UP:
            return done / WARM_UP
        return 0.5 + 0.5 * math.cos(math.pi * min(1.0, (done - WARM_UP) / (1 - WARM_UP)))

    def state_dict(self) -> dict[str, Any]:
        """A copy of everything the next steps depend on, loadable with ``torch.load(weights_only=True)``."""
        state = {
            "model": dict(self.model.state_dict()),
            "optimizer": self.optimizer.state_dict(),
            "draws": self._draws.get_state(),
            "dropout_state": self._dropout_state,
            "step": self.n_steps,
        }
        # Without the copy, further steps would change the tensors of a state already handed out.
        return copy.deepcopy(state)

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Continue from ``state``, which stays unchanged."""
        state = copy.deepcopy(state)
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self._draws.set_state(state["draws"])
        self._dropout_state = state["dropout_state"]
        self.n_steps = state["step"]


def checkpoint_path(config: Config, seed: int) -> Path:
    """Where the model pretrained with that seed is written."""
    return config.work / "checkpoints" / f"mvm_seed{seed}.pt"


def settings_digest(pipeline: Pipeline) -> str:
    """The digest of everything that a checkpoint depends on, besides its seed."""
    config = pipeline.config
    source = stamp(pipeline.dataroot) if config.data.generate else plain(config.data)
    sections = [plain(section) for section in (config.clips, config.tubelets, config.model, config.pretrain)]
    code = [Path(__file__).with_name(f"{name}.py").read_text(encoding="utf-8") for name in CODE]
    return digest([source, *sections, config.probe.val_share, code])


def pretrain(pipeline: Pipeline, seed: int) -> Path:
    """The finished checkpoint of that seed: trained on the scenes that its split does not hold out, unless it is there.

    Written every few steps; a run that was stopped goes on from there, and a second process waits for the first.
    """
    path, total = checkpoint_path(pipeline.config, seed), pipeline.config.pretrain.steps
    if is_finished(pipeline, seed):
        return path
    with locked(path):
        saved, wanted = _read(path), settings_digest(pipeline)
        trainer = pipeline.trainer(seed, split(pipeline.index, "scene", seed, pipeline.config.probe.val_share).train)
        losses: list[float] = []
        if saved is not None and saved["settings"] == wanted:
            trainer.load_state_dict(saved["trainer"])
            losses = saved["losses"]
        began = time.monotonic()
        while trainer.n_steps < total:
            losses.append(trainer.step())
            if trainer.n_steps % SAVE_EVERY == 0 or trainer.n_steps == total:
                _save(path, _checkpoint(trainer, wanted, seed, losses))
                took = time.monotonic() - began
                say(f"pretrain: seed {seed}, step {trainer.n_steps} of {total}, loss {losses[-1]:.2f}, {took:.0f} s")
    return path


def _checkpoint(trainer: Trainer, settings: str, seed: int, losses: list[float]) -> dict[str, Any]:
    index = trainer.pipeline.index
    return {
        "settings": settings,
        "seed": seed,
        "losses": losses,
        "clips": [index.clips[number]["start_token"] for number in trainer.clips.tolist()],
        "trainer": trainer.state_dict(),
    }


def is_finished(pipeline: Pipeline, seed: int) -> bool:
    """Whether ``load_checkpoint`` would find the checkpoint of that seed."""
    try:
        load_checkpoint(pipeline, seed)
    except (FileNotFoundError, ValueError):
        return False
    return True


def ensure_pretrained(pipeline: Pipeline, seeds: Sequence[int]) -> list[Path]:
    """Checkpoints of all seeds; those that are not there are trained, in several processes where that helps."""
    from video_ssl.pipeline import Pipeline as Plain

    missing = [seed for seed in seeds if not is_finished(pipeline, seed)]
    count = min(workers(), len(missing))
    if count > 1 and type(pipeline) is Plain:  # a variant of the pipeline is not known to another process
        say(f"pretrain: {len(missing)} models, {count} at a time")
        config = str(write_config(pipeline.config, pipeline.config.work / "pretrain.json"))
        shares = [map(str, missing[number::count]) for number in range(count)]
        run_modules([["video_ssl.train", "--config", config, "--seeds", *share] for share in shares])
    return [pretrain(pipeline, seed) for seed in seeds]


def load_checkpoint(pipeline: Pipeline, seed: int) -> dict[str, Any]:
    """``seed``, ``losses`` (by step), ``clips`` (start tokens of those trained on) and ``trainer`` (its state).

    FileNotFoundError without one; ValueError if it is of other settings or not finished.
    """
    path = checkpoint_path(pipeline.config, seed)
    saved = _read(path)
    if saved is None:
        raise FileNotFoundError(f"no checkpoint at {path}")
    if saved["settings"] != settings_digest(pipeline):
        raise ValueError(f"{path} was trained with other settings, code or data")
    if saved["trainer"]["step"] < pipeline.config.pretrain.steps:
        raise ValueError(f"{path} stopped at step {saved['trainer']['step']} of {pipeline.config.pretrain.steps}")
    return saved


def load_pretrained(pipeline: Pipeline, seed: int) -> MaskedVideoModel:
    """The pretrained model of that seed, in evaluation mode; errors as ``load_checkpoint``."""
    model = pipeline.make_model(seed)
    model.load_state_dict(load_checkpoint(pipeline, seed)["trainer"]["model"])
    return model.eval()


def _read(path: Path) -> dict[str, Any] | None:
    if not path.is_file():
        return None
    saved: dict[str, Any] = torch.load(path, weights_only=True)
    return saved


def _save(path: Path, state: dict[str, Any]) -> None:
    """Write ``state`` so that an interruption leaves the old file or the new one, never a part."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def main(argv: Sequence[str] | None = None) -> int:
    """Pretrain, and print the paths of the checkpoints."""
    from video_ssl.pipeline import Pipeline

    parser = argparse.ArgumentParser(prog="python -m video_ssl.train", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+", required=True)
    args = parser.parse_args(argv)
    pipeline = Pipeline.from_config(args.config)
    for seed in args.seeds:
        print(pretrain(pipeline, seed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
