"""``target: package.module:name``: the result of calling it with ``args`` and ``kwargs``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader
from speccheck.subjects.calls import arguments, call, callable_named


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Return the result of calling the target, given by name or as a reference (``$model.method``)."""
    target, what = callable_named(definition["target"], "target", context.import_target)
    args, kwargs = arguments(definition)
    return call(target, args, kwargs, what)


loader = Loader(
    name="target",
    load=load,
    schema={"type": "string", "minLength": 1, "format": "target"},
    keys={
        "args": {"type": ["array", "object"], "description": "positional arguments, or keyword arguments by name"},
        "kwargs": {"type": "object", "description": "keyword arguments, beside a list of args"},
    },
    doc="The result of calling package.module:name; the code folder is searched first.",
)
