"""References that take a key of plain data for an attribute: ``$config.lr`` where ``config`` is a JSON file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple

from speccheck.loading.files import Part
from speccheck.loading.references import SubjectReference
from speccheck.model.declaration import Declarations

_TYPES = (dict, list, str, int, float, bool, type(None), date, datetime, bytes, set)  # the last four: YAML has them
_ATTRIBUTES = frozenset(name for kind in _TYPES for name in dir(kind))


class Misread(NamedTuple):
    """A mistake in a reference, and how the reference is written."""

    message: str
    hint: str


def key_as_attribute(
    reference: SubjectReference, subjects: Mapping[str, Part], declarations: Declarations
) -> Misread | None:
    """Return the fault of a reference to an attribute that no value of a plain loader has, else None."""
    value = subjects[reference.name].value
    named = [key for key in value if declarations.loader(key) is not None] if isinstance(value, dict) else []
    loader = declarations.loader(named[0]) if len(named) == 1 else None
    if loader is None or not loader.plain:
        return None
    shown = f"${reference.name}"
    for kind, step in reference.steps:
        if kind == "attr" and step in _ATTRIBUTES:
            return None
        if kind == "attr":
            message = f"'{shown}' is what the loader '{named[0]}' reads, plain data without an attribute '{step}'"
            return Misread(message, f'for a key write {shown}["{step}"]')
        shown += f"[{step}]" if isinstance(step, int) else f'["{step}"]'
    return None
