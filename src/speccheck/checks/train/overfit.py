"""Whether a model can learn one batch by heart: the loss before and after a few steps on it, and what moved.

A model that cannot bring the loss down on one batch will learn nothing from many: a detached output, a frozen module,
a wrong target or a loss that ignores its input all show here in seconds. With `model`, the losses that bound the ratio
are measured in eval mode, before the first and after the last step, so that dropout blurs neither; the steps run in
train mode. With `trainer`, an object whose `step()` does one step and returns its loss, they are those of its first
and last step, both before the update, and the data are whatever the trainer takes.

It cannot see whether anything generalises; a model that passes may have memorised a leak. Batch normalisation makes
the eval loss lag behind the training loss for as long as its running statistics do, and `ratio` says little of a loss
that may be negative. AdamW decays every weight that has a gradient, a zero one too, so under `adamw` a parameter that
moves has not proved to learn: `adam` and `sgd` have no decay here.

```yaml
- id: overfits-one-batch
  check: train.overfit
  with:
    model: $model
    inputs: [$tokens]
    loss: {function: m:next_token_loss, args: ["${output}", "${batch}"]}
    steps: 100
    lr: 0.003
  expect:
    ratio: {max: 0.1}
    unmoved: {length: 0}
```
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from speccheck.sdk import Check, Context, Evidence, Finding, Fresh, Live, MeasurementError, Metric, Value, param
from speccheck.sdk.modules import backward, call_model, is_finite, loss_of, norm, require_module
from speccheck.sdk.pictures import loss_curve, loss_series
from speccheck.sdk.training import OptimizerName, build_optimizer, trained_model, trainer_step

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Params:
    """A model with its loss and batch, or a trainer; and how many steps."""

    steps: int = param("How many optimizer steps.", min=1)
    model: Fresh[Any] | None = param("The torch module to train; this, or `trainer`.", default=None)
    loss: Live[Callable[..., Any]] | None = param(
        "Gives one number; `${output}` and `${batch}` are filled in. A function without them is called with the "
        "output, and the batch if there is one. Needed with `model`.",
        default=None,
    )
    inputs: tuple[Live[Any], ...] = param("What the model is called with; the batch where there are none.", default=())
    batch: Live[Any] | None = param("What the loss sees as `${batch}`; the inputs where it is not given.", default=None)
    optimizer: OptimizerName = param("Adam, AdamW or SGD, with torch's defaults but for `lr`.", default="adam")
    lr: float = param("Learning rate of that optimizer.", default=1e-3, above=0)
    trainer: Fresh[Any] | None = param(
        "An object whose `step()` trains one step and returns its loss; used instead of `model`, `loss`, `inputs`, "
        "`batch`, `optimizer` and `lr`.",
        default=None,
    )


_NO_MODEL = "a trainer has no torch module with trainable parameters as its `model`"

METRICS: Mapping[str, Metric] = {
    "initial_loss": Metric(kind="number", doc="loss before any step, in eval mode; of a trainer, its first step's"),
    "final_loss": Metric(kind="number", doc="loss after the last step, in eval mode; of a trainer, its last step's"),
    "ratio": Metric(kind="number", optional="initial_loss is 0", doc="final_loss / initial_loss"),
    "min_loss": Metric(kind="number", doc="the smallest of `losses`; NaN if any is"),
    "losses": Metric(kind="list", of="number", doc="loss of each step, in train mode, before its update"),
    "steps": Metric(kind="number", min=1, unit="steps", doc="steps taken"),
    "finite": Metric(kind="bool", doc="whether every loss, and at the end every parameter, is finite"),
    "moved": Metric(
        kind="number", min=0, optional=_NO_MODEL, doc="L2 distance of all parameters from where they started"
    ),
    "unmoved": Metric(
        kind="list",
        of="text",
        optional=_NO_MODEL,
        doc="parameters that require a gradient and are, at the end, bit for bit what they were",
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Train; MeasurementError unless exactly one of model (with its loss) and trainer is given."""
    if (params.model is None) == (params.trainer is None):
        given = "both `model` and `trainer` are given" if params.model else "neither `model` nor `trainer` is given"
        raise MeasurementError(f"{given}; give exactly one")
    if params.trainer is not None:
        return _with_trainer(params.trainer(), params.steps, context)
    assert params.model is not None
    return _with_model(params.model(), params, context)


def _with_model(subject: Any, params: Params, context: Context) -> Evidence:
    import torch

    if params.loss is None:
        raise MeasurementError("`model` is given without `loss`; give the loss that is to fall")
    model = require_module(subject)
    trained = [tensor for tensor in model.parameters() if tensor.requires_grad]
    optimizer = build_optimizer(params.optimizer, trained, params.lr)
    start = _snapshot(model)
    initial = _evaluated(model, params, params.loss)
    losses: list[float] = []
    connected = True
    model.train()
    for step in range(params.steps):
        optimizer.zero_grad(set_to_none=True)
        with torch.enable_grad():
            output = call_model(model, params.inputs, params.batch)
            loss = loss_of(params.loss, output, params.inputs, params.batch)
            connected = backward(loss) and connected
        optimizer.step()
        losses.append(float(loss.detach()))
        _report(context, step, params.steps, losses[-1])
    final = _evaluated(model, params, params.loss)
    metrics = {**_loss_metrics(initial, final, losses), **_movement(start, model)}
    metrics["finite"] = metrics["finite"] and all(map(is_finite, model.parameters()))
    findings = () if connected else (Finding("the loss does not require a gradient: no parameter can learn from it"),)
    return _evidence(context, metrics, losses, findings)


def _with_trainer(trainer: Any, steps: int, context: Context) -> Evidence:
    model = trained_model(trainer)
    start = {} if model is None else _snapshot(model)
    losses: list[float] = []
    for step in range(steps):
        losses.append(trainer_step(trainer))
        _report(context, step, steps, losses[-1])
    metrics = _loss_metrics(losses[0], losses[-1], losses)
    if model is not None:
        metrics.update(_movement(start, model))
        metrics["finite"] = metrics["finite"] and all(map(is_finite, model.parameters()))
    return _evidence(context, metrics, losses)


def _evidence(
    context: Context, metrics: dict[str, Value], losses: list[float], findings: tuple[Finding, ...] = ()
) -> Evidence:
    artifacts, drawn = loss_curve(context, losses)
    series = {"loss": loss_series(losses)}
    return Evidence(metrics=metrics, series=series, findings=(*findings, *drawn), artifacts=artifacts)


def _report(context: Context, step: int, steps: int, loss: float) -> None:
    """Ten messages for a long training, one a step for a short one."""
    if (step + 1) % max(1, steps // 10) == 0:
        context.progress(f"step {step + 1} of {steps}: loss {loss:.4g}")


def _evaluated(model: nn.Module, params: Params, loss: Callable[..., Any]) -> float:
    """The loss in eval mode, without a gradient."""
    import torch

    model.eval()
    with torch.no_grad():
        output = call_model(model, params.inputs, params.batch)
        return float(loss_of(loss, output, params.inputs, params.batch))


def _loss_metrics(initial: float, final: float, losses: list[float]) -> dict[str, Value]:
    metrics: dict[str, Value] = {
        "initial_loss": initial,
        "final_loss": final,
        "min_loss": math.nan if any(map(math.isnan, losses)) else min(losses),
        "losses": losses,
        "steps": len(losses),
        "finite": all(map(math.isfinite, (initial, final, *losses))),
    }
    if initial != 0:
        metrics["ratio"] = final / initial
    return metrics


def _snapshot(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.named_parameters()}


def _movement(start: Mapping[str, Tensor], model: nn.Module) -> dict[str, Value]:
    """How far the parameters are from where they started, and which of those to be trained are still there."""
    import torch

    now = dict(model.named_parameters())
    changes = {name: now[name].detach() - tensor for name, tensor in start.items()}
    still = [name for name, tensor in start.items() if torch.equal(tensor, now[name].detach())]
    return {
        "moved": norm(changes.values()),
        "unmoved": [name for name in still if now[name].requires_grad],
    }


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
