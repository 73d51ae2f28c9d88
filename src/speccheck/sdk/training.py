"""Training a torch model step by step: one recipe of parameters, optimizers, trainers, and the one loop of steps.

A check inherits its ``Params`` from :class:`Objective`, :class:`Recipe` or :class:`TrainingRecipe`, whose fields then
are parameters of the check; an override keeps the place of a field and changes its doc or default. Nothing here imports
torch before it is called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccheck.sdk.comparison import equal
from speccheck.sdk.errors import MeasurementError
from speccheck.sdk.live import Fresh, Live
from speccheck.sdk.modules import Mode, backward, call_model, is_finite, loss_of, require_module
from speccheck.sdk.params import param
from speccheck.sdk.rounding import optimizers_of

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

OptimizerName: TypeAlias = Literal["adam", "adamw", "sgd"]
"""The optimizers of a recipe."""


@dataclass(frozen=True)
class Objective:
    """Parameters of a check that computes a loss: the model, the loss, and what both are called with."""

    model: Fresh[Any] | None = param("The torch module to train; this, or `trainer`.", default=None)
    loss: Live[Callable[..., Any]] | None = param(
        "Gives one number; `${output}` and `${batch}` are filled in. A function without them is called with the "
        "output, and the batch if there is one. Needed with `model`.",
        default=None,
        fills=("output", "batch"),
    )
    inputs: tuple[Live[Any], ...] = param("What the model is called with; the batch where there are none.", default=())
    batch: Live[Any] | None = param("What the loss sees as `${batch}`; the inputs where it is not given.", default=None)


@dataclass(frozen=True)
class Recipe(Objective):
    """Parameters of a check that takes optimizer steps: a model with its objective and optimizer, or a trainer."""

    optimizer: OptimizerName = param("Adam, AdamW or SGD, with torch's defaults but for `lr`.", default="adam")
    lr: float = param("Learning rate of that optimizer.", default=1e-3, above=0)
    trainer: Fresh[Any] | None = param(
        "An object whose `step()` trains one step and returns its loss; used instead of `model`, `loss`, `inputs`, "
        "`batch`, `optimizer` and `lr`.",
        default=None,
    )


@dataclass(frozen=True)
class _Steps:
    steps: int = param("How many optimizer steps.", min=1)


@dataclass(frozen=True)
class TrainingRecipe(Recipe, _Steps):
    """A recipe and its number of steps, which is the first parameter."""


@dataclass
class Training:
    """A training under way: ``step`` takes one step and returns its loss, computed before the update.

    ``model`` is the module that is trained, None for a trainer that does not show one. ``connected`` is False once a
    loss required no gradient, so that its step taught the model nothing. ``optimizers`` are those that are known.
    """

    model: nn.Module | None
    step: Callable[[], float]
    connected: bool = True
    optimizers: tuple[torch.optim.Optimizer, ...] = ()

    def require_model(self) -> nn.Module:
        """Return the module; MeasurementError for a trainer without one."""
        if self.model is None:
            raise MeasurementError("the trainer has no `model` that is a torch module with trainable parameters")
        return self.model


def begin(recipe: Recipe, mode: Mode = "train") -> Training:
    """Build a new model in ``mode`` with its optimizer, or a new trainer.

    MeasurementError unless the recipe gives exactly one of model (with its loss) and trainer, or when nothing in the
    model can be trained.
    """
    if (recipe.model is None) == (recipe.trainer is None):
        given = (
            "neither `model` nor `trainer` is given" if recipe.model is None else "both `model` and `trainer` are given"
        )
        raise MeasurementError(f"{given}; give exactly one")
    if recipe.trainer is not None:
        return training_of(recipe.trainer())
    if recipe.loss is None:
        raise MeasurementError("`model` is given without `loss`; give the loss to minimize")
    assert recipe.model is not None
    model = require_module(recipe.model())
    optimizer = build_optimizer(recipe.optimizer, [p for p in model.parameters() if p.requires_grad], recipe.lr)
    model.train(mode == "train")

    def step() -> float:
        optimizer.zero_grad(set_to_none=True)
        loss = forward_backward(model, recipe)
        training.connected = training.connected and loss.requires_grad
        optimizer.step()
        return float(loss.detach())

    training = Training(model, step, optimizers=(optimizer,))
    return training


def training_of(trainer: Any) -> Training:
    """Return the training of a trainer, an object whose ``step()`` trains one step and returns its loss."""
    return Training(trained_model(trainer), lambda: trainer_step(trainer), optimizers=optimizers_of(trainer))


def train(
    training: Training,
    steps: int,
    *,
    before: Callable[[], None] = lambda: None,
    after: Callable[[float], None] = lambda loss: None,
    progress: Callable[[str], None] = lambda message: None,
) -> list[float]:
    """Take that many steps and return their losses.

    ``before`` is called ahead of each step and ``after`` behind it, with the loss. ``progress`` gets about ten messages
    of a long training and one for each step of a short one.
    """
    losses: list[float] = []
    for number in range(1, steps + 1):
        before()
        losses.append(training.step())
        after(losses[-1])
        if number % max(1, steps // 10) == 0:
            progress(f"step {number} of {steps}: loss {losses[-1]:.4g}")
    return losses


def forward(model: nn.Module, objective: Objective) -> Tensor:
    """Call the model and return its loss, a tensor without axes. MeasurementError when it is not one number."""
    assert objective.loss is not None
    output = call_model(model, objective.inputs, objective.batch)
    return loss_of(objective.loss, output, objective.inputs, objective.batch)


def forward_backward(model: nn.Module, objective: Objective) -> Tensor:
    """Compute the loss and add its gradients to the parameters; the loss requires a gradient if it reaches any."""
    import torch

    with torch.enable_grad():
        loss = forward(model, objective)
        backward(loss)
    return loss


def build_optimizer(name: OptimizerName, parameters: Iterable[Tensor], lr: float) -> torch.optim.Optimizer:
    """Build Adam, AdamW or SGD (without momentum) with torch's defaults, except for the learning rate."""
    import torch

    kinds: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
    }
    return kinds[name](list(parameters), lr=lr)


def trainer_step(trainer: Any) -> float:
    """Take one step of a trainer and return its loss; MeasurementError when ``step()`` returns no number."""
    value = trainer.step()
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise MeasurementError(
            f"the trainer's step() gave a {type(value).__name__}, not its loss; let it return one number"
        ) from error


def trained_model(trainer: Any) -> nn.Module | None:
    """Return the trainer's ``model`` if it is a torch module with trainable parameters, else None."""
    from torch import nn

    model = getattr(trainer, "model", None)
    known = isinstance(model, nn.Module) and any(tensor.requires_grad for tensor in model.parameters())
    return model if known else None


def copied_parameters(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of every parameter by name, which later steps do not change."""
    return {name: tensor.detach().clone() for name, tensor in model.named_parameters()}


def unmoved_parameters(before: Mapping[str, Tensor], model: nn.Module) -> list[str]:
    """Return the names of parameters that require a gradient and are bit for bit those of ``before``."""
    import torch

    now = dict(model.named_parameters())
    return [
        name for name, tensor in before.items() if now[name].requires_grad and torch.equal(tensor, now[name].detach())
    ]


def copied_buffers(model: nn.Module) -> dict[str, Tensor]:
    """Return a copy of every buffer by name, such as the running statistics of a batch normalisation."""
    return {name: tensor.detach().clone() for name, tensor in model.named_buffers()}


def broken_buffers(before: Mapping[str, Tensor], model: nn.Module) -> list[str]:
    """Return the names of the buffers that hold NaN or infinity now and did not in ``before``, as a mask may."""
    return [
        name
        for name, tensor in model.named_buffers()
        if not is_finite(tensor) and (name not in before or is_finite(before[name]))
    ]


def moved_buffers(before: Mapping[str, Tensor], model: nn.Module) -> list[str]:
    """Return the names of the buffers in ``before`` that are not bit for bit what they were; NaN equals NaN."""
    return unlike(before, dict(model.named_buffers()))


def unlike(these: Mapping[str, Tensor], those: Mapping[str, Tensor]) -> list[str]:
    """Return the names of tensors among ``these`` that ``those`` lack, or that differ in a bit; NaN equals NaN."""
    return [name for name, tensor in these.items() if name not in those or not equal(tensor, those[name])]


def frozen_buffers(model: nn.Module) -> list[str]:
    """Return the names of the buffers of frozen modules.

    A buffer belongs to the innermost module around it that has parameters; that module is frozen if none of them
    requires a gradient.
    """
    modules = dict(model.named_modules())
    return [name for name, _ in model.named_buffers() if _frozen(modules, name.rpartition(".")[0])]


def _frozen(modules: Mapping[str, nn.Module], owner: str) -> bool:
    required = [tensor.requires_grad for tensor in modules[owner].parameters()]
    if required or not owner:
        return bool(required) and not any(required)
    return _frozen(modules, owner.rpartition(".")[0])
