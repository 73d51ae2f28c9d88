"""Gradient of each parameter after one forward and one backward pass, and the parameters that the loss misses.

A branch that is detached, never called or multiplied by zero trains nothing, and neither the loss nor a global gradient
norm shows it. So norms are by parameter and by module, and ``without_gradient`` names every parameter that wants a
gradient and got none, or one that is exactly zero.

It sees one batch. A parameter that this batch does not use (the embedding of an absent token is a part of a tensor, an
expert not chosen a whole one) gets its gradient from another; that a gradient points downhill is for ``train.overfit``
to see.

```yaml
- id: gradients-reach-everything
  check: grad.flow
  with:
    model: $model
    inputs: [$tokens]
    loss: {function: m:next_token_loss, args: ["${output}", "${batch}"]}
  expect:
    without_gradient: {length: 0}
    nonfinite: {length: 0}
    modules.encoder.norm: {above: 1e-6}
```
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Fresh, Live, Metric, Value, param
from speccheck.sdk.modules import Mode, is_finite, is_zero, norm, require_module
from speccheck.sdk.training import Objective, forward_backward

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Params(Objective):
    """A model, what it is called with, and its loss."""

    model: Fresh[Any] = param("The torch module; a new instance, so that no gradient is left behind.")
    loss: Live[Callable[..., Any]] = param(
        "Gives one number; `${output}` and `${batch}` are filled in. A function without them is called with the "
        "output, and the batch if there is one.",
        fills=("output", "batch"),
    )
    mode: Mode = param("Whether the module is in train or eval mode.", default="train")


METRICS: Mapping[str, Metric] = {
    "loss": Metric(kind="number", doc="the loss before any step"),
    "grad.*.norm": Metric(
        kind="number", min=0, doc="L2 norm of the gradient of each parameter that requires one; 0 where it got none"
    ),
    "modules.*.norm": Metric(
        kind="number",
        min=0,
        optional="no direct child of the model has a parameter that requires a gradient",
        doc="L2 norm of the gradients of each direct child that has a parameter requiring one; a parameter that two "
        "share counts in both",
    ),
    "global_norm": Metric(kind="number", min=0, doc="L2 norm of all gradients together"),
    "without_gradient": Metric(
        kind="list", of="text", doc="parameters that require a gradient and got none, or one that is exactly zero"
    ),
    "nonfinite": Metric(kind="list", of="text", doc="parameters whose gradient has a NaN or an infinity in it"),
    "frozen": Metric(kind="list", of="text", doc="parameters that do not require a gradient"),
    "parameters": Metric(kind="number", min=1, unit="tensors", doc="parameter tensors, frozen ones too"),
    "elements": Metric(kind="number", min=1, doc="numbers in all parameter tensors, frozen ones too"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Run forward and backward once; MeasurementError when nothing in the model requires a gradient."""
    model = require_module(params.model())
    model.train(params.mode == "train")
    model.zero_grad(set_to_none=True)
    loss = forward_backward(model, params)
    named = dict(model.named_parameters())
    trained = {name: tensor for name, tensor in named.items() if tensor.requires_grad}
    norms = {name: norm(_gradients([tensor])) for name, tensor in trained.items()}
    without = [name for name, tensor in trained.items() if all(map(is_zero, _gradients([tensor])))]
    metrics: dict[str, Value] = {
        "loss": float(loss.detach()),
        "grad": {name: {"norm": value} for name, value in norms.items()},
        "modules": _modules(model),
        "global_norm": norm(_gradients(trained.values())),
        "without_gradient": without,
        "nonfinite": [name for name, tensor in trained.items() if not all(map(is_finite, _gradients([tensor])))],
        "frozen": [name for name in named if name not in trained],
        "parameters": len(named),
        "elements": sum(tensor.numel() for tensor in named.values()),
    }
    return Evidence(metrics=metrics, findings=_findings(loss, without, trained))


def _gradients(tensors: Iterable[Tensor]) -> list[Tensor]:
    return [tensor.grad for tensor in tensors if tensor.grad is not None]


def _modules(model: nn.Module) -> dict[str, dict[str, float]]:
    trained = {name: [p for p in child.parameters() if p.requires_grad] for name, child in model.named_children()}
    return {name: {"norm": norm(_gradients(tensors))} for name, tensors in trained.items() if tensors}


def _findings(loss: Tensor, without: list[str], named: Mapping[str, Tensor]) -> tuple[Finding, ...]:
    found = []
    if not loss.requires_grad:
        found.append(Finding("the loss does not require a gradient: nothing connects it with any parameter"))
    for name in without:
        why = "no gradient" if named[name].grad is None else "a gradient that is exactly zero"
        found.append(Finding(f"{name} got {why}", symbol=name))
    return tuple(found)


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
