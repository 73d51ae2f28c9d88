"""Differences between training that is stopped and resumed and training without a stop.

A checkpoint that forgets the optimizer's moments, the schedule, the order of the data or a random state resumes without
an error and trains something else. Here a first trainer runs without a stop; a second runs for `at` steps and its state
is written to a file; a third, fresh, under other global random states, reads that file (with `weights_only=True`) and
goes on. Losses and the final state are compared bit for bit, and so are the parameters and buffers of its `model`,
which the state may lack: running statistics that are not saved change no loss in train mode, but results in eval mode.
`model_differing` names them; `identical` is about losses and the state that is saved. Of the paths that differ, those
come first that differ right after the file was read, then those that are no floating-point tensors.

Equality alone proves nothing: a trainer that is not repeatable looks like one that resumes badly (`repeatable`), and
one that trains nothing resumes perfectly (`moved`, `distinct_losses`). It cannot see state that only matters later than
the last step, such as the next epoch's order; choose `steps` to reach beyond an epoch. NaN losses equal nothing.

```yaml
- id: resume-is-exact
  check: train.resume
  with: {trainer: $trainer, steps: 12, at: 5}
  expect:
    repeatable: true
    identical: true
    model_differing: {length: 0}
    moved: {above: 0}
    distinct_losses: {min: 2}
```
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Fresh, MeasurementError, Metric, Value, param
from speccheck.sdk.comparison import (
    Leaves,
    Tensor,
    differences,
    equal,
    leaves,
    max_abs_difference,
    where,
)
from speccheck.sdk.modules import seed_all
from speccheck.sdk.pictures import loss_series
from speccheck.sdk.training import copied_buffers, copied_parameters, train, trained_model, training_of, unlike


@dataclass(frozen=True)
class Params:
    """A trainer, how long it trains, and where it is stopped."""

    trainer: Fresh[Any] = param(
        "An object with `step()`, which trains one step and returns its loss, `state_dict()` and "
        "`load_state_dict(state)`."
    )
    steps: int = param("How many steps in all.", min=2)
    at: int = param("After how many of them the state is saved; fewer than `steps`.", min=1)


METRICS: Mapping[str, Metric] = {
    "identical": Metric(kind="bool", doc="losses_identical and state_identical"),
    "losses_identical": Metric(
        kind="bool", doc="every loss after the resumption is, bit for bit, that of the run without a stop; NaN is not"
    ),
    "state_identical": Metric(
        kind="bool", doc="the final state is, bit for bit, that of the run without a stop (NaN equals NaN)"
    ),
    "max_abs_difference": Metric(
        kind="number", min=0, doc="largest |difference| of a loss after the resumption; NaN if any loss is not finite"
    ),
    "differing": Metric(kind="list", of="text", doc="paths of the final state that differ"),
    "model_differing": Metric(
        kind="list",
        of="text",
        optional="the trainer lacks a `model` that is a torch module with trainable parameters",
        doc="parameters and buffers of the trainer's `model` at the end, saved or not, that differ from those of the "
        "run without a stop",
    ),
    "moved": Metric(
        kind="number",
        min=0,
        optional="the trainer lacks a torch module as its `model`, and its state lacks floating-point tensors",
        doc="largest |change| of any parameter of the trainer's `model` between step `at` and the end, without a stop; "
        "of a trainer that has none, of any floating-point tensor of its state that has an axis",
    ),
    "distinct_losses": Metric(kind="number", min=0, doc="distinct losses of the run without a stop, over all steps"),
    "resumed_steps": Metric(kind="number", min=1, unit="steps", doc="steps after the resumption"),
    "finite": Metric(kind="bool", doc="whether every loss of the first and of the resumed run is finite"),
    "repeatable": Metric(
        kind="bool",
        doc="whether a second run without a stop gives the same losses and state, and the run that was stopped the "
        "same losses up to there; without it, resuming cannot be judged",
    ),
}

SHOWN = 20
"""How many of the differing paths are findings; `differing` names all."""


@dataclass(frozen=True)
class _Run:
    """The losses of a run, state and model at the end, and the largest change of what it trains since step `at`."""

    losses: list[float]
    state: Leaves
    model: Mapping[str, Any] | None
    moved: float | None = None
    unread: Mapping[str, str] = field(default_factory=dict)
    """The paths at which the state differs from the file that was read, before any step, with how it does."""


def measure(params: Params, context: Context) -> Evidence:
    """Train four times; MeasurementError when `at` leaves no step to resume for, or the checkpoint cannot be read."""
    if params.at >= params.steps:
        raise MeasurementError(
            f"at: {params.at} leaves none of {params.steps} steps to resume for; give an `at` below `steps`"
        )
    whole = _uninterrupted(params, context)
    context.progress(f"{params.steps} steps without a stop")
    again = _uninterrupted(params, context)
    context.progress("the same again")
    first_losses, checkpoint = _stopped(params, context)
    resumed = _resumed(params, context, checkpoint)
    losses, state = resumed.losses, resumed.state
    differing = _telling_first(differences(whole.state, state), whole.state, state)
    differing.sort(key=lambda path: path not in resumed.unread)
    expected = whole.losses[params.at :]
    metrics: dict[str, Value] = {
        "losses_identical": expected == losses,
        "state_identical": not differing,
        "identical": expected == losses and not differing,
        "max_abs_difference": _largest_difference(expected, losses),
        "differing": differing,
        "distinct_losses": len(set(whole.losses)),
        "resumed_steps": len(losses),
        "finite": all(map(math.isfinite, whole.losses + losses)),
        "repeatable": whole.losses == again.losses
        and equal(whole.state, again.state)
        and whole.losses[: params.at] == first_losses,
    }
    if whole.moved is not None:
        metrics["moved"] = whole.moved
    if whole.model is not None and resumed.model is not None:
        metrics["model_differing"] = unlike(whole.model, resumed.model)
    return Evidence(
        metrics=metrics,
        series={"loss": loss_series(whole.losses), "resumed_loss": loss_series(losses, params.at)},
        findings=_findings(differing, whole.state, resumed),
        artifacts={"checkpoint": context.keep("checkpoint.pt", checkpoint, "application/x-pytorch")},
    )


def _findings(differing: Sequence[str], expected: Leaves, resumed: _Run) -> tuple[Finding, ...]:
    """Return the paths, first those of a state that was not read from the file, then those that differ at the end."""
    first = [Finding(f"right after reading the file: {how}", symbol=path) for path, how in resumed.unread.items()]
    later = [path for path in differing if path not in resumed.unread]
    found = [*first[:SHOWN], *(Finding(where(path, expected, resumed.state), symbol=path) for path in later[:SHOWN])]
    return tuple(found[:SHOWN])


def _uninterrupted(params: Params, context: Context) -> _Run:
    trainer = params.trainer()
    training = training_of(trainer)
    seed_all(context.seed)
    losses = train(training, params.at)
    then = _weights(trainer)
    losses += train(training, params.steps - params.at)
    moved = max_abs_difference(then, _weights(trainer)) if then else None
    return _Run(losses, leaves(trainer.state_dict()), _model(trainer), moved)


def _stopped(params: Params, context: Context) -> tuple[list[float], Path]:
    """Train for `at` steps under the random states of the run without a stop, and save."""
    import torch

    trainer = params.trainer()
    training = training_of(trainer)
    seed_all(context.seed)
    losses = train(training, params.at)
    path = context.artifact("checkpoint.pt")
    torch.save(trainer.state_dict(), path)
    return losses, path


def _resumed(params: Params, context: Context, checkpoint: Path) -> _Run:
    """Go on from the file under random states that a new process might have: any but those of the first run."""
    import pickle

    import torch

    trainer = params.trainer()
    seed_all(context.seed + 1)
    try:
        state = torch.load(checkpoint, weights_only=True)
    except pickle.UnpicklingError as error:
        raise MeasurementError(
            "the checkpoint cannot be read with weights_only=True; let state_dict() hold tensors and plain data only: "
            f"{str(error).splitlines()[0]}"
        ) from error
    saved = leaves(state)  # copied, because the trainer may go on with the very tensors that it is given
    trainer.load_state_dict(state)
    unread = _unread(saved, leaves(trainer.state_dict()))
    losses = train(training_of(trainer), params.steps - params.at)
    return _Run(losses, leaves(trainer.state_dict()), _model(trainer), unread=unread)


def _unread(saved: Leaves, loaded: Leaves) -> dict[str, str]:
    """The paths at which the trainer is not as the file that it has just read, with how it differs."""
    found = {}
    for path in _telling_first(differences(saved, loaded), saved, loaded):
        lacking = "the file lacks" if path not in saved else "the trainer lacks" if path not in loaded else ""
        found[path] = f"{lacking} {path}" if lacking else where(path, saved, loaded)
    return found


def _telling_first(paths: Sequence[str], *states: Leaves) -> list[str]:
    """The paths with floating-point tensors last: they follow from what a count, an order or a random state tells."""
    return sorted(paths, key=lambda path: any(_is_weight(state.get(path)) for state in states))


def _is_weight(leaf: Any) -> bool:
    return isinstance(leaf, Tensor) and leaf.array.dtype.kind in "fc"


def _model(trainer: Any) -> Mapping[str, Any] | None:
    """A copy of the parameters and buffers of the trainer's model, by name."""
    model = trained_model(trainer)
    return None if model is None else {**copied_parameters(model), **copied_buffers(model)}


def _largest_difference(expected: list[float], losses: list[float]) -> float:
    gaps = [abs(a - b) for a, b in zip(expected, losses, strict=True)]
    return math.nan if any(map(math.isnan, gaps)) else max(gaps)


def _weights(trainer: Any) -> Leaves:
    """A copy of the values to train: the parameters of the trainer's model or, without a model, its state.

    Of a state only floating-point tensors with an axis count: an optimizer counts its steps in tensors without one.
    """
    model = trained_model(trainer)
    found = leaves(trainer.state_dict() if model is None else dict(model.named_parameters()))
    tensors = {path: leaf for path, leaf in found.items() if isinstance(leaf, Tensor)}
    return Leaves(
        {
            path: tensor
            for path, tensor in tensors.items()
            if tensor.array.dtype.kind in "fc" and tensor.array.size and (model is not None or tensor.array.ndim)
        }
    )


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
