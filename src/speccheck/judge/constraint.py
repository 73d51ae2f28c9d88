"""The description of a constraint: how it is written, which kinds it fits, its schema, and how it is judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from speccheck.judge.applicability import NodePath, Place
from speccheck.judge.context import JudgingContext
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Key, Range, Spot
from speccheck.model.formatting import written_text
from speccheck.model.metrics import Kind
from speccheck.model.values import Json, Value

LIMIT: Json = {"type": ["number", "string"]}
"""The schema of a limit."""

REFERENCE: Json = {"$ref": "#/$defs/reference"}
"""The schema of text that is replaced by a value of another form."""

NESTED: Json = {"$ref": "#/$defs/expectation"}
"""The schema of constraints inside a constraint."""

LITERALS: Json = {"anyOf": [{"type": "array", "minItems": 1}, REFERENCE]}
"""The schema of a list of values."""


@dataclass(frozen=True, slots=True)
class Written:
    """A constraint as written: its name, value and place, and the options beside it."""

    name: str
    value: Json
    place: Place
    node: NodePath
    options: Mapping[str, Json] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The constraint with its nestings and options: ``mean: {min: 0.01}``."""
        return written_text(self.name, self.value, self.place.nesting, self.options)

    def option(self, name: str) -> NodePath:
        """Return the node of an option."""
        return (*self.place.node, name)


Read: TypeAlias = Callable[[Reader, Written], Any]
Judge: TypeAlias = Callable[[Any, Spot, JudgingContext], Result]


@dataclass(frozen=True, slots=True)
class Constraint:
    """One constraint.

    ``doc`` completes "holds when", ``form`` shows how it is written, and ``schema`` is its JSON Schema. ``kinds`` are
    the kinds of metrics it fits (all when empty), ``options`` the names of what may be written beside it. ``read``
    gives what ``judge`` is called with, or None after noting a problem; ``judge`` raises UnknownError when the
    constraint cannot be judged. ``bind`` is called for every constraint of an entry before any is judged.
    """

    name: str
    doc: str
    form: str
    schema: Json
    read: Read
    judge: Judge
    kinds: tuple[Kind, ...] = ()
    options: tuple[str, ...] = ()
    bind: Callable[[Any, Spot, JudgingContext], None] | None = None


def _same(bounds: Range) -> Range:
    return bounds


def _sound(reader: Reader, written: Written) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Nesting:
    """A constraint that holds other constraints: on each item of a value, or on one value made of it.

    ``below`` gives what they are about, by key (None for a value made of the whole); ``pick`` the same of another
    value, for the baseline. ``numbers`` means that the result is a number; ``of`` is the kind that the items must have;
    ``bounds`` are those of the result. ``check`` notes what is wrong with the value as written.
    """

    name: str
    doc: str
    form: str
    schema: Json
    kinds: tuple[Kind, ...]
    below: Callable[[Value], Sequence[tuple[Key, Value]]]
    pick: Callable[[Key, Value], Value]
    numbers: bool = True
    of: Kind = "any"
    bounds: Callable[[Range], Range] = _same
    check: Callable[[Reader, Written], bool] = _sound


@dataclass(frozen=True, slots=True)
class Option:
    """An option beside a constraint: its name, its line of documentation, its form, and its schema."""

    name: str
    doc: str
    form: str
    schema: Json
