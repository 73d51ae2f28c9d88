"""An expectation as read: constraints with their values, other entries referred to, and the problems found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import msgspec

from speccheck.judge.applicability import NodePath
from speccheck.judge.constraint import Constraint, Nesting
from speccheck.judge.limits import Reference
from speccheck.judge.reader import Problem
from speccheck.model.paths import MetricPath
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json


class Leaf(msgspec.Struct, frozen=True):
    """A constraint that compares, as read: ``read`` is what its description judges by.

    ``written``, ``options`` and ``nesting`` keep how it was written, ``why`` and ``severity`` what belongs to it.
    """

    constraint: Constraint
    read: Any
    written: Json
    options: Mapping[str, Json]
    nesting: tuple[str, ...]
    why: str = ""
    severity: EntrySeverity | None = None


class Nested(msgspec.Struct, frozen=True):
    """Constraints inside a nesting."""

    nesting: Nesting
    inner: tuple[Node, ...]


Node: TypeAlias = Leaf | Nested


class Expectation(msgspec.Struct, frozen=True):
    """One metric path, as written and in parts, and the constraints it must meet."""

    metric: str
    path: MetricPath
    constraints: tuple[Node, ...]
    leaves: tuple[Leaf, ...]
    wild: bool
    binds: bool


@dataclass(frozen=True, slots=True)
class Parsed:
    """An ``expect`` mapping, read: expectations in spec order, all problems, and the ids of other entries it names.

    ``references`` gives every reference to another entry with the node that holds it; ``uses_baseline`` whether any
    limit or ``same_as`` needs a baseline.
    """

    expectations: tuple[Expectation, ...]
    problems: tuple[Problem, ...]
    entries: frozenset[str]
    references: tuple[tuple[Reference, NodePath], ...] = ()
    uses_baseline: bool = False

    @property
    def sound(self) -> bool:
        """Whether everything could be read."""
        return not any(problem.severity == "error" for problem in self.problems)
