"""Values that the parts of a split share: records, scenes, drives, frames, or the same pixels under two names.

For each key, a dotted path in a record, measures how many values are in two parts or more, with examples; a key whose
value is a list (all the frames of a clip) counts item by item. 1 and 1.0 are the same value, None and NaN are gaps; the
values of a key must be all text (or paths) or all numbers, as nothing of the one kind is found in the other. For each
field in `content` the bytes of its arrays are compared through their sha256.

It matters because a split by clip instead of by scene leaks almost every frame of the validation set into training,
while the ids of the clips do not overlap at all: each level at which data may be related is a key of its own. A part
without a single value of a key shares none with any part; `overlap` is unknown there, not 0.

It cannot see data that are alike without being the same: the next frame, another camera on one car, a copy that was
compressed again or has another dtype.

```yaml
- id: split-does-not-leak
  check: split.overlap
  with:
    splits: {train: $split.train, val: $split.val}
    keys: [start_token, scene_token, log_token, frames.token]
  expect:
    overlap.*: 0
    sizes.val: {min: 50}
    distinct.*.*: {min: 1}
    distinct.scene_token.val: {min: 2}
```
"""

from __future__ import annotations

import hashlib
import itertools
import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from numbers import Number
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.arrays import is_array, numbers
from speccheck.sdk.records import MISSING, as_records, canonical, field, listed, plain, text
from speccheck.sdk.wording import counted

_SHOWN = 5
_GAPS = (None, canonical(math.nan, "a gap"))
"""Values that mean unknown; pandas writes NaN."""


@dataclass(frozen=True)
class Params:
    """The parts, and what they must not share."""

    splits: Mapping[str, Live[Any]] = param("lists of records, by name; two or more", min_length=2)
    keys: tuple[str, ...] = param("dotted paths of what is compared", default=())
    content: tuple[str, ...] = param(
        "dotted paths of arrays compared by their bytes; the item itself when empty", default=()
    )


_NONE_HAS = "no record of a part has it"

METRICS: Mapping[str, Metric] = {
    "sizes.{splits}": Metric(kind="number", min=0, doc="records in each part"),
    "overlap.{keys}": Metric(kind="number", min=0, doc="values that two parts share, by key", optional=_NONE_HAS),
    "content_overlap.{content}": Metric(
        kind="number", min=0, doc="contents that two parts share, by field", optional=_NONE_HAS
    ),
    "distinct.{keys}.{splits}": Metric(kind="number", min=0, doc="different values in each part, by key"),
    "content_distinct.{content}.{splits}": Metric(
        kind="number", min=0, doc="different contents in each part, by field"
    ),
    "missing": Metric(
        kind="mapping", of="number", min=0, doc="records that lack a key or field, or have a gap there, by its name"
    ),
    "examples": Metric(kind="mapping", of="list", doc="up to five shared values, as text, by key or field"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Compare every two parts; MeasurementError when no key is given, or values cannot be compared."""
    if not params.keys and not params.content:
        raise MeasurementError("nothing to compare; give `keys`, `content`, or both")
    splits = {name: as_records(records, f"splits.{name}") for name, records in params.splits.items()}
    metrics: dict[str, Value] = {"sizes": {name: len(records) for name, records in splits.items()}}
    missing: dict[str, int] = {}
    examples: dict[str, list[str]] = {}
    rows: list[tuple[str, str, str, int]] = []
    such: list[list[str]] = []  # beside each row, the first values that it counts, as findings name them
    for prefix, paths, hashed in (("", params.keys, False), ("content_", params.content, True)):
        for path in paths:
            label = f"content of {path or 'the item'}" if hashed else path
            values, missing[label] = _by_part(splits, path, hashed)
            shared: dict[Hashable, Any] = {}
            for one, other in itertools.combinations(values, 2):
                both = {key: value for key, value in values[one].items() if key in values[other]}
                shared |= {key: key for key in both} if hashed else both
                rows.append((label, one, other, len(both)))
                such.append(_named(both, one, other, values[other]) if hashed else [])
            metrics.setdefault(f"{prefix}distinct", {})[path] = {name: len(found) for name, found in values.items()}
            if all(values.values()):
                metrics.setdefault(f"{prefix}overlap", {})[path] = len(shared)
            examples[label] = sorted(text(plain(value)) for value in shared.values())[:_SHOWN]
    metrics |= {"missing": missing, "examples": examples}
    findings = (*_shares(rows, such, examples), *_gaps(missing))
    table = Table(("key", "part", "other part", "shared"), tuple(rows), title="overlap")
    return Evidence(metrics, tables={"overlap": table}, findings=findings)


def _shares(
    rows: Sequence[tuple[str, str, str, int]], such: Sequence[Sequence[str]], examples: Mapping[str, Sequence[str]]
) -> Iterator[Finding]:
    for (label, one, other, count), named in zip(rows, such, strict=True):
        if count:
            first = ", ".join((named or examples[label])[:3])
            yield Finding(
                f"{one} and {other} share {counted(count, 'value')} of {label}, such as {first}", symbol=label
            )


def _gaps(missing: Mapping[str, int]) -> Iterator[Finding]:
    for label, count in missing.items():
        if count:
            message = f"{counted(count, 'record')} of all parts lack {label}, and what they share is not seen"
            yield Finding(message, symbol=label)


def _named(both: Mapping[Hashable, Any], one: str, other: str, there: Mapping[Hashable, Any]) -> list[str]:
    """Contents that two parts share, by the first items that have them: nobody finds an item by its digest."""
    return [
        f"item {index} of {one} and item {there[key]} of {other}" for key, index in itertools.islice(both.items(), 3)
    ]


def _by_part(
    splits: Mapping[str, Sequence[Any]], path: str, hashed: bool
) -> tuple[dict[str, dict[Hashable, Any]], int]:
    """The values of a key in each part, and how many records of all parts lack it."""
    found = {name: _values(records, path, hashed) for name, records in splits.items()}
    values = {name: part for name, (part, _) in found.items()}
    kinds = {kind for part in values.values() for key in part if (kind := _kind(key))}
    if len(kinds) > 1:
        raise MeasurementError(f"{path} is text in one record and a number in another: they can never be the same")
    return values, sum(lacking for _, lacking in found.values())


def _kind(key: Hashable) -> str:
    return "text" if isinstance(key, str) else "number" if isinstance(key, Number) else ""


def _values(records: Sequence[Any], path: str, hashed: bool) -> tuple[dict[Hashable, Any], int]:
    """The values of a key, each by what it shares with equal ones, and how many records lack it or have a gap there.

    Of contents, the digests with the number of the first record that has each.
    """
    found: dict[Hashable, Any] = {}
    lacking = 0
    for index in range(len(records)):
        value = field(records[index], path)
        if value is MISSING or value is None:
            lacking += 1
        elif hashed:
            for digest in _digests(value, path):
                found.setdefault(digest, index)
        else:
            items = listed(value)
            keys = {canonical(item, path or "a record"): item for item in items}
            known = {key: item for key, item in keys.items() if key not in _GAPS}
            found.update(known)
            lacking += not known or len(known) < len(keys)
    return found, lacking


def _digests(value: Any, path: str) -> Iterator[str]:
    """sha256 of the dtype, shape and bytes of an array, or of each of a list of arrays."""
    items = value if isinstance(value, (list, tuple)) and any(map(is_array, value)) else [value]
    for item in items:
        array, described = numbers(item, path or "an item")
        yield hashlib.sha256(str(described).encode() + array.tobytes()).hexdigest()


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
