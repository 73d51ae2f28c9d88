"""The loader ``lines``: the lines of a text file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError


def load(definition: Mapping[str, Any], context: BuildContext) -> list[str]:
    """Return the lines without their ends; SubjectError for a file that is absent or not text in the encoding."""
    path = context.path(definition["lines"])
    try:
        with path.open(encoding=definition.get("encoding", "utf-8")) as file:
            return [line.removesuffix("\n") for line in file]
    except (OSError, ValueError, LookupError) as error:
        raise SubjectError(f"cannot read lines of {path}: {error}", cause=error) from error


lines = Loader(
    name="lines",
    load=load,
    schema={"type": "string", "minLength": 1},
    keys={"encoding": {"type": "string", "default": "utf-8"}},
    doc="the lines of a text file, as a list without line ends",
)
