"""Scores of a multi-label prediction, and the scores of constant answers."""

from __future__ import annotations

import math

import torch
from torch import Tensor

THRESHOLDS = tuple(step / 20 for step in range(20))
"""From 0 on, at which everything is positive: a best score is never below that constant answer's."""


def average_precision(scores: Tensor, truth: Tensor) -> float:
    """Mean of the precision at each positive, float[n] and bool[n]; scores that tie share their places.

    NaN without a positive.
    """
    truth = truth.bool()
    if not bool(truth.any()):
        return math.nan
    at_least = scores[None, :] >= scores[truth][:, None]  # for each positive: what scores as much as it
    precision = (at_least & truth[None, :]).sum(1) / at_least.sum(1)
    return float(precision.mean())


def mean_average_precision(scores: Tensor, truth: Tensor) -> float:
    """The mean over classes that have both a positive and a negative: float[n,C], bool[n,C]; NaN for none."""
    found = [average_precision(scores[:, number], truth[:, number]) for number in _mixed(truth)]
    return sum(found) / len(found) if found else math.nan


def macro_f1(chosen: Tensor, truth: Tensor) -> float:
    """The mean F1 over classes that have both a positive and a negative: bool[n,C], bool[n,C]; NaN for none."""
    classes = _mixed(truth)
    chosen, truth = chosen.bool()[:, classes], truth.bool()[:, classes]
    both = (chosen & truth).sum(0)
    return float((2 * both / (chosen.sum(0) + truth.sum(0))).mean()) if classes else math.nan


def best_f1(probabilities: Tensor, truth: Tensor) -> tuple[float, float]:
    """The best macro F1 that one threshold for all classes gives, and that threshold; chosen on the same data."""
    return max((macro_f1(probabilities >= threshold, truth), threshold) for threshold in THRESHOLDS)


def baselines(truth: Tensor) -> dict[str, float]:
    """The scores of constant answers: ``prevalence_mAP`` of equal scores, ``all_positive_F1`` of yes to everything."""
    return {
        "prevalence_mAP": mean_average_precision(torch.zeros(truth.shape), truth),
        "all_positive_F1": macro_f1(torch.ones_like(truth, dtype=torch.bool), truth),
    }


def _mixed(truth: Tensor) -> list[int]:
    counts = truth.bool().sum(0).tolist()
    return [number for number, count in enumerate(counts) if 0 < count < len(truth)]
