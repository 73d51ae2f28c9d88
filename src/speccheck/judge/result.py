"""The result of judging one constraint at one place."""

from __future__ import annotations

from typing import NamedTuple

from speccheck.model.cause import Cause
from speccheck.model.values import Value
from speccheck.model.verdict import LimitSource, State


class Result(NamedTuple):
    """The state, the value that decided, its limit and where that comes from, the margin, the item, and the cause."""

    state: State
    observed: Value = None
    limit: Value = None
    margin: float | None = None
    at: tuple[str | int, ...] = ()
    cause: Cause | None = None
    vacuous: bool = False
    source: LimitSource | None = None
