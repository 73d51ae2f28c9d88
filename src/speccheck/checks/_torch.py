"""What checks that train or call torch models share: calling one, its loss, gradients, optimizers, seeds."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccheck.sdk import Bound, MeasurementError, Series, fill

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

OptimizerName: TypeAlias = Literal["adam", "adamw", "sgd"]


def require_module(model: Any, parameter: str = "model") -> nn.Module:
    """The model itself; MeasurementError when it is no torch module or nothing in it can be trained."""
    from torch import nn

    if not isinstance(model, nn.Module):
        raise MeasurementError(f"`{parameter}` is a {type(model).__name__}, not a torch.nn.Module")
    if not any(tensor.requires_grad for tensor in model.parameters()):
        count = sum(1 for _ in model.parameters())
        raise MeasurementError(
            f"none of the {count} parameters of `{parameter}` requires a gradient, so there is nothing to train; "
            "give a model with requires_grad parameters"
        )
    return model


def call_model(model: Callable[..., Any], inputs: Sequence[Any], batch: Any) -> Any:
    """The model called with the inputs, or, when there are none, with the batch."""
    if inputs:
        return model(*inputs)
    if batch is None:
        raise MeasurementError("nothing to call the model with; give `inputs`, or a `batch`")
    return model(batch)


def loss_of(loss: Callable[..., Any], output: Any, inputs: Sequence[Any], batch: Any) -> Tensor:
    """The loss of an output, a tensor of one element.

    A function with placeholders may use ``${output}`` and ``${batch}``; the batch is the inputs where none is given
    (a single input itself). One without is called with the output, and with the batch behind it if one is given.
    MeasurementError when the result is not one number.
    """
    import torch

    if isinstance(loss, Bound) and loss.placeholders:
        stand_in = inputs[0] if len(inputs) == 1 else tuple(inputs)
        value = fill(loss, output=output, batch=stand_in if batch is None else batch)
    else:
        value = fill(loss, output=output) if batch is None else fill(loss, output=output, batch=batch)
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    if tensor.numel() != 1:
        raise MeasurementError(f"the loss has shape {list(tensor.shape)}; give a loss that comes to one number")
    return tensor.reshape(())


def backward(loss: Tensor) -> bool:
    """Run the backward pass; False, and nothing is run, when nothing connects the loss with any parameter."""
    if loss.requires_grad:
        loss.backward()  # type: ignore[no-untyped-call]
    return loss.requires_grad


def build_optimizer(name: OptimizerName, parameters: Iterable[Tensor], lr: float) -> torch.optim.Optimizer:
    """Adam, AdamW or SGD (no momentum) with torch's defaults but for the learning rate."""
    import torch

    kinds: dict[str, Callable[..., torch.optim.Optimizer]] = {
        "adam": torch.optim.Adam,
        "adamw": torch.optim.AdamW,
        "sgd": torch.optim.SGD,
    }
    return kinds[name](list(parameters), lr=lr)


def step(trainer: Any) -> float:
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


def loss_series(losses: Sequence[float], start: int = 0) -> Series:
    """Losses by step, the first at step ``start``."""
    return Series(
        x=tuple(float(start + index) for index in range(len(losses))),
        y=tuple(loss if math.isfinite(loss) else None for loss in losses),
    )


def norm(tensors: Iterable[Tensor]) -> float:
    """The L2 norm over all elements of all tensors, in float64; NaN if any is NaN, 0 for none."""
    import torch

    squares = [_dense(tensor).abs().double().square().sum() for tensor in tensors]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


def is_zero(tensor: Tensor) -> bool:
    """Whether every element is exactly zero; NaN is not."""
    return not bool(_dense(tensor).any())


def is_finite(tensor: Tensor) -> bool:
    """Whether no element is NaN or infinite."""
    return bool(_dense(tensor).isfinite().all())


def _dense(tensor: Tensor) -> Tensor:
    return (tensor.to_dense() if tensor.layout != _strided() else tensor).detach().cpu()


def _strided() -> torch.layout:
    import torch

    return torch.strided


def seed_all(seed: int) -> None:
    """Seed random, numpy (modulo 2^32, all it takes) and torch, the global generators; the engine restores them."""
    import random

    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)
