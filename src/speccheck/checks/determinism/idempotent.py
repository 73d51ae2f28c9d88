"""Codes of an input encoded, decoded and encoded again, compared with the first codes.

With ``first = encode(input)`` and ``second = encode(decode(first))``, measures whether both are identical and which
fraction of the ids changes. A result or input that is a tuple is spread into the next call's arguments, so functions of
``(samples, rate)`` fit together as they are.

It matters where tokens are decoded and encoded again on the way (editing, caching, self-training): codes that drift
with each pass describe another input. A lossy codec need not be idempotent, so this is often an expected failure, whose
fraction is worth a limit.

It cannot see whether the codes are right, only that they stay: an encoder that gives one constant is idempotent, which
`distinct_values` shows. Nothing is seeded between the two passes.

```yaml
- id: audio-idempotence
  check: determinism.idempotent
  with: {encode: $uti.encode_audio, decode: $uti.decode_audio, input: $clip}
  expect: {identical: true}
  expected_failure: {reason: the codec is lossy, until: 2027-06-30}
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from speccheck.sdk import Check, Context, Evidence, Finding, Live, Metric, param
from speccheck.sdk.calling import spread
from speccheck.sdk.comparison import Leaves, Tensor, count, differences, distinct, items, leaves, same_item, where
from speccheck.sdk.modules import in_asked_mode

_SHOWN = 5


@dataclass(frozen=True)
class Params:
    """The two directions and the input."""

    encode: Live[Callable[..., object]] = param("input to codes", fills=())
    decode: Live[Callable[..., object]] = param("codes, as encode returned them, to something encode takes", fills=())
    input: Live[Any] = param("what is encoded first")
    mode: Literal["eval", "train"] | None = param(
        "put the torch modules behind both into this mode, and restore them afterwards; unchanged when left out",
        default=None,
    )


_NEITHER = "encode returns no id either time"

METRICS: Mapping[str, Metric] = {
    "identical": Metric(
        kind="bool",
        doc="all that encode returned, metadata included, is the same bit for bit the second time",
        optional="encode returns no id",
    ),
    "differing": Metric(kind="list", of="text", doc="paths of what encode returned that differ", optional=_NEITHER),
    "changed": Metric(kind="number", min=0, max=1, doc="changed_count / count", optional=_NEITHER),
    "changed_count": Metric(
        kind="number",
        min=0,
        optional=_NEITHER,
        doc="ids that differ at their position, and those that only the longer of both has",
        unit="ids",
    ),
    "count": Metric(kind="number", min=0, doc="ids of the first or second pass, whichever has more", unit="ids"),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of the first codes"),
    "same_length": Metric(kind="bool", doc="both passes give as many ids", optional="encode returns no id"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Encode, decode, encode; the audited code's own errors pass through.

    Ids are the elements of every part that has more than one (of every part when none has); metadata such as a rate
    counts for ``identical`` and ``differing`` alone.
    """
    with in_asked_mode(params.mode, params.encode, params.decode):
        codes = spread(params.encode, params.input)
        first = leaves(codes)
        second = leaves(spread(params.encode, spread(params.decode, codes)))
    differing = differences(first, second)
    paths = _id_paths(first, second)
    lengths = [(count(first.get(path)), count(second.get(path))) for path in paths]
    changed = sum(_changed(first.get(path), second.get(path)) for path in paths)
    total = sum(max(pair) for pair in lengths)
    metrics: dict[str, Any] = {
        "count": total,
        "distinct_values": distinct(first),
    }
    if total:
        metrics |= {"changed": changed / total, "changed_count": changed}
    if total or differing:
        metrics["differing"] = differing
    if any(before for before, _ in lengths):
        metrics["identical"] = not differing
        metrics["same_length"] = all(before == after for before, after in lengths)
    found = tuple(Finding(where(path, first, second)) for path in differing[:_SHOWN])
    return Evidence(metrics=metrics, findings=found)


def _id_paths(first: Leaves, second: Leaves) -> list[str]:
    paths = list(dict.fromkeys([*first, *second]))
    several = [path for path in paths if max(count(first.get(path)), count(second.get(path))) > 1]
    listed = [path for path in several if not all(isinstance(side.get(path, ""), str) for side in (first, second))]
    return listed or several or paths


def _changed(before: Any, after: Any) -> int:
    """Elements that differ at their position, in row-major order, plus the surplus of the longer one."""
    if isinstance(before, Tensor) and isinstance(after, Tensor) and before.array.size == after.array.size:
        x, y = before.array.reshape(-1), after.array.reshape(-1)
        if "f" not in (x.dtype.kind, y.dtype.kind) and "c" not in (x.dtype.kind, y.dtype.kind):
            return int((x != y).sum())
    a, b = items(before), items(after)
    return sum(not same_item(*pair) for pair in zip(a, b, strict=False)) + abs(len(a) - len(b))


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
