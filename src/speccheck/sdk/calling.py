"""Calls of the functions that a spec gives: results spread over arguments, values passed by name."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from typing import Any

from speccheck.sdk.errors import MeasurementError
from speccheck.sdk.live import PartialCall


def require_filled(function: Any, parameter: str, *names: str) -> None:
    """MeasurementError for a function whose placeholders the check does not fill in, before anything is called."""
    wanted = function.placeholders - set(names) if isinstance(function, PartialCall) else ()
    if wanted:
        offered = " and ".join(f"${{{name}}}" for name in names) or "no placeholder"
        raise MeasurementError(
            f"nothing fills in ${{{sorted(wanted)[0]}}} here: `{parameter}` is called with {offered} filled in"
        )


def spread(function: Callable[..., Any], value: Any) -> Any:
    """Call with the items of a tuple or named tuple as positional arguments; any other value is the only argument."""
    return function(*value) if isinstance(value, tuple) else function(value)


def call_named(function: Callable[..., Any], values: Mapping[str, Any], seed: int) -> Any:
    """Call with a seed and values by name.

    The placeholders are `${seed}` and, for each value, `${input.NAME}`. A callable without placeholders gets all values
    and ``seed`` as keyword arguments.
    """
    if isinstance(function, PartialCall) and function.placeholders:
        return function.filled({"input": types.SimpleNamespace(**values), "seed": seed})
    return function(**values, seed=seed)
