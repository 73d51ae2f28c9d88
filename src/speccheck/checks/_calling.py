"""Calling what a spec gave: results spread into the next call, torch modules put into a mode and restored."""

from __future__ import annotations

import functools
import sys
import types
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from speccheck.sdk import Bound

if TYPE_CHECKING:
    import torch

Mode: TypeAlias = Literal["eval", "train"]


def spread(function: Callable[..., Any], value: Any) -> Any:
    """Call with a tuple's or named tuple's items as positional arguments; anything else is the one argument."""
    return function(*value) if isinstance(value, tuple) else function(value)


def call_named(function: Callable[..., Any], values: Mapping[str, Any], seed: int) -> Any:
    """Call with values by name, and a seed.

    Placeholders are `${seed}` and, for each value, `${input.NAME}`; a callable without any gets all of them as keyword
    arguments.
    """
    if isinstance(function, Bound) and function.placeholders:
        return function.filled({"input": types.SimpleNamespace(**values), "seed": seed})
    return function(**values, seed=seed)


@contextmanager
def in_mode(thing: Any, mode: Mode | None) -> Iterator[tuple[torch.nn.Module, ...]]:
    """Put the torch modules behind a thing into eval or train mode, and give every submodule its own flag back after.

    Behind a thing are: itself, the object of a bound method and that object's attributes, and what a Bound or partial
    wraps or was given as arguments. Yields the modules found; with mode None, or none found, nothing is done.
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
    """The torch modules behind a thing, each once; none when torch is not imported."""
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
    if isinstance(thing, Bound):
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
