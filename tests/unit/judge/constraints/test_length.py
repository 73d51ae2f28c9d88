"""``length``."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from unit.judge.judging import state

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "length": [({"length": {"above": 0}}, [3, True, TENSOR]), ({"length": {"max": "baseline"}}, [3, True])],
}


@pytest.mark.parametrize(
    ("constraint", "observed", "result"),
    [
        ({"length": 2}, [1, 2], H),
        ({"length": 2}, {"a": 1}, V),
        ({"length": 3}, "abc", H),
        ({"length": {"min": 1, "max": 2}}, [1], H),
        ({"length": {"min": 1}}, [], V),
        ({"length": 0}, [], H),
        ({"length": {"max": 3}}, [], H),
        ({"length": 2}, 2, U),
        ({"length": 2}, TENSOR, U),
    ],
)
def test_when_it_holds(constraint: Any, observed: Any, result: State) -> None:
    assert state(constraint, observed) is result
