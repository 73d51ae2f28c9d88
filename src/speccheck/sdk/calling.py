"""Calling what a spec gave: results spread into the next call, torch modules put into a mode and restored."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from speccheck.sdk.live import PartialCall

if TYPE_CHECKING:
    pass


def spread(function: Callable[..., Any], value: Any) -> Any:
    """Call with a tuple's or named tuple's items as positional arguments; anything else is the one argument."""
    return function(*value) if isinstance(value, tuple) else function(value)


def call_named(function: Callable[..., Any], values: Mapping[str, Any], seed: int) -> Any:
    """Call with values by name, and a seed.

    Placeholders are `${seed}` and, for each value, `${input.NAME}`; a callable without any gets all of them as keyword
    arguments.
    """
    if isinstance(function, PartialCall) and function.placeholders:
        return function.filled({"input": types.SimpleNamespace(**values), "seed": seed})
    return function(**values, seed=seed)
