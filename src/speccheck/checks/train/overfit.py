"""Loss before and after a few training steps on one batch, and the parameters that moved.

A model that cannot reduce the loss on one batch learns nothing from many: a detached output, a frozen module, a wrong
target or a loss that ignores its input show here in seconds. With `model`, the losses that bound the ratio are measured
in eval mode, before the first and after the last step, so that dropout blurs neither; the steps run in train mode. With
`trainer`, an object whose `step()` does one step and returns its loss, they are those of its first and last step, both
before the update, and the data are whatever the trainer takes.

It cannot see whether anything generalises; a model that passes may have memorised a leak. Batch normalisation makes the
eval loss lag behind the training loss for as long as its running statistics do, and `ratio` means little for a loss
that may be negative. AdamW decays every weight that has a gradient, a zero one too, so under `adamw` a parameter that
moves need not learn: `adam` and `sgd` are without decay here. A sound parameter may be `unmoved`, where small steps
round to nothing in its type: `rounded_away` names it, and `unmoved: {same_as: rounded_away}` asks that all others move.

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
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from speccheck.sdk import Check, Context, Evidence, Finding, Metric, Value
from speccheck.sdk.modules import is_finite, norm
from speccheck.sdk.pictures import loss_curve, loss_series
from speccheck.sdk.rounding import RoundingWatch
from speccheck.sdk.training import (
    Training,
    TrainingRecipe,
    begin,
    broken_buffers,
    copied_buffers,
    copied_parameters,
    forward,
    frozen_buffers,
    moved_buffers,
    train,
    unmoved_parameters,
)

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Params(TrainingRecipe):
    """A model with its loss and batch, or a trainer; and how many steps."""


_NO_MODEL = "the trainer lacks a `model` that is a torch module with trainable parameters"

METRICS: Mapping[str, Metric] = {
    "initial_loss": Metric(kind="number", doc="loss before any step, in eval mode; of a trainer, its first step's"),
    "final_loss": Metric(kind="number", doc="loss after the last step, in eval mode; of a trainer, its last step's"),
    "ratio": Metric(kind="number", optional="initial_loss is 0", doc="final_loss / initial_loss"),
    "min_loss": Metric(kind="number", doc="the smallest of `losses`; NaN if any is"),
    "losses": Metric(kind="list", of="number", doc="loss of each step, in train mode, before its update"),
    "steps": Metric(kind="number", min=1, unit="steps", doc="steps taken"),
    "finite": Metric(kind="bool", doc="whether every loss, and at the end every parameter and buffer, is finite"),
    "moved": Metric(
        kind="number", min=0, optional=_NO_MODEL, doc="L2 distance of all parameters from where they started"
    ),
    "unmoved": Metric(
        kind="list",
        of="text",
        optional=_NO_MODEL,
        doc="parameters that require a gradient and are, at the end, bit for bit what they were",
    ),
    "rounded_away": Metric(
        kind="list",
        of="text",
        optional=_NO_MODEL,
        doc="those among `unmoved` with an update in some step, each of which was less than their numbers resolve: the "
        "gradient is not zero, nor is the learning rate",
    ),
    "moved_buffers": Metric(
        kind="list",
        of="text",
        optional=_NO_MODEL,
        doc="buffers that moved in modules whose parameters are all frozen at the end",
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Train; MeasurementError unless exactly one of model (with its loss) and trainer is given."""
    training = begin(params)
    model = training.model
    start, buffers = ({}, {}) if model is None else (copied_parameters(model), copied_buffers(model))
    initial = None if params.trainer is not None else _evaluated(training, params)
    watch = None if model is None else RoundingWatch(model, start, training.optimizers)
    losses = train(
        training,
        params.steps,
        before=watch.before if watch else lambda: None,
        after=(lambda loss: watch.after()) if watch else lambda loss: None,
        progress=context.progress,
    )
    if initial is None:
        metrics = _loss_metrics(losses[0], losses[-1], losses)
    else:
        metrics = _loss_metrics(initial, _evaluated(training, params), losses)
    if model is not None and watch is not None:
        metrics.update(_movement(start, model))
        metrics["rounded_away"] = [name for name in metrics["unmoved"] if name in watch.names()]
        fixed = set(frozen_buffers(model))
        metrics["moved_buffers"] = [name for name in moved_buffers(buffers, model) if name in fixed]
        whole = all(map(is_finite, model.parameters())) and not broken_buffers(buffers, model)
        metrics["finite"] = metrics["finite"] and whole
    unreached = Finding("the loss does not require a gradient: no parameter can learn from it")
    return _evidence(context, metrics, losses, () if training.connected else (unreached,))


def _evidence(
    context: Context, metrics: dict[str, Value], losses: list[float], findings: tuple[Finding, ...] = ()
) -> Evidence:
    artifacts, drawn = loss_curve(context, losses)
    series = {"loss": loss_series(losses)}
    return Evidence(metrics=metrics, series=series, findings=(*findings, *drawn), artifacts=artifacts)


def _evaluated(training: Training, params: Params) -> float:
    """The loss in eval mode, without a gradient; the model is in train mode again after."""
    import torch

    model = training.require_model()
    model.eval()
    with torch.no_grad():
        loss = float(forward(model, params))
    model.train()
    return loss


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


def _movement(start: Mapping[str, Tensor], model: nn.Module) -> dict[str, Value]:
    """How far the parameters are from where they started, and which of those to be trained are still there."""
    now = dict(model.named_parameters())
    changes = [now[name].detach() - tensor for name, tensor in start.items()]
    return {"moved": norm(changes), "unmoved": unmoved_parameters(start, model)}


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
