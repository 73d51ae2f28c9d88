"""Training steps under watch: everything that `train.steps` records of one run."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from speccheck.checks.train._recording import FIGURES, Hooks, figures, recorded, warned
from speccheck.sdk import Context, Fresh, MeasurementError, Value
from speccheck.sdk.comparison import equal
from speccheck.sdk.features import spread
from speccheck.sdk.modules import backward, call_model, is_finite, loss_of, norm, require_module, seed_all
from speccheck.sdk.training import OptimizerName, build_optimizer, trained_model, trainer_step

if TYPE_CHECKING:
    from torch import Tensor, nn


@dataclass(frozen=True)
class Recipe:
    """What is trained, and what is watched; either ``model``, with its loss, or ``trainer`` is given."""

    steps: int
    model: Fresh[Any] | None
    trainer: Fresh[Any] | None
    loss: Callable[..., Any] | None
    inputs: Sequence[Any]
    batch: Any
    optimizer: OptimizerName
    lr: float
    activations: Sequence[str]
    latent: str | None

    @property
    def watched(self) -> list[str]:
        """The modules whose outputs are recorded."""
        return list(dict.fromkeys([*self.activations, *((self.latent,) if self.latent is not None else ())]))


@dataclass
class Record:
    """What one run left: lists by step, and what it did to the parameters."""

    recipe: Recipe
    steps: dict[str, list[float]] = field(default_factory=dict)
    module_grad_norms: dict[str, list[float]] = field(default_factory=dict)
    activations: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    latent: list[Tensor] = field(default_factory=list)
    start: dict[str, Tensor] = field(default_factory=dict)
    end: dict[str, Tensor] = field(default_factory=dict)
    trained: list[str] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    children: dict[str, list[str]] = field(default_factory=dict)
    warnings: Counter[str] = field(default_factory=Counter)

    def metrics(self) -> dict[str, Value]:
        """The metrics of this run."""
        import torch

        still = [name for name in self.trained if torch.equal(self.start[name], self.end[name])]
        asked = self.recipe.activations
        nonfinite = self._nonfinite()
        found: dict[str, Value] = {
            **self.steps,
            "steps": self.recipe.steps,
            "module_grad_norms": self.module_grad_norms,
            "module_updates": {name: self._update(members) for name, members in self.children.items()},
            "unmoved": still,
            "without_gradient": [name for name in self.trained if name not in self.touched],
            "unrecorded": [name for name in self.recipe.watched if name not in self.activations],
            "finite": not nonfinite,
            "nonfinite": nonfinite,
        }
        if shown := {name: self.activations[name] for name in asked if name in self.activations}:
            found["activations"] = shown
        if self.latent:
            first, last = self.latent[0], self.latent[-1]
            found["spread"] = spread(last, f"the output of {self.recipe.latent}")
            base = norm([first])
            if first.shape == last.shape and base:
                found["latent_change"] = norm([last - first]) / base
        return found

    def differing(self, other: Record) -> list[str]:
        """What another run has otherwise, in a line each."""
        found = []
        for name, mine in self._flat().items():
            theirs = other._flat().get(name, [])
            if not equal(mine, theirs):
                pairs = zip(mine, theirs, strict=False)
                at = next((i for i, pair in enumerate(pairs) if not equal(*pair)), min(len(mine), len(theirs)))
                found.append(f"{name} from step {at}")
        return found + [
            f"parameter {name} at the end" for name in self.end if not equal(self.end[name], other.end[name])
        ]

    def _flat(self) -> dict[str, list[float]]:
        flat = {**self.steps, **{f"gradient norm of {name}": line for name, line in self.module_grad_norms.items()}}
        for module, lines in self.activations.items():
            flat |= {f"{figure} of {module}": line for figure, line in lines.items()}
        return flat

    def _nonfinite(self) -> list[str]:
        lines = self._flat().items()
        found = [f"{name} at step {at}" for name, line in lines for at, y in enumerate(line) if not math.isfinite(y)]
        return found + [f"{name} at the end" for name, tensor in self.end.items() if not is_finite(tensor)]

    def _update(self, members: Sequence[str]) -> float:
        base = norm(self.start[name] for name in members)
        moved = norm(self.end[name].double() - self.start[name].double() for name in members)
        return moved / base if base else moved


def watch(recipe: Recipe, context: Context) -> Record:
    """Train a new instance under the entry's seed and record it."""
    seed_all(context.seed)
    with warned() as origins:
        model, advance = _modelled(recipe) if recipe.trainer is None else _trained(recipe)
        record = Record(
            recipe, start=_copies(model), trained=[n for n, p in model.named_parameters() if p.requires_grad]
        )
        for name, child in model.named_children():
            members = [f"{name}.{key}" for key, tensor in child.named_parameters() if tensor.requires_grad]
            if members := [member for member in members if member in record.start]:
                record.children[name] = members
        with recorded(model, recipe.watched) as hooks:
            for step in range(recipe.steps):
                hooks.latest.clear()
                before = norm(model.parameters())
                loss = advance()
                _record(record, model, hooks, loss, before)
                if (step + 1) % max(1, recipe.steps // 10) == 0:
                    context.progress(f"step {step + 1} of {recipe.steps}: loss {loss:.4g}")
        record.end = _copies(model)
    record.warnings = origins
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
    for name in record.recipe.watched:
        if name in hooks.latest:
            lines = record.activations.setdefault(name, {figure: [] for figure in FIGURES})
            for figure, value in figures(hooks.latest[name]).items():
                lines[figure].append(value)
    if record.recipe.latent in hooks.latest:
        record.latent = [*record.latent[:1], hooks.latest[str(record.recipe.latent)].clone()]


def _append(lines: dict[str, list[float]], name: str, value: float) -> None:
    lines.setdefault(name, []).append(value)


def _copies(model: nn.Module) -> dict[str, Tensor]:
    return {name: tensor.detach().clone() for name, tensor in model.named_parameters()}


def _modelled(recipe: Recipe) -> tuple[nn.Module, Callable[[], float]]:
    """A model in train mode, and what does one step of it."""
    import torch

    if recipe.loss is None:
        raise MeasurementError("`model` is given without `loss`; give the loss that is to fall")
    assert recipe.model is not None
    loss_function = recipe.loss
    model = require_module(recipe.model())
    optimizer = build_optimizer(recipe.optimizer, [p for p in model.parameters() if p.requires_grad], recipe.lr)
    model.train()

    def advance() -> float:
        optimizer.zero_grad(set_to_none=True)
        with torch.enable_grad():
            output = call_model(model, recipe.inputs, recipe.batch)
            loss = loss_of(loss_function, output, recipe.inputs, recipe.batch)
            backward(loss)
        optimizer.step()
        return float(loss.detach())

    return model, advance


def _trained(recipe: Recipe) -> tuple[nn.Module, Callable[[], float]]:
    assert recipe.trainer is not None
    trainer = recipe.trainer()
    model = trained_model(trainer)
    if model is None:
        raise MeasurementError("the trainer has no `model` that is a torch module with trainable parameters")
    return model, lambda: trainer_step(trainer)
