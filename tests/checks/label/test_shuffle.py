from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.label.shuffle import check
from speccheck.sdk import MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support.checking import measured
from support.context import FakeContext

RNG = np.random.default_rng(0)
FEATURES = RNG.normal(size=(120, 6))
LABELS = (FEATURES @ RNG.normal(size=(6, 2)) > 0).astype(int)
TRAIN, VAL = slice(0, 80), slice(80, 120)


def probe(labels: Any, seed: int) -> dict[str, Any]:
    """Least squares; scores are accuracies."""
    labels = np.asarray(labels)
    weights = np.linalg.lstsq(FEATURES[TRAIN], labels - 0.5, rcond=None)[0]
    right = (FEATURES @ weights > 0) == LABELS
    return {"train": float(((FEATURES[TRAIN] @ weights > 0) == labels).mean()), "val": float(right[VAL].mean())}


def shuffling(shuffle: bool, seed: int) -> dict[str, Any]:
    order = np.random.default_rng(seed).permutation(80) if shuffle else np.arange(80)
    return {**probe(LABELS[TRAIN][order], seed), "labels": LABELS[TRAIN][order]}


def test_labels_that_matter(context: FakeContext) -> None:
    metrics = measured(check, context, run=probe, labels=LABELS[TRAIN], seeds=(1, 2, 3)).metrics
    assert min(metrics["true"]["val"]) > 0.85
    assert min(metrics["drop"]["val"]) > 0.2
    assert min(metrics["drop"]["train"]) > 0.2
    assert min(metrics["changed_fraction"]) > 0.5
    assert (metrics["same_labels"], metrics["rows"]) == (True, 80)


def test_a_run_that_shuffles_itself(context: FakeContext) -> None:
    metrics = measured(check, context, run=shuffling, seeds=(1, 2)).metrics
    assert min(metrics["drop"]["val"]) > 0.2
    assert min(metrics["changed_fraction"]) > 0.5
    silent = measured(check, context, run=lambda shuffle, seed: {"train": 1, "val": 1}).metrics
    assert "changed_fraction" not in silent


def test_a_shuffle_that_shuffles_nothing_shows(context: FakeContext) -> None:
    evidence = measured(check, context, run=lambda shuffle, seed: shuffling(False, seed), seeds=(1, 2))
    assert evidence.metrics["changed_fraction"] == [0.0, 0.0]
    assert evidence.metrics["drop"] == {"train": [0.0, 0.0], "val": [0.0, 0.0]}
    assert "seed 1: shuffling changed no row" in evidence.findings[0].message


def test_a_gap_that_stays_a_gap_is_no_change(context: FakeContext) -> None:
    gaps = np.array([0.0, math.nan, 1.0])

    def run(shuffle: bool, seed: int) -> dict[str, Any]:
        return {"train": 1.0, "val": 1.0, "labels": gaps.copy()}

    assert measured(check, context, run=run).metrics["changed_fraction"] == [0.0]


def test_labels_that_are_invented_show(context: FakeContext) -> None:
    def inventing(shuffle: bool, seed: int) -> dict[str, Any]:
        return {**shuffling(shuffle, seed), "labels": LABELS[TRAIN] * (not shuffle)}

    assert not measured(check, context, run=inventing).metrics["same_labels"]


def test_a_score_that_ignores_the_labels_does_not_drop(context: FakeContext) -> None:
    metrics = measured(check, context, run=lambda labels, seed: {"train": 0.7, "val": 0.6}, labels=LABELS).metrics
    assert metrics["drop"] == {"train": [0.0], "val": [0.0]}


def test_placeholders_paths_and_kinds_of_labels(context: FakeContext) -> None:
    steps = (("attr", "labels"),)
    bound = PartialCall(
        lambda y, seed: {"scores": probe(y, seed)}, (), {"y": Placeholder("input", steps), "seed": Placeholder("seed")}
    )
    for labels in (LABELS[TRAIN], torch.from_numpy(LABELS[TRAIN]), LABELS[TRAIN].tolist()):
        metrics = measured(check, context, run=bound, labels=labels, train="scores.train", val="scores.val").metrics
        assert metrics["drop"]["val"][0] > 0.2


def test_what_cannot_be_scored(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="val is missing"):
        measured(check, context, run=lambda labels, seed: {"train": 1}, labels=[1, 2])
    with pytest.raises(MeasurementError, match="cannot be shuffled"):
        measured(check, context, run=probe, labels=[1])


def test_a_repeated_seed_is_no_other_replicate(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="seed twice"):
        measured(check, context, run=probe, labels=LABELS[TRAIN], seeds=(6, 7) * 5)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""

    def run(labels: Any, seed: int) -> dict[str, float]:
        return {"train": float(labels[0]), "val": float(labels[-1])}

    return {"run": run, "labels": [0, 1, 2, 3], "seeds": [1, 2]}
