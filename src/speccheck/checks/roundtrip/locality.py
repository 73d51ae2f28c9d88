"""Tokens of the code that change with each region of the input: only its own token should.

The input is cut into a regular grid of blocks, or into regions that the spec names. One region after another is
changed, the input encoded again, and the tokens that changed are compared with those that should have. By default
region k of the grid, counted row by row (last axis fastest), belongs to token k, counted so over the code's first
`token_axes` axes; `expected` states otherwise, and `order: any` demands only that each region has one token and each
token one region.

It matters because a round trip that permutes tokens is exact too, and so is one that exchanges the sizes in time and in
space where the products agree: both give the model the wrong place of a token.

It cannot see the order of elements inside one token, nor a region that no probe touched when only a `sample` is tried.

```yaml
- id: tubelets-stay-in-place
  check: roundtrip.locality
  with: {encode: $tubeletify, input: $clips, block: [1, 2, 3, 40, 40], sample: 48}
  expect:
    mismatches: 0
    most_changed: 1
    probed: {min: 48}
```
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.arrays import is_array, to_numpy
from speccheck.sdk.modules import Mode, in_asked_mode
from speccheck.sdk.records import sampled
from speccheck.sdk.wording import counted

if TYPE_CHECKING:
    from numpy.typing import NDArray

_SHOWN = 10


@dataclass(frozen=True)
class Params:
    """The encoder, the input, and the regions of the input."""

    encode: Live[Callable[..., Any]] = param("called with the input; gives one tensor", fills=())
    input: Live[Any] = param("a tensor or an array; it is copied")
    block: tuple[int, ...] = param(
        "size of a region along each axis of the input, which it must divide; 0 is the whole axis", default=()
    )
    regions: Mapping[str, tuple[Any, ...]] = param(
        "regions by name instead: along each axis an index, [start, stop], or null for all", default={}
    )
    token_axes: int = param("how many first axes of the code number its tokens", default=2, min=1)
    expected: Live[Any] | None = param(
        "the tokens of a region, numbered over the token axes row by row: a function of the region's place in the grid "
        "(one number per axis) or of its name, or a mapping of name to token or list of tokens",
        default=None,
        fills=(),
    )
    order: Literal["row_major", "any"] = param(
        "without `expected`: which token a region has, or only that it has one of its own", default="row_major"
    )
    sample: int | None = param("how many regions to touch, drawn at random; all when not given", default=None, min=1)
    seed: int | None = param("seed of that draw; the entry's when not given", default=None)
    delta: float = param("what is added to a region to touch it; bools are flipped", default=1.0)
    mode: Mode | None = param(
        "mode of the torch modules behind `encode`, restored after; eval when not given; a given one needs a module",
        default=None,
    )


METRICS: Mapping[str, Metric] = {
    "regions": Metric(kind="number", min=1, doc="regions of the input"),
    "tokens": Metric(kind="number", min=0, doc="tokens of the code"),
    "probed": Metric(kind="number", min=1, doc="regions touched"),
    "mismatches": Metric(
        kind="number", min=0, doc="touched regions that changed other tokens than they should, or none"
    ),
    "mismatched": Metric(kind="list", of="text", doc="those regions"),
    "unmoved": Metric(kind="number", min=0, doc="touched regions that changed no token"),
    "most_changed": Metric(kind="number", min=0, doc="most tokens changed by one region", unit="tokens"),
    "one_to_one": Metric(kind="bool", doc="each touched region changed one token, and no two the same"),
    "repeats": Metric(kind="bool", doc="encoding the untouched input again, at the end, gave the same code"),
}


@dataclass(frozen=True)
class _Region:
    name: str
    at: tuple[int, ...]
    slices: tuple[slice, ...]
    number: int


def measure(params: Params, context: Context) -> Evidence:
    """Touch the regions one by one; MeasurementError for regions that do not fit the input."""
    import numpy as np

    if not is_array(params.input):
        raise MeasurementError(f"`input` is a {type(params.input).__name__}, not a tensor or an array")
    work: Any = params.input.clone().detach() if hasattr(params.input, "clone") else np.array(params.input)
    regions = _regions(params, tuple(int(size) for size in work.shape))
    chosen = sampled(len(regions), params.sample, context.seed if params.seed is None else params.seed)
    changed: dict[int, tuple[int, ...]] = {}
    with in_asked_mode(params.mode, params.encode, otherwise="eval"):
        first = _code(params, work)
        for at in chosen:
            where = regions[at].slices
            kept = work[where].clone() if hasattr(work, "clone") else work[where].copy()
            work[where] = ~kept if str(work.dtype).removeprefix("torch.") == "bool" else kept + params.delta
            changed[at] = _changed(first, _code(params, work))
            work[where] = kept
        repeats = not _changed(first, _code(params, work))
    return _evidence(params, regions, changed, len(first), repeats)


def _code(params: Params, value: Any) -> NDArray[Any]:
    """The code as an array [tokens, elements of a token]."""
    handed = (
        value.clone() if hasattr(value, "clone") else value.copy()
    )  # a view that is returned would follow the input
    code = params.encode(handed)
    if not is_array(code):
        raise MeasurementError(f"`encode` gave a {type(code).__name__}, not one tensor")
    array = to_numpy(code)
    if array.ndim < params.token_axes:
        raise MeasurementError(f"the code has {array.ndim} axes, fewer than token_axes: {params.token_axes}")
    return array.reshape(math.prod(array.shape[: params.token_axes]), -1)


def _changed(before: NDArray[Any], after: NDArray[Any]) -> tuple[int, ...]:
    """The tokens that differ; NaN at the same place of both counts as unchanged."""
    if before.shape != after.shape:
        raise MeasurementError(f"the code changed its form, from {before.shape} to {after.shape}")
    differs = (before != after) & ~((before != before) & (after != after))  # noqa: PLR0124 - NaN
    return tuple(differs.any(axis=1).nonzero()[0].tolist())


def _regions(params: Params, shape: tuple[int, ...]) -> list[_Region]:
    if bool(params.block) == bool(params.regions):
        raise MeasurementError("give either `block` or `regions`")
    if params.regions:
        named = enumerate(params.regions.items())
        return [_Region(name, (), _slices(name, axes, shape), number) for number, (name, axes) in named]
    if len(params.block) != len(shape):
        given, wanted = counted(len(params.block), "size"), counted(len(shape), "axis", "axes")
        raise MeasurementError(f"block has {given}, the input {wanted}: {list(shape)}")
    sizes = [block or size for block, size in zip(params.block, shape, strict=True)]
    if any(block < 1 or size % block for block, size in zip(sizes, shape, strict=True)):
        raise MeasurementError(f"blocks of {sizes} do not divide an input of {list(shape)}")
    grid = [range(size // block) for block, size in zip(sizes, shape, strict=True)]
    found = []
    for number, at in enumerate(itertools.product(*grid)):
        slices = tuple(slice(i * block, (i + 1) * block) for i, block in zip(at, sizes, strict=True))
        found.append(_Region(str(list(at)), at, slices, number))
    return found


def _slices(name: str, axes: Sequence[Any], shape: tuple[int, ...]) -> tuple[slice, ...]:
    if len(axes) > len(shape):
        raise MeasurementError(f"region {name} has {counted(len(axes), 'axis', 'axes')}, the input {len(shape)}")
    found = []
    for axis, size in zip(axes, shape, strict=False):
        ends = (0, size) if axis is None else (axis, axis + 1) if isinstance(axis, int) else tuple(axis)
        if len(ends) != 2 or not all(isinstance(end, int) for end in ends) or not 0 <= ends[0] < ends[1] <= size:
            raise MeasurementError(f"region {name}: {axis!r} is outside an axis of {size}")
        found.append(slice(*ends))
    return tuple(found)


def _wanted(params: Params, region: _Region) -> tuple[int, ...] | None:
    """The tokens that a region should change, None when any one will do."""
    given = params.expected
    if given is None:
        return None if params.order == "any" or params.regions else (region.number,)
    if callable(given):
        return _tokens(given(*region.at) if region.at else given(region.name))
    if region.name not in given:
        raise MeasurementError(f"`expected` lacks region {region.name}")
    return _tokens(given[region.name])


def _tokens(value: Any) -> tuple[int, ...]:
    items: Iterable[Any] = value if isinstance(value, (list, tuple)) else [value]
    return tuple(sorted(int(item) for item in items))


def _evidence(
    params: Params, regions: Sequence[_Region], changed: Mapping[int, tuple[int, ...]], tokens: int, repeats: bool
) -> Evidence:
    owners: dict[int, int] = {}
    for found in changed.values():
        for token in found:
            owners[token] = owners.get(token, 0) + 1
    rows, wrong = [], []
    for at, found in changed.items():
        wanted = _wanted(params, regions[at])
        own = len(found) == 1 and owners[found[0]] == 1
        right = own if wanted is None else found == wanted
        if not right:
            wrong.append((regions[at].name, found, wanted))
        rows.append((regions[at].name, str(list(found[:8])), "any" if wanted is None else str(list(wanted)), right))
    metrics: dict[str, Value] = {
        "regions": len(regions),
        "tokens": tokens,
        "probed": len(changed),
        "mismatches": len(wrong),
        "mismatched": [name for name, _, _ in wrong],
        "unmoved": sum(not found for found in changed.values()),
        "most_changed": max(len(found) for found in changed.values()),
        "one_to_one": all(len(found) == 1 and owners[found[0]] == 1 for found in changed.values()),
        "repeats": repeats,
    }
    findings = tuple(
        Finding(f"region {name} changed {len(found)} tokens, {list(found[:8])}, not {_words(wanted)}", symbol=name)
        for name, found, wanted in wrong[:_SHOWN]
    )
    table = Table(("region", "changed", "expected", "as expected"), tuple(rows[:200]), title="regions touched")
    return Evidence(metrics, tables={"regions": table}, findings=findings)


def _words(wanted: tuple[int, ...] | None) -> str:
    return "one of its own" if wanted is None else f"{list(wanted[:8])}"


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
