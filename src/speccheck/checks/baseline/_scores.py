"""Scores of multi-label predictions: average precision and F1 at the best threshold, in numpy."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_precision(labels: NDArray[Any], scores: NDArray[Any]) -> float:
    """Return the average precision of one label: bools [n], at least one true, and their scores [n].

    It is the sum of (R_k - R_(k-1)) P_k over falling thresholds, without interpolation; equal scores share a threshold,
    so that a constant score gives the prevalence (Manning, Raghavan and Schuetze, Introduction to Information
    Retrieval, 8.4).
    """
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    hits, ranked = np.cumsum(labels[order]), scores[order]
    last = np.append(np.nonzero(np.diff(ranked))[0], len(ranked) - 1)
    precision = hits[last] / (last + 1)
    recall = hits[last] / hits[-1]
    return float(np.sum(np.diff(recall, prepend=0.0) * precision))


def macro_f1(labels: NDArray[Any], positive: NDArray[Any]) -> float:
    """Return the mean over labels [n, labels] of 2 TP / (2 TP + FP + FN); a label without any positive counts 0."""
    import numpy as np

    true = (labels & positive).sum(0)
    total = labels.sum(0) + positive.sum(0)
    return float(np.mean(np.divide(2 * true, total, out=np.zeros(len(total)), where=total > 0)))


def best_macro_f1(labels: NDArray[Any], scores: NDArray[Any], thresholds: int = 512) -> tuple[float, float, float]:
    """Return the best macro F1 over thresholds common to all labels, the threshold, and the share of positives there.

    A score at or above the threshold is positive. The thresholds are the distinct scores or, if there are more than
    ``thresholds``, quantiles of them that include the least. Of several best thresholds the least counts.
    """
    import numpy as np

    levels = np.unique(scores)
    if len(levels) > thresholds:
        levels = levels[np.linspace(0, len(levels) - 1, thresholds).astype(int)]
    found = [macro_f1(labels, scores >= level) for level in levels]
    at = int(np.argmax(found))
    return found[at], float(levels[at]), float((scores >= levels[at]).mean())
