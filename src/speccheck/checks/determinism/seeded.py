"""Results of a call under one seed twice and under another once: the same seed must repeat, another must not.

A callable that carries ``${seed}`` or ``${generator}`` among its arguments gets the seed, or a torch generator (CPU)
seeded with it, and nothing else is seeded: randomness that it draws elsewhere shows. A callable without either is
called right after random, numpy and torch are seeded globally.

It matters because "seeded" is often claimed and not wired: a function that ignores its generator, or one whose seed is
overwritten inside and so gives everyone the same "random" mask. The first fails `same_seed_identical`, the second
`other_seed_differs`.

It cannot see whether the distribution is right, nor randomness that differs only between processes or devices.

```yaml
subjects:
  mask: {function: mae.masking:random_mask, args: {batch: 2, tokens: 64, ratio: 0.75, generator: "${generator}"}}
checks:
  - id: mask-seeding
    check: determinism.seeded
    with: {call: $mask}
    expect: {same_seed_identical: true, other_seed_differs: true}
```
"""

from __future__ import annotations

import importlib
import importlib.util
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, PartialCall, param
from speccheck.sdk.comparison import Leaves, differences, distinct, elements, leaves, where

_SHOWN = 5


@dataclass(frozen=True)
class Params:
    """The callable and the seeds."""

    call: Live[Callable[..., object]] = param(
        "the callable; `${seed}` and `${generator}` among a `function:` subject's arguments are filled in",
        fills=("seed", "generator"),
    )
    seeds: tuple[int, int] = param("the seed used twice, and another one", default=(1, 2))


METRICS: Mapping[str, Metric] = {
    "same_seed_identical": Metric(
        kind="bool",
        doc="two calls under the first seed are identical, bit for bit",
        optional="the call returns nothing",
    ),
    "other_seed_differs": Metric(
        kind="bool", doc="a call under the second seed differs from the first", optional="the call returns nothing"
    ),
    "differing": Metric(
        kind="list",
        of="text",
        doc="paths at which the two calls under the first seed differ",
        optional="the call returns nothing",
    ),
    "distinct_values": Metric(kind="number", min=0, doc="distinct values in the largest part of the first result"),
    "elements": Metric(kind="number", min=0, doc="elements in all of the first result (of a text, its characters)"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Three calls: seed, seed, other; MeasurementError when both seeds are one."""
    seed, other = params.seeds
    if seed == other:
        raise MeasurementError(f"seeds: [{seed}, {other}] are the same; give two different ones")
    first, again, different = (_called(params.call, value) for value in (seed, seed, other))
    differing = differences(first, again)
    findings = [Finding(f"seed {seed}, twice: {where(path, first, again)}") for path in differing[:_SHOWN]]
    size = elements(first)
    metrics: dict[str, Any] = {"distinct_values": distinct(first), "elements": size}
    if size or differing:
        metrics["differing"] = differing
    if size:
        metrics["same_seed_identical"] = not differing
        metrics["other_seed_differs"] = bool(differences(first, different))
        if not metrics["other_seed_differs"]:
            findings.append(Finding(f"seeds {seed} and {other} give the same result: the seed has no effect"))
    return Evidence(metrics=metrics, findings=tuple(findings))


def _called(call: Callable[..., object], seed: int) -> Leaves:
    wanted = call.placeholders if isinstance(call, PartialCall) else frozenset()
    if isinstance(call, PartialCall) and wanted:
        values: dict[str, Any] = {"seed": seed}
        if "generator" in wanted:
            values["generator"] = _generator(seed)
        return leaves(call.filled(values))
    _seed_everything(seed)
    return leaves(call())


def _generator(seed: int) -> Any:
    import torch

    return torch.Generator(device="cpu").manual_seed(seed)


def _seed_everything(seed: int) -> None:
    """Seed the global generators; libraries that the call may import only later are imported first."""
    random.seed(seed)
    if importlib.util.find_spec("numpy") is not None:
        importlib.import_module("numpy").random.seed(seed % 2**32)
    if importlib.util.find_spec("torch") is not None:
        importlib.import_module("torch").manual_seed(seed)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
