"""Ids of a tokenizer outside the range of their modality, or outside that of their codebook.

Measures how many ids there are, how many are outside the inclusive range, and how many distinct ones occur. With
``codebooks``, the id at position i (row-major, frame after frame) belongs to codebook i mod n: an id inside the
modality's range but in another codebook's part of it is counted too, which shows codebooks written one after the other
where they should alternate.

It matters because an id out of range indexes another modality's embedding, silently. `distinct` is there because a
constant code is in its range.

It cannot see whether an id is the right one. Without ids, minimum, maximum and fraction outside are absent.

```yaml
- id: audio-ids
  check: tokenizer.ids
  with: {ids: $tokens.audio, range: [9000, 13095], codebooks: $uti.codebook_ranges}
  expect: {outside: 0, out_of_codebook: 0, remainder: 0, count: {min: 100}, distinct: {min: 8}}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, param
from speccheck.sdk.tokens import flat_ids, id_range

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Params:
    """The ids, and the range that should contain them."""

    ids: Live[Any] = param("the ids: an integer tensor or array, or a list, nested or not")
    range: Live[Any] = param("[start, end], both inclusive")
    codebooks: Live[Any] = param(
        "[start, end], both inclusive, of each codebook, in the order in which a frame holds them", default=None
    )


_NONE = "no id is given"
_CODEBOOKS = "no codebooks are given"

METRICS: Mapping[str, Metric] = {
    "count": Metric(kind="number", min=0, doc="ids", unit="ids"),
    "min": Metric(kind="number", doc="lowest id", optional=_NONE),
    "max": Metric(kind="number", doc="highest id", optional=_NONE),
    "start": Metric(kind="number", doc="first id of the range"),
    "end": Metric(kind="number", doc="last id of the range"),
    "outside": Metric(kind="number", min=0, doc="ids outside the range", unit="ids", optional=_NONE),
    "outside_fraction": Metric(kind="number", min=0, max=1, doc="outside / count", optional=_NONE),
    "first_outside": Metric(kind="number", min=0, doc="position of the first id outside", optional="none is outside"),
    "distinct": Metric(kind="number", min=0, doc="distinct ids", unit="ids"),
    "out_of_codebook": Metric(
        kind="number",
        min=0,
        doc="ids outside the range of the codebook that their position belongs to",
        unit="ids",
        optional=f"{_CODEBOOKS}, or {_NONE}",
    ),
    "codebooks": Metric(kind="number", min=0, doc="codebooks of a frame (n)", optional=_CODEBOOKS),
    "frames": Metric(kind="number", min=0, doc="whole frames: count // n", optional=_CODEBOOKS),
    "remainder": Metric(kind="number", min=0, doc="ids beyond the last whole frame: count mod n", optional=_CODEBOOKS),
}


def measure(params: Params, context: Context) -> Evidence:
    """Count; MeasurementError for ids that are not integers, and for anything but a range."""
    import numpy as np

    ids = flat_ids(params.ids, "ids")
    start, end = id_range(params.range, "range")
    metrics: dict[str, Any] = {
        "count": int(ids.size),
        "start": start,
        "end": end,
        "distinct": int(np.unique(ids).size),
    }
    findings: list[Finding] = []
    if ids.size:
        outside = (ids < start) | (ids > end)
        metrics["min"], metrics["max"] = int(ids.min()), int(ids.max())
        metrics["outside"] = int(outside.sum())
        metrics["outside_fraction"] = float(outside.mean())
        if outside.any():
            at = int(np.argmax(outside))
            metrics["first_outside"] = at
            findings.append(Finding(f"id {int(ids[at])} at position {at} is the first outside {start} to {end}"))
    if params.codebooks is not None:
        findings += _by_codebook(ids, params.codebooks, metrics)
    return Evidence(metrics=metrics, findings=tuple(findings))


def _by_codebook(ids: NDArray[Any], codebooks: Any, metrics: dict[str, Any]) -> list[Finding]:
    import numpy as np

    books = [id_range(item, f"codebook {index}") for index, item in enumerate(codebooks)]
    if not books:
        raise MeasurementError("codebooks is empty, so no id belongs to one; leave it out instead")
    metrics["codebooks"] = len(books)
    metrics["frames"], metrics["remainder"] = divmod(int(ids.size), len(books))
    if not ids.size:
        return []
    book = np.arange(ids.size) % len(books)
    starts, ends = np.array([first for first, _ in books]), np.array([last for _, last in books])
    strange = (ids < starts[book]) | (ids > ends[book])
    metrics["out_of_codebook"] = int(strange.sum())
    if not strange.any():
        return []
    at = int(np.argmax(strange))
    low, high = books[at % len(books)]
    return [Finding(f"id {int(ids[at])} at position {at} is outside codebook {at % len(books)}, {low} to {high}")]


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
