"""Change of every parameter and module in one optimizer step, and the parameters that stay unchanged.

One forward and backward pass, one step, and the distance that each parameter moved, absolutely and as a part of its
norm. `frozen` are the parameters and buffers that the spec means to stay (names or patterns, `encoder.*`): the evidence
names parameters that are frozen without being declared so, and what is declared so and would learn, or moved all the
same. Buffers are state too: in train mode a frozen batch normalisation updates its running statistics, and the features
behind it change. `moved_buffers` names the buffers of frozen modules that the step changed, declared or not.

It matters because a gradient is not yet an update: an optimizer that was handed half of the parameters, a scheduler
that starts at zero, or a frozen encoder that nobody meant to freeze trains on and looks well.

A sound parameter may be unmoved too: in float32 the weights of a layer norm, near 1, take no update below 6e-8, which a
step of SGD along a small gradient is. `rounded_away` names these, so `unmoved: {same_as: rounded_away}` asks that all
others move; a higher `lr` or `adam` moves them. Of a trainer it sees the optimizers among its attributes alone.

It cannot see whether the update helps. AdamW decays what has a gradient of zero, so under `adamw` a parameter that
moves has not proved to learn: `without_gradient` names it still.

```yaml
- id: one-step-moves-everything
  check: grad.update
  with:
    model: $model
    inputs: [$tokens]
    loss: {function: m:next_token_loss, args: ["${output}", "${batch}"]}
    frozen: [positions]
  expect:
    unmoved: {length: 0}
    undeclared_frozen: {length: 0}
    declared_but_moving: {length: 0}
    modules.encoder.relative: {above: 1e-6}
```
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Fresh, MeasurementError, Metric, Value, param
from speccheck.sdk.modules import Mode, is_finite, is_zero, norm
from speccheck.sdk.rounding import rates, rounded_away
from speccheck.sdk.training import (
    OptimizerName,
    Recipe,
    begin,
    broken_buffers,
    copied_buffers,
    copied_parameters,
    frozen_buffers,
    moved_buffers,
    train,
    unmoved_parameters,
)

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Params(Recipe):
    """A model, what it is called with, its loss and optimizer; or a trainer."""

    model: Fresh[Any] | None = param("The torch module; this, or `trainer`.", default=None)
    optimizer: OptimizerName = param("Adam, AdamW or SGD, with torch's defaults but for `lr`.", default="sgd")
    lr: float = param("Learning rate of that optimizer.", default=1e-2, above=0)
    trainer: Fresh[Any] | None = param(
        "An object with a `model` whose `step()` trains one step; used instead of all of the above.", default=None
    )
    frozen: tuple[str, ...] = param("Parameters and buffers meant to stay, by name or pattern.", default=())
    mode: Mode = param("Whether the module is in train or eval mode; a trainer sets its own.", default="train")


_NO_CHILD = "no direct child of the model has a parameter"

METRICS: Mapping[str, Metric] = {
    "loss": Metric(kind="number", doc="the loss before the step"),
    "update.*.norm": Metric(kind="number", min=0, doc="L2 distance that each parameter moved"),
    "update.*.relative": Metric(
        kind="number", min=0, doc="the same as a part of the parameter's norm before", optional="the parameter was zero"
    ),
    "modules.*.norm": Metric(
        kind="number", min=0, doc="L2 distance that the parameters of each direct child moved", optional=_NO_CHILD
    ),
    "modules.*.relative": Metric(
        kind="number",
        min=0,
        doc="the same as a part of their norm before",
        optional=f"{_NO_CHILD}, or all are zero",
    ),
    "unmoved": Metric(
        kind="list", of="text", doc="parameters that require a gradient and are bit for bit what they were"
    ),
    "rounded_away": Metric(
        kind="list",
        of="text",
        doc="those among `unmoved` that an optimizer updates by less than their numbers resolve: the gradient is not "
        "zero, nor is the learning rate",
    ),
    "without_gradient": Metric(
        kind="list", of="text", doc="parameters that require a gradient and got none, or one that is exactly zero"
    ),
    "frozen": Metric(kind="list", of="text", doc="parameters that do not require a gradient"),
    "undeclared_frozen": Metric(kind="list", of="text", doc="those among them that `frozen` does not name"),
    "declared_but_moving": Metric(
        kind="list",
        of="text",
        doc="parameters that `frozen` names and that require a gradient, or moved; buffers that it names and that "
        "moved",
    ),
    "moved_buffers": Metric(
        kind="list", of="text", doc="buffers that moved in modules whose parameters are all frozen, declared so or not"
    ),
    "unmatched": Metric(kind="list", of="text", doc="names and patterns in `frozen` that no parameter or buffer has"),
    "finite": Metric(kind="bool", doc="the loss, and every parameter and buffer after the step, are finite"),
    "parameters": Metric(kind="number", min=1, unit="tensors", doc="parameter tensors, frozen ones too"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Take one step; MeasurementError unless exactly one of model (with its loss) and trainer is given."""
    if params.trainer is not None and params.mode != "train":
        raise MeasurementError(f"mode: {params.mode} does not reach a trainer, whose step() sets the mode of its model")
    training = begin(params, params.mode)
    model = training.require_model()
    before, buffers = copied_parameters(model), copied_buffers(model)
    rated = rates(training.optimizers)
    (loss,) = train(training, 1)
    after = dict(model.named_parameters())
    moved = {name: norm([after[name].detach().double() - tensor.double()]) for name, tensor in before.items()}
    unmoved = unmoved_parameters(before, model)
    metrics: dict[str, Value] = {
        "loss": loss,
        "update": {name: _update(moved[name], [tensor]) for name, tensor in before.items()},
        "modules": _modules(model, before, moved),
        "unmoved": unmoved,
        "rounded_away": rounded_away(unmoved, model, rated, rates(training.optimizers)),
        "without_gradient": [name for name, tensor in after.items() if tensor.requires_grad and _no_gradient(tensor)],
        **_frozen(params.frozen, model, before, buffers),
        "finite": all(map(is_finite, after.values())) and not broken_buffers(buffers, model) and loss - loss == 0,
        "parameters": len(after),
    }
    words = {
        "unmoved": "did not move",
        "rounded_away": "has a gradient, and its update rounds to zero",
        "undeclared_frozen": "is frozen, and not declared so",
        "declared_but_moving": "is declared frozen, and is not",
        "moved_buffers": "is a buffer of a frozen module, and moved",
    }
    findings = [Finding(f"{name} {text}", symbol=name) for key, text in words.items() for name in metrics[key]]
    return Evidence(metrics, findings=tuple(findings))


def _frozen(
    patterns: tuple[str, ...], model: nn.Module, before: Mapping[str, Tensor], buffers: Mapping[str, Tensor]
) -> dict[str, Value]:
    after = dict(model.named_parameters())
    declared = _declared(after, patterns)
    frozen = [name for name, tensor in after.items() if not tensor.requires_grad]
    still = {name for name, tensor in before.items() if _same(tensor, after[name])}
    changed, fixed = moved_buffers(buffers, model), set(frozen_buffers(model))
    moving = [name for name in declared if name not in frozen or name not in still]
    return {
        "frozen": frozen,
        "undeclared_frozen": [name for name in frozen if name not in declared],
        "declared_but_moving": [*moving, *_declared(changed, patterns)],
        "moved_buffers": [name for name in changed if name in fixed],
        "unmatched": [pattern for pattern in patterns if not _declared((*after, *buffers), [pattern])],
    }


def _declared(names: Iterable[str], patterns: Iterable[str]) -> list[str]:
    return [name for name in names if any(fnmatchcase(name, pattern) for pattern in patterns)]


def _modules(model: nn.Module, before: Mapping[str, Tensor], moved: Mapping[str, float]) -> dict[str, dict[str, float]]:
    found = {}
    for child, module in model.named_children():
        names = [name for key, _ in module.named_parameters() if (name := f"{child}.{key}") in before]
        if names:
            distance = sum(moved[name] ** 2 for name in names) ** 0.5
            found[child] = _update(distance, [before[name] for name in names])
    return found


def _update(distance: float, before: Iterable[Tensor]) -> dict[str, float]:
    base = norm(before)
    return {"norm": distance, "relative": distance / base} if base else {"norm": distance}


def _same(before: Tensor, after: Tensor) -> bool:
    import torch

    return torch.equal(before, after.detach())


def _no_gradient(tensor: Tensor) -> bool:
    return tensor.grad is None or is_zero(tensor.grad)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
