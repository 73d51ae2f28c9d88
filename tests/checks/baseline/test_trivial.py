from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.baseline._scores import average_precision
from speccheck.checks.baseline.trivial import check
from speccheck.sdk import MeasurementError
from support.checking import measured
from support.context import FakeContext

RNG = np.random.default_rng(0)
LABELS = (RNG.random((200, 4)) < [0.9, 0.6, 0.3, 0.1]).astype(int)


def _precision(labels: Any, scores: Any) -> float:
    """Average precision threshold by threshold, as its definition has it."""
    total, before = 0.0, 0.0
    for level in sorted(set(scores), reverse=True):
        chosen = scores >= level
        recall = (labels & chosen).sum() / labels.sum()
        total += (recall - before) * (labels & chosen).sum() / chosen.sum()
        before = recall
    return total


@pytest.mark.parametrize("levels", [3, 1000])
def test_average_precision_is_its_definition(levels: int) -> None:
    scores = RNG.integers(0, levels, 200) / levels
    labels = LABELS[:, 1].astype(bool)
    assert average_precision(labels, scores) == pytest.approx(_precision(labels, scores), rel=1e-12)


def test_a_constant_score_has_the_prevalence(context: FakeContext) -> None:
    metrics = measured(check, context, labels=LABELS, scores={"constant": np.full((200, 4), 0.3)}).metrics
    assert metrics["prevalence_map"] == pytest.approx(LABELS.mean(0).mean(), rel=1e-12)
    assert metrics["map_gain"]["constant"] == pytest.approx(0, abs=1e-12)
    assert metrics["f1_gain"]["constant"] == 0
    assert metrics["positive_share"]["constant"] == 1
    shares = LABELS.mean(0)
    assert metrics["all_positive_f1"] == pytest.approx(np.mean(2 * shares / (1 + shares)))


def test_scores_that_know_and_scores_that_do_not(context: FakeContext) -> None:
    known = torch.from_numpy(LABELS + RNG.normal(0, 0.3, LABELS.shape))
    evidence = measured(
        check, context, labels=torch.from_numpy(LABELS), scores={"known": known, "noise": RNG.random((200, 4))}
    )
    metrics = evidence.metrics
    assert metrics["map_gain"]["known"] > 0.3
    assert metrics["f1_gain"]["known"] > 0.2
    assert 0.3 < metrics["threshold"]["known"] < 0.8
    assert metrics["positive_share"]["known"] < 0.6
    assert abs(metrics["map_gain"]["noise"]) < 0.08
    assert evidence.tables["scores"].rows[2][0] == "known"


def test_labels_without_positives_are_left_out_and_named(context: FakeContext) -> None:
    labels = LABELS.copy()
    labels[:, 2] = 0
    metrics = measured(check, context, labels=labels, names=("car", "bus", "tram", "bike")).metrics
    assert metrics["constant_labels"] == ["tram"]
    assert metrics["prevalence_map"] == pytest.approx(labels[:, [0, 1, 3]].mean())
    none = measured(check, context, labels=np.zeros((3, 2)), scores={"a": np.ones((3, 2))}).metrics
    assert "prevalence_map" not in none
    assert "map" not in none


def test_what_is_no_label_or_score(context: FakeContext) -> None:
    for wrong in (
        {"labels": LABELS * 2},
        {"labels": np.zeros((0, 2))},
        {"scores": {"a": np.zeros((200, 3))}},
        {"scores": {"a": np.full((200, 4), np.nan)}},
        {"names": ("a",)},
    ):
        with pytest.raises(MeasurementError):
            measured(check, context, **{"labels": LABELS, **wrong})


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"labels": [[1, 0], [0, 1], [1, 1]], "scores": {"m": [[0.9, 0.1], [0.2, 0.8], [0.7, 0.6]]}}
