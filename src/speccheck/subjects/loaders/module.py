"""``module: package.module``: an imported module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError


def load(definition: Mapping[str, Any], context: BuildContext) -> Any:
    """Import and return the module; the code folder is searched first."""
    name = definition["module"]
    if ":" in name:
        raise SubjectError(f"module {name} contains a colon: write the module alone, or use function or target")
    return context.import_target(name)


loader = Loader(
    name="module",
    load=load,
    schema={"type": "string", "minLength": 1},
    doc="A module, imported from the code folder before anything else.",
)
