"""Torch modules: modes, calls, losses, gradients and seeds.

Nothing here imports torch before it is called.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccheck.sdk.errors import MeasurementError
from speccheck.sdk.live import PartialCall, fill

if TYPE_CHECKING:
    import torch
    from torch import Tensor, nn

Mode: TypeAlias = Literal["eval", "train"]
"""A parameter of checks that call a model; a check puts the model into this mode and restores it."""


@contextmanager
def in_mode(thing: Any, mode: Mode | None) -> Iterator[tuple[torch.nn.Module, ...]]:
    """Put the torch modules behind a thing into eval or train mode, and give every submodule its own flag back after.

    Behind a thing are: itself, the object of a bound method and that object's attributes, and the function and
    arguments of a PartialCall or `functools.partial`. Yields the modules found. With mode None, nothing changes.
    """
    modules = modules_behind(thing)
    if mode is None:
        yield modules
        return
    flags = [(module, module.training) for root in modules for module in root.modules()]
    try:
        for root in modules:
            root.train(mode == "train")
        yield modules
    finally:
        for module, training in flags:
            module.training = training


def modules_behind(thing: Any) -> tuple[torch.nn.Module, ...]:
    """Return the torch modules behind a thing, each once; none if torch is not imported."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ()
    found: dict[int, Any] = {}
    for candidate in _candidates(thing):
        if isinstance(candidate, torch.nn.Module):
            found.setdefault(id(candidate), candidate)
    return tuple(found.values())


def _candidates(thing: Any) -> Iterator[Any]:
    yield thing
    if isinstance(thing, PartialCall):
        yield from _candidates(thing.function)
        yield from (*thing.args, *thing.kwargs.values())
    elif isinstance(thing, functools.partial):
        yield from _candidates(thing.func)
        yield from (*thing.args, *thing.keywords.values())
    owner = getattr(thing, "__self__", None)
    if owner is None:  # not `or`: an empty Sequential is false
        owner = thing
    yield owner
    if not isinstance(owner, type):
        yield from getattr(owner, "__dict__", {}).values()


def require_module(model: Any, parameter: str = "model") -> nn.Module:
    """Return the model; MeasurementError unless it is a torch module with trainable parameters."""
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
    """Call the model with the inputs or, if there are none, with the batch; MeasurementError without either."""
    if inputs:
        return model(*inputs)
    if batch is None:
        raise MeasurementError("nothing to call the model with; give `inputs`, or a `batch`")
    return model(batch)


def loss_of(loss: Callable[..., Any], output: Any, inputs: Sequence[Any], batch: Any) -> Tensor:
    """Return the loss of an output, a tensor without axes.

    A function with placeholders may use ``${output}`` and ``${batch}``; without a batch, ``${batch}`` is the inputs, or
    the input if there is one. A function without placeholders is called with the output, followed by the batch if there
    is one. MeasurementError when the result is not one number.
    """
    import torch

    if isinstance(loss, PartialCall) and loss.placeholders:
        stand_in = inputs[0] if len(inputs) == 1 else tuple(inputs)
        value = fill(loss, output=output, batch=stand_in if batch is None else batch)
    else:
        value = fill(loss, output=output) if batch is None else fill(loss, output=output, batch=batch)
    tensor = value if isinstance(value, torch.Tensor) else torch.as_tensor(value)
    if tensor.numel() != 1:
        raise MeasurementError(f"the loss has shape {list(tensor.shape)}; give a loss that is one number")
    return tensor.reshape(())


def backward(loss: Tensor) -> bool:
    """Run the backward pass, if the loss requires a gradient; return whether it does."""
    if loss.requires_grad:
        loss.backward()
    return loss.requires_grad


def norm(tensors: Iterable[Tensor]) -> float:
    """Return the L2 norm over all elements of all tensors, in float64; NaN if any is NaN, 0 without elements."""
    import torch

    squares = [_dense(tensor).abs().double().square().sum() for tensor in tensors]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


def is_zero(tensor: Tensor) -> bool:
    """Whether every element is exactly zero; NaN is not zero."""
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
    """Seed the global generators of random, numpy (modulo 2^32, its limit) and torch; the engine restores them."""
    import random

    import numpy
    import torch

    random.seed(seed)
    numpy.random.seed(seed % 2**32)
    torch.manual_seed(seed)


def first_tensor(value: Any) -> Tensor | None:
    """Return the first non-empty floating-point tensor of an output, detached, or None.

    Tuples, lists, mappings and attributes of objects are searched in their order.
    """
    import torch

    if isinstance(value, torch.Tensor):
        return value.detach() if value.is_floating_point() and value.numel() else None
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    if not items:
        items = vars(value).values() if hasattr(value, "__dict__") and not callable(value) else ()
    return next((found for item in items if (found := first_tensor(item)) is not None), None)
