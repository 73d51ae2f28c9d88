"""Scores of trivial answers on multi-label targets, beside the scores of a model.

Measures the prevalence of each label; the mean average precision of a constant score, which is the mean prevalence; and
the macro F1 of the answer that everything is positive. For predictions given by name: their mean average precision,
their macro F1 at the best common threshold, the gain of each over the trivial one, and the share of predictions that
are positive at that threshold. Labels without a positive lack an average precision and are left out of its mean.

It matters because 0.6 is good or bad only beside the score of a constant: on frequent labels an all-positive answer has
an F1 that looks like a result, and the best threshold is then the one below every score.

It cannot see baselines that use anything of the input, such as the class most frequent in a scene.

```yaml
- id: better-than-nothing
  check: baseline.trivial
  with: {labels: $val_labels, scores: {pretrained: $pretrained_scores, random: $random_scores}}
  expect:
    prevalence_map: {max: 0.8, why: above it there is nothing left to show}
    map_gain.pretrained: {min: 0.05}
    positive_share.pretrained: {max: 0.95}
    constant_labels: {length: 0}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.checks.baseline._scores import average_precision, best_macro_f1, macro_f1
from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.arrays import numbers

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """The targets and the predictions."""

    labels: Live[Any] = param("targets [examples, labels] of 0 and 1; [examples] for one label")
    scores: Mapping[str, Live[Any]] = param("predicted scores of that shape, higher for positive, by name", default={})
    names: tuple[str, ...] = param("names of the labels, in their order; numbers when not given", default=())


_NO_POSITIVE = "no label has a positive"

METRICS: Mapping[str, Metric] = {
    "examples": Metric(kind="number", min=1, doc="examples"),
    "labels": Metric(kind="number", min=1, doc="labels"),
    "prevalence": Metric(kind="mapping", of="number", min=0, max=1, doc="share of positives of each label, by name"),
    "constant_labels": Metric(kind="list", of="text", doc="labels that are the same for every example"),
    "prevalence_map": Metric(
        kind="number", min=0, max=1, doc="mean average precision of a constant score", optional=_NO_POSITIVE
    ),
    "all_positive_f1": Metric(kind="number", min=0, max=1, doc="macro F1 when everything is positive"),
    "map.{scores}": Metric(kind="number", min=0, max=1, doc="mean average precision, by name", optional=_NO_POSITIVE),
    "map_gain.{scores}": Metric(kind="number", min=-1, max=1, doc="that less `prevalence_map`", optional=_NO_POSITIVE),
    "f1.{scores}": Metric(kind="number", min=0, max=1, doc="macro F1 at the best threshold common to all labels"),
    "f1_gain.{scores}": Metric(kind="number", min=-1, max=1, doc="that less `all_positive_f1`"),
    "threshold.{scores}": Metric(kind="number", doc="that threshold; of several that are best the least"),
    "positive_share.{scores}": Metric(kind="number", min=0, max=1, doc="share of predictions positive at it"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Score; MeasurementError for labels other than 0 and 1, and for scores that are not finite or of another shape."""
    labels = _labels(params.labels)
    names = list(params.names) or [str(at) for at in range(labels.shape[1])]
    if len(set(names)) != labels.shape[1]:
        raise MeasurementError(f"{len(set(names))} different names for {labels.shape[1]} labels")
    prevalence = labels.mean(axis=0)
    metrics: dict[str, Value] = {
        "examples": len(labels),
        "labels": labels.shape[1],
        "prevalence": {name: float(share) for name, share in zip(names, prevalence, strict=True)},
        "constant_labels": [name for name, share in zip(names, prevalence, strict=True) if share in (0, 1)],
        "all_positive_f1": macro_f1(labels, labels | True),
    }
    held = prevalence > 0
    if held.any():
        metrics["prevalence_map"] = float(prevalence[held].mean())
    for name, value in params.scores.items():
        for metric, found in _scored(labels, _scores(value, name, labels), metrics).items():
            metrics.setdefault(metric, {})[name] = found
    findings = tuple(
        Finding(f"{name}: the best threshold makes every prediction positive", symbol=name)
        for name, share in metrics.get("positive_share", {}).items()
        if share == 1
    )
    return Evidence(metrics, tables={"scores": _table(params, metrics)}, findings=findings)


def _scored(labels: NDArray[Any], scores: NDArray[Any], trivial: Mapping[str, Value]) -> dict[str, float]:
    best, threshold, share = best_macro_f1(labels, scores)
    found = {"f1": best, "f1_gain": best - trivial["all_positive_f1"], "threshold": threshold, "positive_share": share}
    held = [at for at in range(labels.shape[1]) if labels[:, at].any()]
    if held:
        precision = sum(average_precision(labels[:, at], scores[:, at]) for at in held) / len(held)
        found |= {"map": precision, "map_gain": precision - trivial["prevalence_map"]}
    return found


def _table(params: Params, metrics: Mapping[str, Value]) -> Table:
    rows = [("constant score", metrics.get("prevalence_map"), None), ("all positive", None, metrics["all_positive_f1"])]
    rows += [(name, metrics.get("map", {}).get(name), metrics["f1"][name]) for name in params.scores]
    return Table(("predictions", "mAP", "macro F1"), tuple(rows), title="beside what no learning reaches")


def _labels(value: Any) -> NDArray[Any]:
    array, described = numbers(value, "labels")
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or not array.size or not ((array == 0) | (array == 1)).all():
        raise MeasurementError(f"labels are {described}, not [examples, labels] of 0 and 1")
    return array.astype(bool)


def _scores(value: Any, name: str, labels: NDArray[Any]) -> NDArray[Any]:
    import numpy as np

    array, described = numbers(value, name)
    array = array[:, None] if array.ndim == 1 else array
    if array.shape != labels.shape or not np.isfinite(array).all():
        raise MeasurementError(f"scores {name} are {described}, not finite numbers of shape {list(labels.shape)}")
    return array.astype(np.float64)


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
