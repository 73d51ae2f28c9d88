"""Dependence of a masked loss on visible tokens and on the share of masked ones.

For each mask ratio a seeded mask is drawn with the same number of masked tokens in every row, and the loss is called on
predictions that are right everywhere, wrong at visible tokens only, off by `offset` at masked tokens only, and wrong at
both. Measures each of these losses, how far the masked ones differ over the ratios, the largest gradient that a visible
token gets, and the share of the masked elements that get one at all.

It matters because a loss over all tokens also falls, looks plausible and teaches copying: it shows here as a loss that
is not 0 when only visible tokens are wrong, and whose value follows the ratio. A loss over a part of the masked tokens,
the first of them or those of the first row, has the right value where all are off alike; `masked_reached` shows it.

It cannot see which tokens the training loop masks, nor whether `mask` there is true for masked or for visible tokens:
only that the loss takes it so here.

```yaml
- id: loss-counts-masked-tokens
  check: loss.masked
  with:
    loss: {function: m:masked_mse, args: ["${output}", "${batch.target}", "${batch.mask}"]}
    target: $tokens
    ratios: [0.25, 0.5, 0.75, 0.9]
  expect:
    visible.*: 0
    masked.*: {equals: 1, tolerance: 1e-6}
    both.*: {equals: 1, tolerance: 1e-6}
    visible_gradient: 0
    masked_reached: 1
```
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from speccheck.sdk import (
    Check,
    Context,
    Evidence,
    Finding,
    Live,
    MeasurementError,
    Metric,
    PartialCall,
    Table,
    Value,
    param,
)

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class _Batch(NamedTuple):
    """The value of `${batch}`."""

    target: Tensor
    mask: Tensor


@dataclass(frozen=True)
class Params:
    """The loss, what it is called with, and how wrong the predictions are made."""

    loss: Live[Callable[..., Any]] = param(
        "gives one number; `${output}` (the predictions), `${batch.target}` and `${batch.mask}` are filled in. A "
        "function "
        "without them is called with the three in that order",
        fills=("output", "batch"),
    )
    target: Live[Any] = param("targets [rows, tokens, ...]: a floating-point tensor")
    ratios: tuple[float, ...] = param("shares of tokens masked", default=(0.25, 0.5, 0.75), min_length=1)
    offset: float = param("how far masked predictions are off", default=1.0)
    visible_offset: float = param("how far visible predictions are off", default=100.0)
    masked_is: bool = param("what the mask holds at masked tokens", default=True)
    mask_dtype: Literal["bool", "float32", "int64"] = param("element type of the mask", default="bool")
    seed: int | None = param("seed of the masks; the entry's when not given", default=None)


METRICS: Mapping[str, Metric] = {
    "perfect.{ratios}": Metric(kind="number", doc="loss when nothing is wrong, by ratio"),
    "visible.{ratios}": Metric(kind="number", doc="loss when only visible tokens are wrong, by ratio"),
    "masked.{ratios}": Metric(kind="number", doc="loss when masked tokens are off by `offset`, by ratio"),
    "both.{ratios}": Metric(kind="number", doc="loss when visible and masked tokens are wrong, by ratio"),
    "masked_spread": Metric(kind="number", min=0, doc="greatest less smallest of `masked`, over the ratios"),
    "visible_gradient": Metric(
        kind="number",
        min=0,
        doc="largest absolute gradient at a visible prediction, over the ratios",
        optional="the loss carries no gradient to the predictions",
    ),
    "masked_gradient": Metric(
        kind="number",
        min=0,
        doc="largest absolute gradient at a masked prediction, over the ratios",
        optional="the loss carries no gradient to the predictions",
    ),
    "masked_reached": Metric(
        kind="number",
        min=0,
        max=1,
        doc="share of the masked elements of the prediction whose gradient is not 0 when masked tokens are off by "
        "`offset`: the smallest over the ratios, and 0 for a loss without gradient",
    ),
    "masked_tokens.{ratios}": Metric(kind="number", min=1, doc="masked tokens in each row, by ratio"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Call the loss; MeasurementError for targets without rows and tokens, or a ratio that masks none or all."""
    import torch

    target = params.target
    if not isinstance(target, torch.Tensor) or not target.is_floating_point() or target.ndim < 2 or not target.numel():
        raise MeasurementError("`target` must be a floating-point torch tensor [rows, tokens, ...]")
    target = target.detach()
    generator = torch.Generator().manual_seed(context.seed if params.seed is None else params.seed)
    names = ("perfect", "visible", "masked", "both", "masked_tokens")
    metrics: dict[str, Value] = {name: {} for name in names}
    gradients: list[tuple[float, float]] = []
    reached: list[float] = []
    for ratio in params.ratios:
        mask = _mask(target, ratio, generator)
        for name, amount in _amounts(params, target, mask).items():
            value, gradient = _loss(params, target, amount, mask)
            metrics[name][str(ratio)] = value
            if name == "masked":
                reached.append(0.0 if gradient is None else _reached(gradient[mask]))
            if gradient is not None and name == "both":
                gradients.append((_largest(gradient[~mask]), _largest(gradient[mask])))
        metrics["masked_tokens"][str(ratio)] = int(mask[0].sum())
    masked = list(metrics["masked"].values())
    metrics["masked_spread"] = math.nan if any(map(math.isnan, masked)) else max(masked) - min(masked)
    metrics["masked_reached"] = min(reached)
    if gradients:
        metrics["visible_gradient"] = _greatest(visible for visible, _ in gradients)
        metrics["masked_gradient"] = _greatest(hidden for _, hidden in gradients)
    return _evidence(metrics, names)


def _evidence(metrics: dict[str, Value], names: tuple[str, ...]) -> Evidence:
    ratios = list(metrics["masked"])
    rows = tuple((ratio, *(metrics[name][ratio] for name in names)) for ratio in ratios)
    counted = [ratio for ratio in ratios if metrics["visible"][ratio] != metrics["perfect"][ratio]]
    findings = tuple(
        Finding(
            f"at ratio {ratio} the loss moves from {metrics['perfect'][ratio]:.6g} to "
            f"{metrics['visible'][ratio]:.6g} when only visible tokens are wrong"
        )
        for ratio in counted
    )
    return Evidence(metrics, tables={"losses": Table(("ratio", *names), rows)}, findings=findings)


def _amounts(params: Params, target: Tensor, mask: Tensor) -> dict[str, Tensor]:
    """How far each prediction is off the target, by name."""
    import torch

    shaped = mask.reshape(*mask.shape, *(1,) * (target.ndim - 2))
    return {
        "perfect": torch.zeros_like(target),
        "visible": torch.where(shaped, 0.0, params.visible_offset).to(target.dtype),
        "masked": torch.where(shaped, params.offset, 0.0).to(target.dtype),
        "both": torch.where(shaped, params.offset, params.visible_offset).to(target.dtype),
    }


def _mask(target: Tensor, ratio: float, generator: torch.Generator) -> Tensor:
    """True at masked tokens: [rows, tokens], as many in each row."""
    import torch

    rows, tokens = target.shape[:2]
    count = round(ratio * tokens)
    if not 0 < count < tokens:
        raise MeasurementError(f"ratio {ratio} of {tokens} tokens masks {count}: some must be masked, and some not")
    chosen = torch.rand(rows, tokens, generator=generator).argsort(dim=1)[:, :count]
    return torch.zeros(rows, tokens, dtype=torch.bool).scatter_(1, chosen, True).to(target.device)


def _loss(params: Params, target: Tensor, amount: Tensor, mask: Tensor) -> tuple[float, Tensor | None]:
    """The loss, and the gradient at the predictions if there is one."""
    import torch

    given = (mask if params.masked_is else ~mask).to(getattr(torch, params.mask_dtype))
    with torch.enable_grad():
        pred = (target + amount).requires_grad_()
        value = _called(params.loss, pred, _Batch(target.clone(), given))
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    if tensor.numel() != 1:
        raise MeasurementError(f"the loss has shape {list(tensor.shape)}; give a loss that is one number")
    gradient = None
    if tensor.requires_grad:
        gradient = torch.autograd.grad(tensor.reshape(()), pred, allow_unused=True)[0]
    return float(tensor.detach()), gradient


def _called(loss: Callable[..., Any], pred: Tensor, batch: _Batch) -> Any:
    if isinstance(loss, PartialCall) and loss.placeholders:
        return loss.filled({"output": pred, "batch": batch})
    return loss(pred, batch.target, batch.mask)


def _largest(gradient: Tensor) -> float:
    return float(gradient.abs().max()) if gradient.numel() else 0.0


def _greatest(sizes: Iterable[float]) -> float:
    """The greatest; NaN if any of them is."""
    return max(sizes, key=lambda size: (math.isnan(size), size))


def _reached(gradient: Tensor) -> float:
    """The share of elements that are not 0; NaN teaches nothing, and counts as 0."""
    return int(gradient.nan_to_num(nan=0.0).count_nonzero()) / gradient.numel()


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
