"""The constraint that decides an expectation."""

from __future__ import annotations

import itertools

import pytest

from speccheck.model.verdict import ConstraintVerdict, State, Verdict


def of(state: State, margin: float | None = None) -> ConstraintVerdict:
    return ConstraintVerdict(f"{state.value} {margin}", state, margin=margin)


@pytest.mark.parametrize(
    ("first", "second"), list(itertools.pairwise([State.UNKNOWN, State.VIOLATED, State.INCONCLUSIVE, State.HELD]))
)
def test_a_worse_state_decides_whatever_the_margin(first: State, second: State) -> None:
    assert Verdict("m", first, (of(second, -9.0), of(first, 9.0))).worst.state is first


def test_among_equals_the_smallest_margin_decides() -> None:
    constraints = (of(State.HELD), of(State.HELD, 3.0), of(State.HELD, 1.0))
    assert Verdict("m", State.HELD, constraints).worst.margin == 1.0
