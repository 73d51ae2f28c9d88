"""What checks that train or call torch models share: calling one, its loss, gradients, optimizers, seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccheck.sdk.errors import MeasurementError

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

OptimizerName: TypeAlias = Literal["adam", "adamw", "sgd"]


def build_optimizer(name: OptimizerName, parameters: Iterable[Tensor], lr: float) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD (no momentum) with torch's defaults but for the learning rate."""
    import torch

    kinds: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
    }
    return kinds[name](list(parameters), lr=lr)


def trainer_step(trainer: Any) -> float:
    """One step of a trainer and its loss; MeasurementError when `step()` gives no number."""
    value = trainer.step()
    try:
        return float(value.detach() if hasattr(value, "detach") else value)
    except (TypeError, ValueError, RuntimeError) as error:
        raise MeasurementError(
            f"the trainer's step() gave a {type(value).__name__}, not its loss; let it return one number"
        ) from error


def trained_model(trainer: Any) -> nn.Module | None:
    """The trainer's ``model``, when that is a torch module of which anything can be trained."""
    from torch import nn

    model = getattr(trainer, "model", None)
    known = isinstance(model, nn.Module) and any(tensor.requires_grad for tensor in model.parameters())
    return model if known else None
