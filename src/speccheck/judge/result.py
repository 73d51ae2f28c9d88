"""What judging one constraint at one place gives, before it is put into the words of a verdict."""

from __future__ import annotations

from typing import NamedTuple

from speccheck.model.values import Value
from speccheck.model.verdict import State


class Result(NamedTuple):
    """The state, the value that decided and its limit, how far inside it lies, the item it is, and why not held."""

    state: State
    observed: Value = None
    limit: Value = None
    margin: float | None = None
    at: tuple[str | int, ...] = ()
    reason: str = ""
    vacuous: bool = False
