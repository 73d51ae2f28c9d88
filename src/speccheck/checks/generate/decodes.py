"""Decoding of generated ids: once per seed, ids are generated and decoded, and the results counted.

A generator that now and then emits an id of another modality, or a decoder that takes some sequences and not others,
crashes one run in ten. An attempt that raises is counted and its message kept, not an error of the measurement: that it
fails is what is measured. Before each attempt the global random generators are seeded with the attempt's seed, so a
generator without `${seed}` differs between attempts too.

It cannot see whether the output is any good; constant ids, constant output, silence of full length and ids outside
their range that the decoder happens to take all decode, so ask for `distinct`, `distinct_outputs` and `outside` too.

```yaml
- id: generated-audio-decodes
  check: generate.decodes
  with:
    generate: {function: m:generate_audio, args: [$model, $tokenizer, 32], kwargs: {seed: "${seed}"}}
    range: $tokenizer.audio_range
    seeds: [0, 1, 2, 3]
  expect:
    decoded: {same_as: attempts}
    outside: 0
    empty: 0
    finite: true
    distinct_outputs: {min: 2}
```
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from speccheck.sdk import (
    Check,
    Context,
    Evidence,
    Finding,
    Live,
    MeasurementError,
    Metric,
    PartialCall,
    Value,
    fill,
    param,
)
from speccheck.sdk.calling import require_filled, spread
from speccheck.sdk.comparison import ROOT, Leaves, count, equal, leaves, numeric
from speccheck.sdk.modules import seed_all


@dataclass(frozen=True)
class Params:
    """The functions that generate and decode, and the seeds."""

    generate: Live[Callable[..., Any]] = param(
        "Gives ids (a tensor, array or list), or a tuple that starts with them; without `decode`, the pair of ids and "
        "what they decode to. `${seed}` is filled in; a function without it gets the seed as its next argument, if it "
        "takes one more.",
        fills=("seed",),
    )
    decode: Live[Callable[..., Any]] | None = param(
        "Decodes what `generate` gave; a tuple is spread over its arguments. None where `generate` decodes itself.",
        default=None,
        fills=(),
    )
    seeds: tuple[int, ...] = param("One attempt for each; none twice.", default=(0, 1, 2), min_length=1)
    range: Live[Any] | None = param("The ids allowed, `[start, end]`, both included.", default=None)


METRICS: Mapping[str, Metric] = {
    "attempts": Metric(kind="number", min=1, doc="attempts made, one per seed"),
    "decoded": Metric(kind="number", min=0, doc="attempts whose ids were generated and decoded without an exception"),
    "failures": Metric(kind="list", of="text", doc="of each attempt that raised: seed, phase and exception"),
    "lengths": Metric(kind="list", of="number", unit="ids", min=0, doc="ids of each attempt that generated any"),
    "distinct": Metric(kind="number", min=0, unit="ids", doc="distinct ids over all attempts"),
    "distinct_outputs": Metric(kind="number", min=0, doc="distinct decoded outputs, compared bit for bit"),
    "outside": Metric(
        kind="number",
        min=0,
        unit="ids",
        optional="no range is given, or nothing was generated",
        doc="ids below the start or above the end of the range, over all attempts",
    ),
    "empty": Metric(
        kind="number", min=0, optional="nothing was decoded", doc="decoded outputs of zero length in all their parts"
    ),
    "finite": Metric(
        kind="bool",
        optional="nothing that was decoded holds numbers",
        doc="whether every number in the decoded outputs is finite",
    ),
}


@dataclass
class _Tally:
    """Counts and results of the attempts so far."""

    ids: list[list[float]] = field(default_factory=list)
    outputs: list[Leaves] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


def measure(params: Params, context: Context) -> Evidence:
    """Generate and decode once per seed; MeasurementError when the results have another form than is asked for."""
    import torch

    if len(set(params.seeds)) < len(params.seeds):
        raise MeasurementError(f"`seeds` holds a seed twice, whose attempts are one: {list(params.seeds)}")
    require_filled(params.generate, "generate", "seed")
    require_filled(params.decode, "decode")
    start_end = None if params.range is None else _limits(params.range)
    tally = _Tally()
    with torch.no_grad():
        for seed in params.seeds:
            _attempt(params, seed, tally)
    every_id = [number for ids in tally.ids for number in ids]
    metrics: dict[str, Value] = {
        "attempts": len(params.seeds),
        "decoded": len(tally.outputs),
        "failures": tally.failures,
        "lengths": [len(ids) for ids in tally.ids],
        "distinct": len(set(every_id)),
        "distinct_outputs": _distinct(tally.outputs),
    }
    if start_end is not None and every_id:
        start, end = start_end
        metrics["outside"] = sum(not start <= number <= end for number in every_id)
    if tally.outputs:
        metrics["empty"] = sum(map(_is_empty, tally.outputs))
    finite = _finite(tally.outputs)
    if finite is not None:
        metrics["finite"] = finite
    return Evidence(metrics=metrics, findings=tuple(Finding(text) for text in tally.failures))


def _attempt(params: Params, seed: int, tally: _Tally) -> None:
    """One seed: what it generated and decoded, or the phase in which it raised, goes into the tally."""
    seed_all(seed)
    try:
        generated = _generated(params.generate, seed)
    except Exception as error:  # noqa: BLE001 - that audited code raises, whatever it raises, is what is measured
        tally.failures.append(_failure(seed, "generate", error))
        return
    ids, decoded = _parts(generated, params.decode is not None)
    tally.ids.append(_numbers(ids))
    if params.decode is not None:
        try:
            decoded = spread(params.decode, generated)
        except Exception as error:  # noqa: BLE001 - as above
            tally.failures.append(_failure(seed, "decode", error))
            return
    tally.outputs.append(leaves(decoded))


def _generated(generate: Callable[..., Any], seed: int) -> Any:
    if isinstance(generate, PartialCall) and generate.placeholders:
        return fill(generate, seed=seed)
    return generate(seed) if _takes_one_more(generate) else generate()


def _takes_one_more(function: Callable[..., Any]) -> bool:
    """Whether one more positional argument fits, which is then the seed; a builtin without a signature is not asked."""
    target, args, kwargs = function, (), {}
    if isinstance(function, PartialCall):
        target, args, kwargs = function.function, function.args, function.kwargs
    try:
        inspect.signature(target).bind(*args, 0, **kwargs)
    except (TypeError, ValueError):
        return False
    return True


def _parts(generated: Any, to_decode: bool) -> tuple[Any, Any]:
    """The ids, and what they decode to where the generator decodes itself."""
    if to_decode:
        return (generated[0] if isinstance(generated, tuple) and generated else generated), None
    if not isinstance(generated, tuple) or len(generated) != 2:
        raise MeasurementError(
            f"`generate` gave a {type(generated).__name__}, not the pair (ids, decoded); give `decode`, "
            "or a `generate` that decodes"
        )
    return generated


def _numbers(ids: Any) -> list[float]:
    """The ids as a flat list, of any shape."""
    array = numeric(leaves(ids).get(ROOT))
    if array is None:
        raise MeasurementError(
            f"the ids are a {type(ids).__name__}; let `generate` give a tensor, an array or a list of numbers"
        )
    return list(array.reshape(-1).tolist())


def _limits(value: Any) -> tuple[float, float]:
    limits = _numbers(value)
    if len(limits) != 2 or not limits[0] <= limits[1]:
        raise MeasurementError(f"`range` is {limits}, not [start, end]")
    return limits[0], limits[1]


def _distinct(outputs: list[Leaves]) -> int:
    """How many of the outputs equal none before them."""
    found: list[Leaves] = []
    for output in outputs:
        if not any(equal(output, other) for other in found):
            found.append(output)
    return len(found)


def _is_empty(output: Leaves) -> bool:
    """Whether no part that has a length has any; single numbers beside it, such as a rate, do not fill it."""
    sized = [leaf for leaf in output.values() if not isinstance(leaf, (bool, int, float, complex))]
    return not any(map(count, sized)) and (bool(sized) or not output)


def _finite(outputs: list[Leaves]) -> bool | None:
    """Whether every number is finite; None without a number."""
    import numpy as np

    arrays = [array for output in outputs for leaf in output.values() if (array := numeric(leaf)) is not None]
    filled = [array for array in arrays if array.size]
    return all(bool(np.isfinite(array).all()) for array in filled) if filled else None


def _failure(seed: int, phase: str, error: Exception) -> str:
    return f"seed {seed}: {phase} raised {type(error).__name__}: {error}"


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
