"""Losses, norms, predictions, activations and warnings of a few training steps, taken twice.

Runs `steps` steps of a model with its loss on one batch, or of a trainer whose `step()` gives its loss, and records at
each the loss, the norm of all gradients and of each direct child's, the norm of the parameters before the update, and
mean, standard deviation and largest absolute value of the prediction and of the modules in `activations`. Then it does
the same again from a new instance under the same seed: `repeat_identical` is whether every number is the same, and at
the end every parameter and buffer.

It matters because a first run that looks alive hides much: a NaN that comes at step 3, an encoder without gradient
under a norm that is not zero, a mask drawn from a generator nobody seeded, a warning that scrolled by. `spread` shows
what a final LayerNorm hides in the standard deviation of `latent`, and `latent_change` an encoder that no step moves.

It cannot see a loss that falls for the wrong reason, nor warnings that C++ prints or loggers take. Of a module that is
called several times in a step the last call counts. A trainer must leave its gradients in place for their norms, which
are those after clipping, if it clips; `grad.flow` measures them before. A sound parameter may be `unmoved`, where small
steps round to nothing in its type: `rounded_away` names it.

```yaml
- id: five-steps
  check: train.steps
  with:
    model: $model
    inputs: [$tokens, $mask]
    loss: {function: m:masked_mse, args: ["${output}", $tokens, $mask]}
    steps: 5
    activations: [in_proj, encoder, out_proj]
    latent: encoder
  expect:
    finite: true
    repeat_identical: true
    warnings: 0
    unrecorded: {length: 0}
    module_grad_norms.*: {each: {above: 0}}
    spread.row_std: {min: 0.1}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.checks.train._stepping import Record, watch
from speccheck.sdk import Check, Context, Evidence, Finding, Fresh, Metric, Value, param
from speccheck.sdk.features import SPREAD
from speccheck.sdk.pictures import loss_curve, loss_series
from speccheck.sdk.training import OptimizerName, TrainingRecipe
from speccheck.sdk.wording import counted

_SHOWN = 10


@dataclass(frozen=True)
class Params(TrainingRecipe):
    """A model with its loss and batch, or a trainer; how many steps, and what is watched."""

    optimizer: OptimizerName = param("Adam, AdamW or SGD, with torch's defaults but for `lr`.", default="adamw")
    trainer: Fresh[Any] | None = param(
        "An object with a `model` whose `step()` trains one step and returns its loss; used instead of `model`, "
        "`loss`, `inputs`, `batch`, `optimizer` and `lr`.",
        default=None,
    )
    activations: tuple[str, ...] = param("Modules whose outputs are recorded, by dotted name in the model.", default=())
    latent: str | None = param("The module whose output is the latent features.", default=None)
    repeat: bool = param("Do it all twice, each time under the entry's seed.", default=True)
    origins: tuple[str, ...] = param("Warnings are counted for each text, as part of `module:Category`.", default=())


_NO_LATENT = "`latent` is not given, or was not recorded"
_LISTED = "by step"

METRICS: Mapping[str, Metric] = {
    "steps": Metric(kind="number", min=1, doc="steps taken", unit="steps"),
    "loss": Metric(kind="list", of="number", doc=f"loss before the update, {_LISTED}"),
    "grad_norm": Metric(kind="list", of="number", min=0, doc=f"L2 norm of all gradients, {_LISTED}"),
    "param_norm": Metric(
        kind="list", of="number", min=0, doc=f"L2 norm of all parameters before the update, {_LISTED}"
    ),
    "pred_mean": Metric(kind="list", of="number", doc=f"mean of the model's output, {_LISTED}"),
    "pred_std": Metric(kind="list", of="number", min=0, doc=f"population standard deviation of the output, {_LISTED}"),
    "pred_absmax": Metric(kind="list", of="number", min=0, doc=f"largest absolute value of the output, {_LISTED}"),
    "module_grad_norms": Metric(
        kind="mapping", of="list", min=0, doc=f"L2 norm of the gradients of each direct child of the model, {_LISTED}"
    ),
    "module_updates": Metric(
        kind="mapping",
        of="number",
        min=0,
        doc="L2 distance that the parameters of each direct child moved over all steps, as a part of their norm before",
    ),
    "unmoved": Metric(
        kind="list", of="text", doc="parameters that require a gradient and are bit for bit what they were"
    ),
    "rounded_away": Metric(
        kind="list",
        of="text",
        doc="those among `unmoved` with an update in some step, each of which was less than their numbers resolve: the "
        "gradient is not zero, nor is the learning rate",
    ),
    "moved_buffers": Metric(
        kind="list", of="text", doc="buffers that moved in modules whose parameters are all frozen at the end"
    ),
    "without_gradient": Metric(
        kind="list", of="text", doc="parameters that require a gradient and got none but zero in any step"
    ),
    **{
        f"activations.{{activations}}.{name}": Metric(
            kind="list",
            of="number",
            min=None if name == "mean" else 0,
            doc=f"{name} of each module's output, {_LISTED}",
            optional="the module is not there or was not called: `unrecorded` names it",
        )
        for name in ("mean", "std", "absmax")
    },
    "unrecorded": Metric(kind="list", of="text", doc="modules asked for that are not there or were not called"),
    **{
        f"spread.{name}": Metric(
            kind=metric.kind,
            min=metric.min,
            max=metric.max,
            doc=f"of the latent features at the last step: {metric.doc}",
            optional="; or ".join(filter(None, (_NO_LATENT, metric.optional))),
        )
        for name, metric in SPREAD.items()
    },
    "latent_change": Metric(
        kind="number",
        min=0,
        optional=_NO_LATENT,
        doc="L2 distance of the latent features of the last step from those of the first, as a part of their norm "
        "there",
    ),
    "finite": Metric(kind="bool", doc="every number recorded and, at the end, every parameter and buffer is finite"),
    "nonfinite": Metric(kind="list", of="text", doc="what was not, and at which step (from 0)"),
    "warnings": Metric(kind="number", min=0, doc="warnings raised"),
    "warnings_by_origin": Metric(kind="mapping", of="number", min=0, doc="warnings by `module:Category`"),
    "warnings_from.{origins}": Metric(kind="number", min=0, doc="warnings whose origin holds that text"),
    "repeat_identical": Metric(
        kind="bool",
        doc="a second run gave the same numbers, parameters and buffers, bit for bit",
        optional="`repeat` is false",
    ),
    "repeat_differing": Metric(
        kind="list", of="text", doc="what differed, and from which step on", optional="`repeat` is false"
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Train; MeasurementError unless exactly one of model (with its loss) and trainer is given."""
    first = watch(params, params.activations, params.latent, context)
    metrics = {**first.metrics(), **_warnings(params, first)}
    if params.repeat:
        differing = first.differing(watch(params, params.activations, params.latent, context))
        metrics |= {"repeat_identical": not differing, "repeat_differing": differing}
    findings = [Finding(f"not finite: {what}") for what in metrics["nonfinite"]]
    findings += [
        Finding(f"{counted(count, 'warning')} from {origin}", symbol=origin) for origin, count in first.warnings.items()
    ]
    findings += [Finding(f"another run differs: {what}") for what in metrics.get("repeat_differing", ())]
    losses = first.steps["loss"]
    artifacts, drawn = loss_curve(context, losses)
    return Evidence(
        metrics,
        series={name: loss_series(first.steps[name]) for name in ("loss", "grad_norm", "param_norm")},
        findings=(*findings[:_SHOWN], *drawn),
        artifacts=artifacts,
    )


def _warnings(params: Params, record: Record) -> dict[str, Value]:
    found: dict[str, Value] = {
        "warnings": record.warnings.total(),
        "warnings_by_origin": dict(sorted(record.warnings.items())),
    }
    if params.origins:
        counts = record.warnings.items()
        found["warnings_from"] = {text: sum(n for key, n in counts if text in key) for text in params.origins}
    return found


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
