"""Parts of the output that depend on each input, or on each region of one input.

Each region in turn is disturbed with seeded noise, the model called again, and every part of the output compared with
what it was. Regions and parts are masks of bools over the first axes of the input and of the output (all of it where
none is given), so that *visible tokens move the predictions at masked places* and *masked tokens move nothing* are two
expectations on one entry.

It matters because a model may train well and ignore what it should use: predictions that are a learned constant, an
attention mask the wrong way round, or a target that leaks into its own prediction.

It cannot see whether the dependence is the right one, nor one that this input hides (a unit that is off, a token that
this mask leaves out). A change as small as rounding counts as one: `change` is its size.

```yaml
- id: masked-predictions-use-visible-tokens
  check: model.depends
  with:
    model: $model
    inputs: [$tokens, $mask]
    regions: {visible: {expr: ~mask}, masked: $mask}
    outputs: {at_masked: $mask}
    expected: {visible: [at_masked], masked: []}
  expect:
    mismatches: {length: 0}
    change.visible.at_masked: {above: 1e-4}
    change.masked.at_masked: 0
    repeats: true
```
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.modules import Mode, float_tensors, in_asked_mode

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_ALL = "all"


@dataclass(frozen=True)
class Params:
    """A model, its inputs, and which of their parts are disturbed and watched."""

    model: Live[Callable[..., Any]] = param("the torch module, or a function or method that calls one", fills=())
    inputs: tuple[Live[Any], ...] = param("positional arguments of the call", min_length=1)
    regions: Mapping[str, Live[Any]] = param(
        "masks of bools over the first axes of one input, by name; where none is given, each floating-point input as a "
        "whole (`0`, `1`)",
        default={},
    )
    region_input: int = param("which input those masks are of", default=0, min=0)
    outputs: Mapping[str, Live[Any]] = param(
        "masks of bools over the first axes of the output's first tensor, by name; where none is given, all tensors of "
        "the output as a whole (`all`)",
        default={},
    )
    expected: Mapping[str, tuple[str, ...]] = param("for a region, the parts it moves, and no others", default={})
    scale: float = param("standard deviation of the noise, in those of the input", default=1.0, above=0)
    mode: Mode | None = param("mode of the module during the calls, restored after; eval when not given", default=None)


METRICS: Mapping[str, Metric] = {
    "change.*.*": Metric(
        kind="number",
        min=0,
        doc="largest |difference| of a part of the output when a region is disturbed, by both names",
    ),
    "moved.*.*": Metric(
        kind="number", min=0, max=1, doc="share of the elements of the part that differ, by both names"
    ),
    "moves.*": Metric(kind="list", of="text", doc="parts that each region moves"),
    "unmoved": Metric(kind="list", of="text", doc="regions that move no part"),
    "mismatches": Metric(
        kind="list",
        of="text",
        doc="`region -> part` where that differs from `expected`",
        optional="`expected` is not given",
    ),
    "repeats": Metric(kind="bool", doc="called again with nothing disturbed, the model gave the same"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Disturb and call; MeasurementError for masks that do not fit, or a name in `expected` that there is not."""
    import torch

    generator = torch.Generator().manual_seed(context.seed)
    change: dict[str, dict[str, float]] = {}
    moved: dict[str, dict[str, float]] = {}
    regions = _regions(params)
    with torch.no_grad(), in_asked_mode(params.mode, params.model, otherwise="eval"):
        first = _output(params, params.inputs)
        parts = _parts(params, first[0])
        for name, at, region in regions:
            inputs = list(params.inputs)
            inputs[at] = _disturbed(inputs[at], region, params.scale, generator)
            different = _differences(first, _output(params, inputs))
            shares = {part: _share(different, mask) for part, mask in parts.items()}
            change[name] = {part: largest for part, (largest, _) in shares.items()}
            moved[name] = {part: share for part, (_, share) in shares.items()}
        repeats = not bool(_differences(first, _output(params, params.inputs)).any())
    return _evidence(params, change, moved, repeats)


def _evidence(
    params: Params, change: dict[str, dict[str, float]], moved: dict[str, dict[str, float]], repeats: bool
) -> Evidence:
    moves = {region: [part for part, share in parts.items() if share > 0] for region, parts in moved.items()}
    metrics: dict[str, Value] = {
        "change": change,
        "moved": moved,
        "moves": moves,
        "unmoved": [region for region, parts in moves.items() if not parts],
        "repeats": repeats,
    }
    wrong = []
    if params.expected:
        known = {part for parts in change.values() for part in parts}
        for region, wanted in params.expected.items():
            strange = [region] if region not in change else sorted(set(wanted) - known)
            if strange:
                raise MeasurementError(f"`expected` names {strange[0]}; there are {sorted(change)} and {sorted(known)}")
            wrong += [
                (region, part, part in wanted) for part in change[region] if (part in wanted) != (part in moves[region])
            ]
        metrics["mismatches"] = [f"{region} -> {part}" for region, part, _ in wrong]
    findings = tuple(
        Finding(f"{region} {'does not move' if wanted else 'moves'} {part}", symbol=region)
        for region, part, wanted in wrong
    )
    rows = tuple((r, p, change[r][p], moved[r][p]) for r in change for p in change[r])
    table = Table(("region", "part", "largest change", "share moved"), rows, title="what moves what")
    return Evidence(metrics, tables={"dependence": table}, findings=findings)


def _output(params: Params, inputs: Sequence[Any]) -> list[Tensor]:
    """The floating-point tensors of the output; the first alone where masks name its parts."""
    output = [tensor.clone() for tensor in float_tensors(params.model(*inputs))]
    if not output:
        raise MeasurementError("the output holds no floating-point tensor")
    return output[:1] if params.outputs else output


def _regions(params: Params) -> list[tuple[str, int, Tensor | None]]:
    """Name, input and mask of each region; None for all of the input."""
    import torch

    if not params.regions:
        wholes = [
            (str(at), at, None)
            for at, value in enumerate(params.inputs)
            if isinstance(value, torch.Tensor) and value.is_floating_point()
        ]
        if not wholes:
            raise MeasurementError("no input is a floating-point tensor, so none can be disturbed")
        return list(wholes)
    if params.region_input >= len(params.inputs):
        raise MeasurementError(f"region_input: {params.region_input} of {len(params.inputs)} inputs")
    value = params.inputs[params.region_input]
    if not isinstance(value, torch.Tensor) or not value.is_floating_point():
        raise MeasurementError(f"input {params.region_input} is not a floating-point tensor, so it cannot be disturbed")
    return [(name, params.region_input, _mask(mask, value, name)) for name, mask in params.regions.items()]


def _parts(params: Params, output: Tensor) -> dict[str, Tensor | None]:
    if not params.outputs:
        return {_ALL: None}
    return {name: _mask(mask, output, name) for name, mask in params.outputs.items()}


def _mask(value: Any, of: Tensor, name: str) -> Tensor:
    import torch

    mask = torch.as_tensor(value)
    if mask.dtype is not torch.bool or mask.shape != of.shape[: mask.ndim] or not mask.ndim:
        given = f"{str(mask.dtype).removeprefix('torch.')}{list(mask.shape)}"
        raise MeasurementError(f"{name} is {given}, no mask of bools over the first axes of {list(of.shape)}")
    if not bool(mask.any()):
        raise MeasurementError(f"{name} is a mask that holds nowhere: there is nothing to disturb or to watch")
    return mask


def _disturbed(value: Tensor, region: Tensor | None, scale: float, generator: torch.Generator) -> Tensor:
    import torch

    spread = float(value.double().std(correction=0)) or 1.0
    noise = torch.randn(value.shape, generator=generator).to(value) * (scale * spread)
    if region is None:
        return value + noise
    changed = value.clone()
    changed[region] += noise[region]
    return changed


def _differences(first: Sequence[Tensor], again: Sequence[Tensor]) -> Tensor:
    """|again - first| in float64, 0 where both are the same, NaN on both sides included; of several tensors flat."""
    import torch

    if len(first) != len(again):
        raise MeasurementError(f"the output held {len(first)} tensors, and then {len(again)}")
    found = [_difference(*pair) for pair in zip(first, again, strict=True)]
    return found[0] if len(found) == 1 else torch.cat([tensor.flatten() for tensor in found])


def _difference(first: Tensor, again: Tensor) -> Tensor:
    if first.shape != again.shape:
        raise MeasurementError(f"the output changed its shape, from {list(first.shape)} to {list(again.shape)}")
    same = (first == again) | (first.isnan() & again.isnan())
    return (again.double() - first.double()).abs().masked_fill(same, 0.0)


def _share(different: Tensor, mask: Tensor | None) -> tuple[float, float]:
    chosen = different if mask is None else different[mask]
    return float(chosen.max()), float((chosen != 0).double().mean())


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
