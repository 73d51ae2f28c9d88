"""Drop of a score when the labels are shuffled, on the training set and on the validation set.

The same training runs on the true labels and on shuffled ones, once per seed. Measures both scores of both, the drops,
and how many rows of labels really changed. Either `run` shuffles itself (it gets `shuffle` and `seed`), or `labels` are
given and the check permutes their rows (`run` gets `labels` and `seed`).

It matters because a probe whose validation score survives the shuffling has not learned from the labels: it reports the
prevalence of the classes, or a leak. A drop on the training set alone means little, since a large probe learns shuffled
labels by heart; and a shuffle that shuffles nothing shows no drop at all.

It cannot see whether labels are right, only that the score depends on the row of each label.

```yaml
- id: labels-matter
  check: label.shuffle
  with:
    run: {function: probe:fit, args: {features: $features, labels: "${input.labels}", seed: "${seed}"}}
    labels: $train_labels
    seeds: [1, 2, 3]
  expect:
    changed_fraction: {each: {min: 0.5}}
    drop.val: {mean: {min: 0.05}}
    drop.train: {mean: {min: 0.05}}
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.arrays import numbers
from speccheck.sdk.calling import call_named
from speccheck.sdk.records import MISSING, field, number
from speccheck.sdk.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """The function that trains and scores, and the labels."""

    run: Live[Callable[..., Any]] = param(
        "trains and gives a mapping of scores; called by name with `labels` (or `shuffle`: true or false) and "
        "`seed`, or "
        "with `${input.labels}`, `${input.shuffle}` and `${seed}` filled in",
        fills=("input", "seed"),
    )
    labels: Live[Any] | None = param(
        "labels, one row for each example, which this check permutes; without them `run` shuffles itself", default=None
    )
    seeds: tuple[int, ...] = param("a pair of trainings for each; none twice", default=(1,), min_length=1)
    train: str = param("dotted path, in what `run` gives, of the score on the training set", default="train")
    val: str = param("the same of the score on the validation set", default="val")
    used: str = param(
        "the same of the labels that it trained on, where `run` shuffles itself; they need not be there",
        default="labels",
    )


_NOT_TOLD = "`run` shuffles itself and does not give the labels it trained on"

METRICS: Mapping[str, Metric] = {
    "true.train": Metric(kind="list", of="number", doc="training score with the true labels, by seed"),
    "true.val": Metric(kind="list", of="number", doc="validation score with the true labels, by seed"),
    "shuffled.train": Metric(kind="list", of="number", doc="training score with shuffled labels, by seed"),
    "shuffled.val": Metric(kind="list", of="number", doc="validation score with shuffled labels, by seed"),
    "drop.train": Metric(kind="list", of="number", replicates=True, doc="true less shuffled training score, by seed"),
    "drop.val": Metric(kind="list", of="number", replicates=True, doc="true less shuffled validation score, by seed"),
    "changed_fraction": Metric(
        kind="list", of="number", min=0, max=1, doc="share of rows whose labels differ, by seed", optional=_NOT_TOLD
    ),
    "same_labels": Metric(
        kind="bool", doc="shuffled labels are the true ones in another order, for every seed", optional=_NOT_TOLD
    ),
    "rows": Metric(kind="number", min=1, doc="rows of labels", optional=_NOT_TOLD),
}


def measure(params: Params, context: Context) -> Evidence:
    """Train twice for each seed; MeasurementError when a score is not there, or a seed is given twice."""
    if len(set(params.seeds)) != len(params.seeds):
        raise MeasurementError(f"`seeds` holds a seed twice, and its drop would count as two: {list(params.seeds)}")
    names = ("true", "shuffled")
    scores: dict[str, dict[str, list[float]]] = {name: {"train": [], "val": []} for name in names}
    fractions: list[float] = []
    kept: list[bool] = []
    rows = 0
    for seed in params.seeds:
        labels = _labels(params, seed)
        used = []
        for name in names:
            context.progress(f"training on {name} labels, seed {seed}")
            values = {"shuffle": name == "shuffled"} if labels is None else {"labels": labels[names.index(name)]}
            result = call_named(params.run, values, seed)
            scores[name]["train"].append(number(result, params.train, f"what `run` gave ({name} labels)"))
            scores[name]["val"].append(number(result, params.val, f"what `run` gave ({name} labels)"))
            used.append(field(result, params.used) if labels is None else values["labels"])
        if all(value is not MISSING for value in used):
            before, after = (numbers(value, "labels")[0] for value in used)
            fractions.append(_changed(before, after))
            kept.append(_multiset(before) == _multiset(after))
            rows = len(before)
    return _evidence(params, scores, fractions, kept, rows)


def _evidence(
    params: Params, scores: dict[str, dict[str, list[float]]], fractions: list[float], kept: list[bool], rows: int
) -> Evidence:
    true, shuffled = scores["true"], scores["shuffled"]
    drop = {part: [a - b for a, b in zip(true[part], shuffled[part], strict=True)] for part in ("train", "val")}
    metrics: dict[str, Value] = {"true": true, "shuffled": shuffled, "drop": drop}
    findings = []
    if fractions:
        metrics |= {"changed_fraction": fractions, "same_labels": all(kept), "rows": rows}
        unchanged = [seed for seed, share in zip(params.seeds, fractions, strict=True) if share == 0]
        findings = [Finding(f"seed {seed}: shuffling changed no row of labels") for seed in unchanged]
    columns = [true["train"], shuffled["train"], drop["train"], true["val"], shuffled["val"], drop["val"]]
    names = ("seed", "train", "train, shuffled", "train drop", "val", "val, shuffled", "val drop")
    table = Table(names, tuple(zip(params.seeds, *columns, strict=True)), title="scores with true and shuffled labels")
    return Evidence(metrics, tables={"scores": table}, findings=tuple(findings))


def _labels(params: Params, seed: int) -> tuple[Any, Any] | None:
    """The labels, and their rows in another order, of one type; None when `run` shuffles itself."""
    import numpy as np

    if params.labels is None:
        return None
    size = len(params.labels)
    if size < 2:
        raise MeasurementError(f"{counted(size, 'row')} of labels cannot be shuffled")
    order = np.random.default_rng(seed).permutation(size)
    if isinstance(params.labels, (list, tuple)):
        return params.labels, type(params.labels)(params.labels[at] for at in order)
    return params.labels, params.labels[order]


def _changed(before: NDArray[Any], after: NDArray[Any]) -> float:
    if before.shape != after.shape or not len(before):
        raise MeasurementError(f"labels of shape {before.shape} became {after.shape}")
    changed = (before != after) & ~((before != before) & (after != after))  # noqa: PLR0124 - NaN in place of NaN
    return float(changed.reshape(len(before), -1).any(axis=1).mean())


def _multiset(labels: NDArray[Any]) -> list[bytes]:
    return sorted(row.tobytes() for row in labels)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
