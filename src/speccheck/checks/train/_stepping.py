"""The record of one run of `train.steps`."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from speccheck.checks.train._recording import FIGURES, Hooks, figures, recorded, warned
from speccheck.sdk import Context, MeasurementError, Value
from speccheck.sdk.comparison import equal
from speccheck.sdk.features import spread
from speccheck.sdk.modules import is_finite, norm, seed_all
from speccheck.sdk.rounding import RoundingWatch
from speccheck.sdk.training import (
    TrainingRecipe,
    begin,
    broken_buffers,
    copied_buffers,
    copied_parameters,
    frozen_buffers,
    train,
    unlike,
)

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass
class Record:
    """The record of one run: lists by step, and what the run did to the parameters and buffers."""

    asked: Sequence[str]
    latent_name: str | None
    steps: dict[str, list[float]] = field(default_factory=dict)
    module_grad_norms: dict[str, list[float]] = field(default_factory=dict)
    activations: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    latent: list[Tensor] = field(default_factory=list)
    start: dict[str, Tensor] = field(default_factory=dict)
    end: dict[str, Tensor] = field(default_factory=dict)
    start_buffers: dict[str, Tensor] = field(default_factory=dict)
    end_buffers: dict[str, Tensor] = field(default_factory=dict)
    frozen_buffers: list[str] = field(default_factory=list)
    broken_buffers: list[str] = field(default_factory=list)
    trained: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    rounded: list[str] = field(default_factory=list)
    children: dict[str, list[str]] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)

    @property
    def watched(self) -> list[str]:
        """The modules whose outputs are recorded."""
        return list(dict.fromkeys([*self.asked, *((self.latent_name,) if self.latent_name is not None else ())]))

    def metrics(self) -> dict[str, Value]:
        """Return the metrics of this run."""
        import torch

        still = [name for name in self.trained if torch.equal(self.start[name], self.end[name])]
        nonfinite = self._nonfinite()
        found: dict[str, Value] = {
            **self.steps,
            "steps": len(self.steps["loss"]),
            "module_grad_norms": self.module_grad_norms,
            "module_updates": {name: self._update(members) for name, members in self.children.items()},
            "unmoved": still,
            "rounded_away": [name for name in still if name in self.rounded],
            "moved_buffers": unlike(self._kept_buffers(), self.end_buffers),
            "without_gradient": [name for name in self.trained if name not in self.touched],
            "unrecorded": [name for name in self.watched if name not in self.activations],
            "finite": not nonfinite,
            "nonfinite": nonfinite,
        }
        if shown := {name: self.activations[name] for name in self.asked if name in self.activations}:
            found["activations"] = shown
        if self.latent:
            first, last = self.latent[0], self.latent[-1]
            found["spread"] = spread(last, f"the output of {self.latent_name}")
            base = norm([first])
            if first.shape == last.shape and base:
                found["latent_change"] = norm([last - first]) / base
        return found

    def differing(self, other: Record) -> list[str]:
        """Return the differences of another run, a line for each."""
        found = []
        for name, mine in self._flat().items():
            theirs = other._flat().get(name, [])
            if not equal(mine, theirs):
                pairs = zip(mine, theirs, strict=False)
                at = next((i for i, pair in enumerate(pairs) if not equal(*pair)), min(len(mine), len(theirs)))
                found.append(f"{name} from step {at}")
        found += [f"parameter {name} at the end" for name in unlike(self.end, other.end)]
        return found + [f"buffer {name} at the end" for name in unlike(self.end_buffers, other.end_buffers)]

    def _kept_buffers(self) -> dict[str, Tensor]:
        return {name: self.start_buffers[name] for name in self.frozen_buffers if name in self.start_buffers}

    def _flat(self) -> dict[str, list[float]]:
        flat = {**self.steps, **{f"gradient norm of {name}": line for name, line in self.module_grad_norms.items()}}
        for module, lines in self.activations.items():
            flat |= {f"{figure} of {module}": line for figure, line in lines.items()}
        return flat

    def _nonfinite(self) -> list[str]:
        lines = self._flat().items()
        found = [f"{name} at step {at}" for name, line in lines for at, y in enumerate(line) if not math.isfinite(y)]
        found += [f"{name} at the end" for name, tensor in self.end.items() if not is_finite(tensor)]
        return found + [f"{name} at the end" for name in self.broken_buffers]

    def _update(self, members: Sequence[str]) -> float:
        base = norm(self.start[name] for name in members)
        moved = norm(self.end[name].double() - self.start[name].double() for name in members)
        return moved / base if base else moved


def watch(recipe: TrainingRecipe, activations: Sequence[str], latent: str | None, context: Context) -> Record:
    """Train a new instance under the entry's seed, and record its steps and the outputs of the named modules."""
    seed_all(context.seed)
    with warned() as origins:
        training = begin(recipe)
        model = training.require_model()
        record = _started(model, activations, latent)
        rounding = RoundingWatch(model, record.start, training.optimizers)
        with recorded(model, record.watched) as hooks:
            norms: list[float] = []

            def before() -> None:
                hooks.latest.clear()
                norms.append(norm(model.parameters()))
                rounding.before()

            def after(loss: float) -> None:
                _record(record, model, hooks, loss, norms[-1])
                rounding.after()

            train(training, recipe.steps, before=before, after=after, progress=context.progress)
        record.end, record.end_buffers = copied_parameters(model), copied_buffers(model)
        record.broken_buffers = broken_buffers(record.start_buffers, model)
        record.frozen_buffers, record.rounded = frozen_buffers(model), rounding.names()
    record.warnings = origins
    return record


def _started(model: nn.Module, activations: Sequence[str], latent: str | None) -> Record:
    """A record of the model before its first step."""
    trained = [name for name, tensor in model.named_parameters() if tensor.requires_grad]
    record = Record(activations, latent, start=copied_parameters(model), trained=trained)
    record.start_buffers = copied_buffers(model)
    for name, child in model.named_children():
        members = [f"{name}.{key}" for key, tensor in child.named_parameters() if tensor.requires_grad]
        if members := [member for member in members if member in record.start]:
            record.children[name] = members
    return record


def _record(record: Record, model: nn.Module, hooks: Hooks, loss: float, before: float) -> None:
    named = dict(model.named_parameters())
    gradients = {name: named[name].grad for name in record.trained}
    norms = {name: norm([grad]) for name, grad in gradients.items() if grad is not None}
    record.touched |= {name for name, value in norms.items() if value != 0}
    _append(record.steps, "loss", loss)
    _append(record.steps, "grad_norm", math.sqrt(math.fsum(value * value for value in norms.values())))
    _append(record.steps, "param_norm", before)
    if "" not in hooks.latest:
        raise MeasurementError(
            "a step gave no output of the model: it was not called, or gives no floating-point tensor"
        )
    for figure, value in figures(hooks.latest[""]).items():
        _append(record.steps, f"pred_{figure}", value)
    for child, members in record.children.items():
        square = math.fsum(norms.get(name, 0.0) ** 2 for name in members)
        _append(record.module_grad_norms, child, math.sqrt(square))
    for name in record.watched:
        if name in hooks.latest:
            lines = record.activations.setdefault(name, {figure: [] for figure in FIGURES})
            for figure, value in figures(hooks.latest[name]).items():
                lines[figure].append(value)
    if record.latent_name in hooks.latest:
        record.latent = [*record.latent[:1], hooks.latest[str(record.latent_name)].clone()]


def _append(lines: dict[str, list[float]], name: str, value: float) -> None:
    lines.setdefault(name, []).append(value)
