"""Torch modules: modes, calls, losses, gradients and seeds.

Nothing here imports torch before it is called.
"""

from __future__ import annotations

import dis
import functools
import itertools
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
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

    Yields the modules found. With mode None, nothing changes.
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


@contextmanager
def in_asked_mode(asked: Mode | None, *things: Any, otherwise: Mode | None = None) -> Iterator[tuple[nn.Module, ...]]:
    """Put the torch modules behind all things into the mode that a spec asks for, else into ``otherwise``.

    MeasurementError when a mode is asked for, and no torch module is found behind any of the things: the evidence would
    name a mode that nothing was in. Yields the modules found.
    """
    with ExitStack() as stack:
        found = [stack.enter_context(in_mode(thing, asked or otherwise)) for thing in things]
        modules = {id(module): module for some in found for module in some}
        if asked is not None and not modules:
            raise MeasurementError(
                f"mode: {asked} was asked for, but the search finds no torch module behind the call; give the module "
                "itself, its method or a function that holds it, or leave `mode` out"
            )
        yield tuple(modules.values())


def modules_behind(thing: Any) -> tuple[torch.nn.Module, ...]:
    """Return the torch modules behind a thing, each once; none if torch is not imported.

    Behind a thing are: itself; the object and the function of a bound method; the function and the arguments of a
    PartialCall or ``functools.partial``; the closure and the defaults of a function and the globals that it names; and,
    from each of these up to three levels down, attributes of objects and items of lists, tuples, sets and dicts (the
    first hundred). Submodules of a module that is found are not named beside it. The search calls none of the things.
    """
    torch = sys.modules.get("torch")
    if torch is None:
        return ()
    seen: dict[int, Any] = {}  # holds the objects, so that no id is used twice
    found: list[nn.Module] = []
    level = [thing]
    for _ in range(_LEVELS + 1):
        below: list[Any] = []
        while level:
            item = level.pop(0)
            if id(item) in seen or isinstance(item, _OPAQUE):
                continue
            seen[id(item)] = item
            if isinstance(item, torch.nn.Module):
                found.append(item)
                seen |= {id(module): module for module in item.modules()}
            if not isinstance(item, torch.Tensor):
                level += _held(item)
                below += _inside(item)
        level = below
    return tuple(found)


_LEVELS = 3
_ITEMS = 100
_OPAQUE = (type, types.ModuleType, str, bytes, int, float, complex, type(None))


def _held(thing: Any) -> list[Any]:
    """Return what a call of the thing is made of."""
    if isinstance(thing, PartialCall):
        return [thing.function, *thing.args, *thing.kwargs.values()]
    if isinstance(thing, functools.partial):
        return [thing.func, *thing.args, *thing.keywords.values()]
    if isinstance(thing, types.FunctionType):
        closed = [cell.cell_contents for cell in thing.__closure__ or () if cell != types.CellType()]
        return [*closed, *(thing.__defaults__ or ()), *(thing.__kwdefaults__ or {}).values()]
    if isinstance(thing, types.MethodType):
        return [thing.__self__, thing.__func__]
    return [thing.__self__] if isinstance(thing, types.BuiltinMethodType) else []


def _inside(thing: Any) -> list[Any]:
    """Items of a container, attributes of an object, and the globals that a function names."""
    if isinstance(thing, dict):
        return list(itertools.islice(dict.values(thing), _ITEMS))
    if isinstance(thing, (list, tuple, set, frozenset)):
        return list(itertools.islice(thing, _ITEMS))
    named = _named_globals(thing.__code__, thing.__globals__) if isinstance(thing, types.FunctionType) else []
    slots = [
        getattr(thing, name, None)
        for kind in type(thing).__mro__
        for name, value in vars(kind).items()
        if isinstance(value, types.MemberDescriptorType) and kind.__module__ != "builtins"
    ]
    return [*named, *slots, *getattr(thing, "__dict__", {}).values()]


def _named_globals(code: types.CodeType, scope: Mapping[str, Any]) -> list[Any]:
    names = {step.argval: None for step in dis.get_instructions(code) if step.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    nested = [part for part in code.co_consts if isinstance(part, types.CodeType)]
    return [scope[name] for name in names if name in scope] + [v for c in nested for v in _named_globals(c, scope)]


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
    """Return the first of :func:`float_tensors`, or None."""
    return next(float_tensors(value), None)


def float_tensors(value: Any) -> Iterator[Tensor]:
    """Yield the non-empty floating-point tensors of an output, detached.

    Tuples, lists, mappings and attributes of objects are searched in their order.
    """
    import torch

    if isinstance(value, torch.Tensor):
        if value.is_floating_point() and value.numel():
            yield value.detach()
        return
    items = value.values() if isinstance(value, Mapping) else value if isinstance(value, (list, tuple)) else ()
    if not items:
        items = vars(value).values() if hasattr(value, "__dict__") and not callable(value) else ()
    for item in items:
        yield from float_tensors(item)
