"""A linear probe: does a frozen encoder know which objects are in a clip?

    python -m video_ssl.probe --config video_ssl.yaml

For each seed a model is pretrained on the scenes that the seed's split leaves for training, and compared with the same
model before training, on the scenes held out.
"""

from __future__ import annotations

import argparse
import functools
import itertools
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor, nn

from video_ssl import scores, splits
from video_ssl.config import Config, ProbeConfig
from video_ssl.data import Database
from video_ssl.files import say
from video_ssl.index import ClipIndex
from video_ssl.model import MaskedVideoModel
from video_ssl.parallel import one_thread, workers
from video_ssl.pipeline import Pipeline
from video_ssl.pooling import POOLINGS
from video_ssl.splits import By, Split
from video_ssl.train import checkpoint_path, ensure_pretrained, load_pretrained

MASK_SEED = 7
BATCH = 8
MOMENTUM = 0.9


def labels(index: ClipIndex, database: Database, categories: Sequence[str]) -> Tensor:
    """bool[clips,categories]: whether an object of the category is annotated in any frame of the clip."""
    present: dict[str, set[str]] = {}

    def names(sample: str) -> set[str]:
        if sample not in present:
            annotations = database.get("sample", sample)["anns"]
            present[sample] = {database.get("sample_annotation", token)["category_name"] for token in annotations}
        return present[sample]

    found = [set().union(*(names(frame["sample_token"]) for frame in clip["frames"])) for clip in index.clips]
    return torch.tensor([[category in clip for category in categories] for clip in found])


def features(model: MaskedVideoModel, pipeline: Pipeline) -> dict[str, Tensor]:
    """For each pooling, float[clips,d_model] of all clips; the same seeded masks for every model."""
    model.eval()
    generator = torch.Generator().manual_seed(MASK_SEED)
    count, ratio = len(pipeline.small), pipeline.config.probe.mask_ratio
    masks = pipeline.random_mask(count, pipeline.tokens_per_clip, ratio, generator)

    def pooled(rows: Tensor) -> dict[str, Tensor]:
        with torch.no_grad():
            latent = model.latent(pipeline.tubeletify(pipeline.small.clips(rows)), masks[rows])
            return {name: pool(latent, masks[rows]) for name, pool in POOLINGS.items()}

    with one_thread(), ThreadPoolExecutor(workers()) as threads:
        rows = [torch.arange(start, min(start + BATCH, count)) for start in range(0, count, BATCH)]
        parts = list(threads.map(pooled, rows))
    return {name: torch.cat([part[name] for part in parts]) for name in POOLINGS}


def train_probe(values: Tensor, truth: Tensor, optimizer: str, settings: ProbeConfig, seed: int = 0) -> nn.Module:
    """A standardisation by these features, float[n,d], and a linear layer, trained for labels bool[n,C].

    Gives logits. KeyError for an optimizer other than adamw and sgd.
    """
    mean, std = values.mean(0), values.std(0, correction=0) + 1e-6
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        linear = nn.Linear(values.shape[1], truth.shape[1])
    rate: Mapping[str, Any] = {"adamw": settings.adamw, "sgd": settings.sgd}[optimizer]
    if optimizer == "adamw":
        steps: torch.optim.Optimizer = torch.optim.AdamW(linear.parameters(), **rate)
    else:
        steps = torch.optim.SGD(linear.parameters(), momentum=MOMENTUM, **rate)
    inputs, wanted = (values - mean) / std, truth.float()
    with one_thread():
        for _ in range(settings.steps):
            steps.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(linear(inputs), wanted)
            loss.backward()  # type: ignore[no-untyped-call]
            steps.step()
    return _Probe(mean, std, linear)


class _Probe(nn.Module):
    def __init__(self, mean: Tensor, std: Tensor, linear: nn.Linear) -> None:
        super().__init__()
        self.mean, self.std, self.linear = mean, std, linear

    def forward(self, values: Tensor) -> Tensor:
        logits: Tensor = self.linear((values - self.mean) / self.std)
        return logits.detach()


class Study:
    """Pretrained against random encoders on one dataset; features are computed once for each encoder."""

    def __init__(self, pipeline: Pipeline) -> None:
        self.pipeline = pipeline
        self.config = pipeline.config
        self._features = functools.cache(lambda kind, seed: features(self.encoder(kind, seed), pipeline))

    @classmethod
    def from_config(cls, config: str | Path | Config) -> Self:
        """Of a YAML file or a loaded configuration."""
        return cls(Pipeline.from_config(config))

    def prepare(self, seeds: Sequence[int] | None = None) -> list[Path]:
        """Pretrain what is missing; the checkpoints of these seeds, or of those configured."""
        return ensure_pretrained(self.pipeline, self.config.probe.seeds if seeds is None else seeds)

    def checkpoints(self, seeds: Sequence[int] | None = None) -> list[Path]:
        """The files that the checkpoints of these seeds should be."""
        return [checkpoint_path(self.config, seed) for seed in (self.config.probe.seeds if seeds is None else seeds)]

    def labels(self) -> Tensor:
        """bool[clips,categories] of all clips."""
        return self._labels

    @functools.cached_property
    def _labels(self) -> Tensor:
        return labels(self.pipeline.index, self.pipeline.database, self.config.probe.categories)

    def split(self, seed: int, by: By = "scene") -> Split:
        """Which clips are trained on and which are held out."""
        return splits.split(self.pipeline.index, by, seed, self.config.probe.val_share)

    def split_records(self, seed: int, by: By = "scene") -> dict[str, list[dict[str, Any]]]:
        """The clips of both parts, as the index has them."""
        return self.split(seed, by).records(self.pipeline.index)

    def evaluated_records(self, seed: int, by: By = "scene") -> dict[str, list[dict[str, Any]]]:
        """The clips that a probe is taught with (``train``) and those that its scores are of (``val``)."""
        parts = self.split(seed, by)
        return Split(parts.train, self.evaluated(parts)).records(self.pipeline.index)

    def encoder(self, kind: str, seed: int) -> MaskedVideoModel:
        """The ``pretrained`` model of a seed, or the ``random`` one that its training began with."""
        if kind == "pretrained":
            return load_pretrained(self.pipeline, seed)
        if kind == "random":
            return self.pipeline.make_model(seed)
        raise KeyError(kind)

    def features(self, kind: str, seed: int, pooling: str = "mean_all") -> Tensor:
        """float[clips,d_model] of all clips."""
        return self._features(kind, seed)[pooling]

    def shuffled(self, truth: Tensor, seed: int) -> Tensor:
        """The rows of labels in another order."""
        return truth[torch.randperm(len(truth), generator=torch.Generator().manual_seed(seed))]

    def evaluated(self, parts: Split) -> list[int]:
        """The clips that validation scores are of."""
        return parts.val

    def fit(
        self,
        seed: int,
        pooling: str = "mean_all",
        optimizer: str = "adamw",
        kind: str = "pretrained",
        by: By = "scene",
        shuffle: bool = False,
        labels: Tensor | None = None,
    ) -> dict[str, Any]:
        """Train a probe and score it: mAP in ``train`` and ``val``, best macro F1 in ``train_bestF1``, ``val_bestF1``.

        The labels that it trained on are in ``labels``: true ones, with ``shuffle`` a permutation of them, or those
        given, which are bool[train,C]. Scores are always against the truth.
        """
        parts = self.split(seed, by)
        values, truth = self.features(kind, seed, pooling), self.labels()
        taught = truth[parts.train] if labels is None else torch.as_tensor(labels)
        if shuffle:
            taught = self.shuffled(taught, seed)
        probe = train_probe(values[parts.train], taught, optimizer, self.config.probe, seed)
        result: dict[str, Any] = {"labels": taught}
        for name, rows in (("train", parts.train), ("val", self.evaluated(parts))):
            logits = probe(values[rows])
            result[name] = scores.mean_average_precision(logits, truth[rows])
            result[f"{name}_bestF1"], result[f"{name}_threshold"] = scores.best_f1(logits.sigmoid(), truth[rows])
        return result

    def train_labels(self, seed: int, by: By = "scene") -> Tensor:
        """bool[train,C]: what a probe of that seed is taught."""
        return self.labels()[self.split(seed, by).train]

    def val_labels(self, seed: int, by: By = "scene") -> Tensor:
        """bool[val,C]: what a probe of that seed is scored against."""
        return self.labels()[self.evaluated(self.split(seed, by))]

    def row(self, pooling: str, optimizer: str, seed: int, by: By = "scene") -> dict[str, Any]:
        """Pretrained and random encoder, compared in one configuration under one seed, beside constant answers."""
        pre, rand = (self.fit(seed, pooling, optimizer, kind, by) for kind in ("pretrained", "random"))
        return {
            "pooling": pooling,
            "optimizer": optimizer,
            "seed": seed,
            "pre_mAP": pre["val"],
            "rand_mAP": rand["val"],
            "delta_mAP": pre["val"] - rand["val"],
            "pre_bestF1": pre["val_bestF1"],
            "rand_bestF1": rand["val_bestF1"],
            **self.baselines(seed, by),
        }

    def baselines(self, seed: int, by: By = "scene") -> dict[str, float]:
        """The scores of constant answers on the clips held out."""
        return scores.baselines(self.val_labels(seed, by))

    def grid(
        self,
        seeds: Sequence[int] | None = None,
        pooling: str | Sequence[str] | None = None,
        optimizer: str | Sequence[str] | None = None,
        by: By = "scene",
    ) -> list[dict[str, Any]]:
        """A row for every pooling, optimizer and seed, in that order; those configured where none are named."""
        settings, rows = self.config.probe, []
        cells = itertools.product(
            _listed(pooling, settings.poolings),
            _listed(optimizer, settings.optimizers),
            settings.seeds if seeds is None else seeds,
        )
        for mode, steps, seed in cells:
            rows.append(self.row(mode, steps, seed, by))
            say(
                f"probe: {mode}, {steps}, seed {seed}: mAP {rows[-1]['pre_mAP']:.3f}, random {rows[-1]['rand_mAP']:.3f}"
            )
        return rows

    def alignment(self, count: int = 10, seed: int = 0) -> list[dict[str, Any]]:
        """Some clips and how many labels each has, to be compared with the dataset by hand."""
        clips, truth = self.pipeline.index.clips, self.labels()
        chosen = torch.randperm(len(clips), generator=torch.Generator().manual_seed(seed))[:count].tolist()
        return [
            {
                "clip_index": number,
                "start_sd_token": clips[number]["start_token"],
                "sample_token": clips[number]["frames"][0]["sample_token"],
                "timestamp": clips[number]["frames"][0]["timestamp"],
                "num_positive_labels": int(truth[number].sum()),
            }
            for number in chosen
        ]


def _listed(given: str | Sequence[str] | None, default: Sequence[str]) -> Sequence[str]:
    return default if given is None else [given] if isinstance(given, str) else given


def run_grid(
    config: str | Path | Config,
    seeds: Sequence[int] | None = None,
    pooling: str | Sequence[str] | None = None,
    optimizer: str | Sequence[str] | None = None,
) -> list[dict[str, Any]]:
    """Pretrain what is missing, then ``Study.grid``."""
    study = Study.from_config(config)
    study.prepare(seeds)
    return study.grid(seeds, pooling, optimizer)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the whole grid and print its rows as JSON."""
    parser = argparse.ArgumentParser(prog="python -m video_ssl.probe", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--seeds", type=int, nargs="+")
    args = parser.parse_args(argv)
    for row in run_grid(args.config, args.seeds):
        print(json.dumps(row))
    return 0


if __name__ == "__main__":
    sys.exit(main())
