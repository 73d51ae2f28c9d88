"""What an expectation becomes when it is read: constraints, limits, references, and the problems found on the way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

import msgspec

from speccheck.judge.shapes import Pattern
from speccheck.model.diagnostic import Severity
from speccheck.model.paths import MetricPath
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json

NodePath: TypeAlias = tuple[str | int, ...]
"""The keys and indices that lead from the ``expect`` mapping to a node."""

BoundName: TypeAlias = Literal["min", "max", "above", "below"]
NestingName: TypeAlias = Literal["each", "mean", "std", "median", "first", "last", "length"]


class Problem(msgspec.Struct, frozen=True):
    """What is wrong with an expectation: a stable code, the message, and the node (its key when ``on_key``)."""

    code: str
    message: str
    path: NodePath = ()
    on_key: bool = False
    hint: str = ""
    severity: Severity = "error"


class Reference(msgspec.Struct, frozen=True):
    """What a limit or ``same_as`` refers to: the baseline, a metric of the entry, or one of another entry."""

    kind: Literal["baseline", "metric", "entry"]
    text: str
    path: MetricPath = ()
    entry: str = ""


class Limit(msgspec.Struct, frozen=True):
    """``NUMBER``, ``REFERENCE`` or ``REFERENCE op NUMBER``; without a reference, ``number`` is the limit."""

    number: float
    reference: Reference | None = None
    op: Literal["", "+", "-", "*", "/"] = ""


class Tolerance(msgspec.Struct, frozen=True):
    """How far equal numbers may lie apart: ``amount``, or that fraction of the expected number's magnitude."""

    amount: float
    relative: bool = False


class Leaf(msgspec.Struct, frozen=True, kw_only=True):
    """A constraint that compares: its text as written (nesting included), reason given, and severity if its own."""

    text: str
    why: str = ""
    severity: EntrySeverity | None = None


class Bound(Leaf, frozen=True, kw_only=True):
    """``min``, ``max``, ``above`` or ``below``; with ``confidence``, of the mean of the population sampled."""

    name: BoundName
    limit: Limit
    confidence: float | None = None
    family: MetricPath = ()


class Equals(Leaf, frozen=True, kw_only=True):
    """Equal to a literal, numbers within the tolerance."""

    expected: Json
    tolerance: Tolerance | None = None


class SameAs(Leaf, frozen=True, kw_only=True):
    """Equal to what a reference stands for, numbers within the tolerance."""

    reference: Reference
    tolerance: Tolerance | None = None


class OneOf(Leaf, frozen=True, kw_only=True):
    """Equal to one of the options."""

    options: tuple[Json, ...]


class Matches(Leaf, frozen=True, kw_only=True):
    """A text that the regular expression matches from end to end."""

    pattern: str


class Contains(Leaf, frozen=True, kw_only=True):
    """A list one of whose items equals the value."""

    item: Json


class SubsetOf(Leaf, frozen=True, kw_only=True):
    """A list each of whose items equals one of the options."""

    options: tuple[Json, ...]


class Shape(Leaf, frozen=True, kw_only=True):
    """``shape`` or ``tensor``: sizes unify over the whole entry; the pattern of a tensor has a dtype."""

    pattern: Pattern


class Nested(msgspec.Struct, frozen=True, kw_only=True):
    """Constraints on what a list or mapping comes to: each item, a statistic, an end, its length."""

    how: NestingName
    inner: tuple[Constraint, ...]


Constraint: TypeAlias = Leaf | Nested


class Expectation(msgspec.Struct, frozen=True):
    """One metric path, as written and in parts, and the constraints it must meet."""

    metric: str
    path: MetricPath
    constraints: tuple[Constraint, ...]
    leaves: tuple[Leaf, ...]
    wild: bool
    shapes: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """An ``expect`` mapping, read: expectations in spec order, all problems, and the ids of other entries it names.

    ``references`` gives every reference to another entry with the node it stands in; ``uses_baseline`` says whether
    any limit or ``same_as`` needs a baseline.
    """

    expectations: tuple[Expectation, ...]
    problems: tuple[Problem, ...]
    entries: frozenset[str]
    references: tuple[tuple[Reference, NodePath], ...] = ()
    uses_baseline: bool = False
