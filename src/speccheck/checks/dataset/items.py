"""Items of a dataset by index: their number, shapes and range, and whether they are those that the index names.

Measures the length of the dataset (beside that of its index), and of the items looked at the dtype, shape, range and
finiteness of one tensor in each, which items raise, how many differ in content, and whether the fields of an item are
those of the same entry of the index. All items are looked at unless ``indices`` or ``sample`` chooses some; a finding
then says how many of them. The items that hold NaN, infinity or the extremes are named. A contact sheet of one item, a
clip [T, 3, height, width], is kept as a picture.

It matters because a dataset is the first place where an index and the pixels can part: off by one, normalised twice, or
the same frame eight times.

It cannot see items that it does not take, nor whether the picture shows what the label names: that is what the contact
sheet is for.

```yaml
- id: clips
  check: dataset.items
  with:
    dataset: $dataset
    index: $index.clips
    sample: 16
    item: video
    fields: {start_token: start_token, filenames.0: frames.0.filename, filenames.-1: frames.-1.filename}
    sheet: 0
  expect:
    length: {same_as: index_length}
    item: {tensor: "float32[8, 3, 360, 640]"}
    min: {min: 0}
    max: {max: 1, above: 0.1}
    raised: {length: 0}
    mismatched: {length: 0}
```
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Artifact, Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Value, param
from speccheck.sdk.arrays import numbers
from speccheck.sdk.comparison import equal
from speccheck.sdk.pictures import NOT_DRAWN, available, contact_sheet
from speccheck.sdk.records import MISSING, as_records, plain, sampled, text
from speccheck.sdk.records import field as field_of
from speccheck.sdk.statistics import Statistics, statistics

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 10


@dataclass(frozen=True)
class Params:
    """The dataset, and which of its items are looked at."""

    dataset: Live[Any] = param("what has a length and gives items by index")
    index: Live[Any] | None = param("the list of records that the items are made from", default=None)
    indices: tuple[int, ...] | None = param(
        "items looked at; negative ones count from the end; when not given, the first and the last with sample, and "
        "all without",
        default=None,
    )
    sample: int | None = param("that many more, drawn at random", default=None, min=1)
    seed: int | None = param("seed of that draw; the entry's when not given", default=None)
    item: str = param("dotted path of the tensor in an item; the item itself when empty", default="")
    fields: Mapping[str, str] = param(
        "dotted path in an item, and in the entry of the index, of what must be the same; without an index, the item's "
        "values are only recorded",
        default={},
    )
    sheet: int | None = param("which item is drawn as a contact sheet", default=None)


_NO_ITEM = "no item could be had"
_NO_NUMBER = f"{_NO_ITEM}, or each holds NaN"
_NOT_ALL = f"{_NO_ITEM}, or one raised: what it holds is not known"
_UNCOMPARED = "no index or no field is given, or no item could be had"
_NO_INDEX = "no index is given"

METRICS: Mapping[str, Metric] = {
    "length": Metric(kind="number", min=0, doc="the length that the dataset reports"),
    "index_length": Metric(kind="number", min=0, doc="entries of the index", optional=_NO_INDEX),
    "looked_at": Metric(kind="number", min=0, doc="how many items were looked at, of `length`"),
    "examined": Metric(kind="list", of="number", min=0, doc="items looked at"),
    "raised": Metric(kind="list", of="number", min=0, doc="items that raised an error or lack the tensor"),
    "item": Metric(kind="tensor", doc="dtype and shape of the first item", optional=_NO_ITEM),
    "same_form": Metric(kind="bool", doc="all items have that dtype and shape", optional=_NOT_ALL),
    "finite": Metric(kind="bool", doc="no element is NaN or infinite", optional=_NOT_ALL),
    "min": Metric(kind="number", doc="smallest element of all items", optional=_NOT_ALL),
    "max": Metric(kind="number", doc="largest element of all items", optional=_NOT_ALL),
    "min_item": Metric(kind="number", min=0, doc="the first item that holds the smallest element", optional=_NO_NUMBER),
    "max_item": Metric(kind="number", min=0, doc="the first item that holds the largest element", optional=_NO_NUMBER),
    "nonfinite": Metric(kind="list", of="number", min=0, doc="items that hold NaN or infinity", optional=_NOT_ALL),
    "means": Metric(kind="list", of="number", doc="mean of each item", optional=_NO_ITEM),
    "stds": Metric(
        kind="list", of="number", min=0, doc="population standard deviation of each item", optional=_NO_ITEM
    ),
    "distinct_items": Metric(kind="number", min=1, doc="items of different content", optional=_NO_ITEM),
    "mismatched": Metric(
        kind="list",
        of="text",
        doc="`item:field` where item and index differ, or one lacks the field",
        optional=_UNCOMPARED,
    ),
    "values.{fields}": Metric(kind="any", doc="the fields of the first item", optional=f"{_NO_ITEM}, or it lacks them"),
}


@dataclass
class _Seen:
    """The findings in the items so far."""

    forms: list[Any] = field(default_factory=list)
    figures: dict[int, Statistics] = field(default_factory=dict)
    digests: set[str] = field(default_factory=set)
    raised: list[int] = field(default_factory=list)
    mismatched: list[str] = field(default_factory=list)
    values: dict[str, Value] | None = None
    findings: list[Finding] = field(default_factory=list)
    sheet: Artifact | None = None


def measure(params: Params, context: Context) -> Evidence:
    """Take the items; MeasurementError when the dataset lacks a length or items by number."""
    dataset = as_records(params.dataset, "dataset")
    index = None if params.index is None else as_records(params.index, "index")
    size, seen = len(dataset), _Seen()
    chosen = _chosen(params, size, context.seed if params.seed is None else params.seed)
    if len(chosen) < size:
        seen.findings.append(Finding(f"{len(chosen)} of {size} items were looked at"))
    sheet = None if params.sheet is None or not size else params.sheet % size
    for at in chosen:
        item = _taken(dataset, at, params, seen)
        if item is not MISSING:
            _look(item, at, params, seen)
            _compare_fields(item, at, index, params, seen)
            if at == sheet:
                _draw(item, at, params, context, seen)
    counts = {"length": size, "looked_at": len(chosen)}
    metrics: dict[str, Value] = {**counts, "examined": chosen, "raised": seen.raised, **_figures(seen)}
    if index is not None:
        metrics["index_length"] = len(index)
        if params.fields and seen.forms:
            metrics["mismatched"] = seen.mismatched
    if seen.values:
        metrics["values"] = seen.values
    artifacts = {} if seen.sheet is None else {"sheet": seen.sheet}
    return Evidence(metrics, findings=tuple(seen.findings[:_SHOWN]), artifacts=artifacts)


def _chosen(params: Params, size: int, seed: int) -> list[int]:
    """The items to look at: all of them unless the parameters choose some."""
    if params.indices is None and params.sample is None:
        return list(range(size))
    indices = (0, -1) if params.indices is None else params.indices
    drawn = sampled(size, params.sample, seed) if params.sample else []
    named = [*indices, *(() if params.sheet is None else (params.sheet,))] if size else []
    return list(dict.fromkeys([*(at % size if at < 0 else at for at in named), *drawn]))


def _taken(dataset: Any, at: int, params: Params, seen: _Seen) -> Any:
    """The item, or MISSING when it raises or lacks its tensor."""
    try:
        item = dataset[at]
    except Exception as error:  # noqa: BLE001 - audited code raises what it likes; that it does is the answer
        seen.findings.append(Finding(f"item {at} raised {type(error).__name__}: {error}"))
    else:
        if field_of(item, params.item) is not MISSING:
            return item
        seen.findings.append(Finding(f"item {at} has no {params.item}"))
    seen.raised.append(at)
    return MISSING


def _look(item: Any, at: int, params: Params, seen: _Seen) -> None:
    array, described = numbers(field_of(item, params.item), f"item {at}{'.' * bool(params.item)}{params.item}")
    if not array.size or array.dtype.kind == "c":
        raise MeasurementError(f"item {at} is {described}: there is nothing in it to describe")
    seen.forms.append(described)
    seen.figures[at] = found = statistics(array)
    if not found.finite:
        seen.findings.append(Finding(f"item {at} is {described} with {_nonfinite(array, found)}"))
    seen.digests.add(hashlib.sha256(array.tobytes()).hexdigest())


def _nonfinite(array: NDArray[Any], found: Statistics) -> str:
    """How many elements are NaN and infinite, and the place of the first."""
    import numpy as np

    place = np.unravel_index(int(np.argmin(np.isfinite(array))), array.shape)
    counts = ((found.nan_count, "NaN"), (found.inf_count, "infinite"))
    what = " and ".join(f"{count} {name}" for count, name in counts if count)
    return f"{what}, first at [{', '.join(str(int(axis)) for axis in place)}]"


def _compare_fields(item: Any, at: int, index: Any, params: Params, seen: _Seen) -> None:
    if seen.values is None:
        found = {path: field_of(item, path) for path in params.fields}
        seen.values = {path: plain(value) for path, value in found.items() if value is not MISSING}
    if index is None:
        return
    for path, other in params.fields.items():
        mine = field_of(item, path)
        entry = field_of(index[at], other) if at < len(index) else MISSING
        if mine is MISSING or entry is MISSING or not equal(plain(mine), plain(entry)):
            seen.mismatched.append(f"{at}:{path}")
            sides = [("nothing" if side is MISSING else text(plain(side))) for side in (mine, entry)]
            seen.findings.append(Finding(f"item {at}: {path} is {sides[0]}, the index has {sides[1]} ({other})"))


def _draw(item: Any, at: int, params: Params, context: Context, seen: _Seen) -> None:
    array, described = numbers(field_of(item, params.item), f"item {at}")
    frames = array[None] if array.ndim == 3 else array
    if frames.ndim != 4 or frames.shape[1] not in (1, 3):
        seen.findings.append(Finding(f"item {at} is {described}, not a clip [T, 3, H, W]: no contact sheet"))
    elif not available():
        seen.findings.append(NOT_DRAWN)
    else:
        seen.sheet = contact_sheet(context, f"item-{at}.png", frames)


def _figures(seen: _Seen) -> dict[str, Value]:
    if not seen.forms:
        return {}
    figures = seen.figures.values()
    numbered = {at: found for at, found in seen.figures.items() if not found.nan_count}
    nan = len(numbered) < len(figures)
    metrics: dict[str, Value] = {
        "item": seen.forms[0],
        "means": [found.mean for found in figures],
        "stds": [found.std for found in figures],
        "distinct_items": len(seen.digests),
    }
    if not seen.raised:
        metrics |= {
            "same_form": all(form == seen.forms[0] for form in seen.forms),
            "finite": all(found.finite for found in figures),
            "nonfinite": [at for at, found in seen.figures.items() if not found.finite],
            "min": float("nan") if nan else min(found.min for found in figures),
            "max": float("nan") if nan else max(found.max for found in figures),
        }
    if numbered:
        metrics["min_item"] = min(numbered, key=lambda at: numbered[at].min)
        metrics["max_item"] = max(numbered, key=lambda at: numbered[at].max)
    return metrics


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
