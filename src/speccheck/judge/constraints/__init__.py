"""One module a family of constraints: each offers ``CONSTRAINTS`` and, where there are any, ``OPTIONS`` beside them.

The package lists its own modules, so that a new constraint is a new module and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import NamedTuple

from speccheck.judge.constraint import Constraint, Nesting, Option
from speccheck.model.values import Json

__all__ = ["CONSTRAINTS", "OPTIONS", "PARTNERS", "ConstraintDoc", "constraint_docs", "constraint_schemas"]


class ConstraintDoc(NamedTuple):
    """The documentation of a constraint: when it holds, how it is written, and the kinds it fits (all when empty).

    ``beside`` names the constraints that an option is written beside; it is empty for a constraint.
    """

    doc: str
    form: str
    kinds: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()


_MODULES = [import_module(f"{__name__}.{name}") for name in sorted(found.name for found in iter_modules(__path__))]


def _offered(name: str) -> Iterator[Constraint | Nesting | Option]:
    for module in _MODULES:
        yield from getattr(module, name, ())


CONSTRAINTS: Mapping[str, Constraint | Nesting] = {
    found.name: found for found in _offered("CONSTRAINTS") if isinstance(found, (Constraint, Nesting))
}
"""Every constraint by name."""

OPTIONS: Mapping[str, Option] = {found.name: found for found in _offered("OPTIONS") if isinstance(found, Option)}
"""Everything that may be written beside some constraints, by name."""

PARTNERS: Mapping[str, tuple[str, ...]] = {
    option: tuple(
        name for name, found in CONSTRAINTS.items() if isinstance(found, Constraint) and option in found.options
    )
    for option in OPTIONS
}
"""The constraints that each option may be written beside."""


def constraint_schemas() -> dict[str, Json]:
    """Return the JSON Schema of every constraint and option."""
    return {name: found.schema for name, found in {**CONSTRAINTS, **OPTIONS}.items()}


def constraint_docs() -> dict[str, ConstraintDoc]:
    """Return the documentation of every constraint and option, by name."""
    docs = {name: ConstraintDoc(found.doc, found.form, found.kinds) for name, found in CONSTRAINTS.items()}
    for name, option in OPTIONS.items():
        docs[name] = ConstraintDoc(option.doc, option.form, beside=PARTNERS[name])
    return docs
