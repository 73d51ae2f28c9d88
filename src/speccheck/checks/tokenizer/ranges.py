"""Overlaps, gaps and sizes of the id ranges of a token space.

Measures, over inclusive ranges ``name: [start, end]``, the ids in more than one, the ids in none, and each range's size
against the size that the running model has.

It matters in a unified vocabulary: two modalities that share ids decode each other's tokens without any error, and a
range one short of its codebook sends the last code to the next modality. Special ids count as ranges of one id, so one
that is inside a modality's range is an overlap; one id under two names (padding and end, often) is not.

It cannot see which ids a tokenizer really gives; `tokenizer.ids` does. With no range at all, nothing is disjoint or
contiguous: those metrics are absent.

```yaml
- id: token-space
  check: tokenizer.ranges
  with:
    ranges: {text: [0, 999], image: "${vars.image_range}", audio: $uti.audio_range}
    total: $uti.vocab_size
    sizes: {image: $uti.image.codebook_size}
  expect: {disjoint: true, contiguous: true, size_differences: [], count: 3}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, param
from speccheck.sdk.tokens import flat_ids, id_range, integer


@dataclass(frozen=True)
class Params:
    """The ranges, and what they are held against."""

    ranges: Live[Mapping[str, Any]] = param("range by name: [start, end], both inclusive")
    total: Live[Any] = param("size of the vocabulary: its ids are 0 to total - 1", default=None)
    special: Live[Any] = param("ids outside the ranges: a list, or a mapping of name to id", default=())
    sizes: Live[Any] = param("size that the running model has, by name of its range", default=None)


_NONE = "no range is given"

METRICS: Mapping[str, Metric] = {
    "count": Metric(kind="number", min=0, doc="ranges", unit="ranges"),
    "disjoint": Metric(kind="bool", doc="no id is in two ranges, or in a range and among the specials", optional=_NONE),
    "contiguous": Metric(kind="bool", doc="gaps is 0", optional=_NONE),
    "overlaps": Metric(kind="number", min=0, doc="ids in more than one range", unit="ids", optional=_NONE),
    "overlapping": Metric(kind="list", of="text", doc="pairs that share ids, with the ids they share", optional=_NONE),
    "gaps": Metric(
        kind="number",
        min=0,
        unit="ids",
        doc="ids in no range: of 0 to total - 1 where total is given, else of first to last",
        optional="no range is given, or all are empty and no total is given",
    ),
    "outside_total": Metric(
        kind="number",
        min=0,
        doc="ids below 0 or at total and above",
        unit="ids",
        optional=f"no total is given, or {_NONE}",
    ),
    "first": Metric(kind="number", doc="lowest id", optional="no range holds an id"),
    "last": Metric(kind="number", doc="highest id", optional="no range holds an id"),
    "covered": Metric(kind="number", min=0, doc="distinct ids in ranges and specials", unit="ids"),
    "empty": Metric(kind="list", of="text", doc="ranges that end before they start", optional=_NONE),
    "size.*": Metric(kind="number", min=0, doc="ids in the range", unit="ids"),
    "runtime_size.*": Metric(kind="number", doc="size that the running model has", unit="ids", optional="no sizes"),
    "size_differences": Metric(
        kind="list",
        of="text",
        doc="names in sizes whose range is absent or has another size",
        optional="no sizes are given",
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Sweep over the ranges; MeasurementError names a value that is not a range or size."""
    if not isinstance(params.ranges, Mapping):
        raise MeasurementError(f"ranges is a {type(params.ranges).__name__}, not a mapping of name to [start, end]")
    ranges = {str(name): id_range(value, f"range {name}") for name, value in params.ranges.items()}
    spans = {name: span for name, span in ranges.items() if span[0] <= span[1]}
    everything = {**spans, **{f"special {number}": (number, number) for number in _specials(params.special)}}
    depth = _depths(everything.values())
    metrics: dict[str, Any] = {
        "count": len(ranges),
        "covered": sum(length for _, length, times in depth if times >= 1),
        "size": {name: max(0, end - start + 1) for name, (start, end) in ranges.items()},
    }
    if everything:
        metrics["first"] = min(start for start, _ in everything.values())
        metrics["last"] = max(end for _, end in everything.values())
    findings: list[Finding] = []
    if ranges:
        metrics["empty"] = [name for name in ranges if name not in spans]
        metrics["overlaps"] = sum(length for _, length, times in depth if times >= 2)
        metrics["overlapping"] = _overlapping(everything)
        metrics["disjoint"] = metrics["overlaps"] == 0
        findings = [Finding(f"ids in more than one range: {text}") for text in metrics["overlapping"]]
        metrics |= _gaps(depth, metrics, params.total)
    findings += _compare_sizes(params.sizes, metrics)
    return Evidence(metrics=metrics, findings=tuple(findings))


def _gaps(depth: list[tuple[int, int, int]], metrics: Mapping[str, Any], total: Any) -> dict[str, Any]:
    """``gaps``, ``contiguous`` and, with a total, ``outside_total``."""
    if total is not None:
        size = integer(total, "total")
        stretches = [(start, start + length) for start, length, times in depth if times >= 1]
        inside = sum(max(0, min(end, size) - max(start, 0)) for start, end in stretches)
        gaps = max(0, size) - inside
        return {"gaps": gaps, "contiguous": gaps == 0, "outside_total": metrics["covered"] - inside}
    if "first" not in metrics:
        return {}
    gaps = metrics["last"] - metrics["first"] + 1 - metrics["covered"]
    return {"gaps": gaps, "contiguous": gaps == 0}


def _specials(value: Any) -> list[int]:
    """The distinct special ids."""
    if isinstance(value, Mapping):
        return sorted({integer(item, f"special {name}") for name, item in value.items()})
    return sorted({int(number) for number in flat_ids(value, "special ids").tolist()})


def _depths(spans: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """``(start, length, in how many ranges)`` of the stretches between the ranges' ends, in order."""
    changes: dict[int, int] = {}
    for start, end in spans:
        changes[start] = changes.get(start, 0) + 1
        changes[end + 1] = changes.get(end + 1, 0) - 1
    places, times, stretches = sorted(changes), 0, []
    for place, following in pairwise(places):
        times += changes[place]
        stretches.append((place, following - place, times))
    return stretches


def _overlapping(spans: Mapping[str, tuple[int, int]]) -> list[str]:
    found = []
    for (name, (start, end)), (other, (other_start, other_end)) in combinations(spans.items(), 2):
        low, high = max(start, other_start), min(end, other_end)
        if low <= high:
            found.append(f"{name} and {other}: {low} to {high}" if low < high else f"{name} and {other}: {low}")
    return found


def _compare_sizes(sizes: Any, metrics: dict[str, Any]) -> list[Finding]:
    """Add the metrics of the runtime sizes; a finding for each that differs."""
    if not sizes:
        return []
    if not isinstance(sizes, Mapping):
        raise MeasurementError(f"sizes is a {type(sizes).__name__}, not a mapping of a range's name to its size")
    runtime = {str(name): integer(size, f"the runtime size of {name}") for name, size in sizes.items()}
    own = metrics["size"]
    metrics["runtime_size"] = runtime
    metrics["size_differences"] = [name for name, size in runtime.items() if own.get(name) != size]
    return [
        Finding(f"range {name} holds {own.get(name, 'no')} ids, its codebook {runtime[name]}")
        for name in metrics["size_differences"]
    ]


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
