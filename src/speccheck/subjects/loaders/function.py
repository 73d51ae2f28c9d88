"""``function: package.module:name``: the callable itself, with the arguments given here bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, PartialCall
from speccheck.subjects.calls import arguments, callable_named, check_arguments


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the callable, or a :class:`PartialCall` if arguments are given; each call fills in their placeholders."""
    function, what = callable_named(definition["function"], "function", context.import_target)
    args, kwargs = arguments(definition)
    if not args and not kwargs:
        return function
    if isinstance(function, PartialCall):  # one PartialCall, so that the placeholders of both are filled in
        args, kwargs = (*function.args, *args), {**function.kwargs, **kwargs}
        function = function.function
    check_arguments(function, args, kwargs, what, partial=True)
    return PartialCall(function, args, kwargs)


loader = Loader(
    name="function",
    load=load,
    schema={"type": "string", "minLength": 1, "format": "target"},
    keys={
        "args": {"type": ["array", "object"], "description": "positional arguments, or keyword arguments by name"},
        "kwargs": {"type": "object", "description": "keyword arguments, beside a list of args"},
    },
    doc="The callable package.module:name or $subject.method, partly applied; ${output} and ${batch} are filled in.",
)
