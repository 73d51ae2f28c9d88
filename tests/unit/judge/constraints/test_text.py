"""``matches``."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from unit.judge.judging import state

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "matches": [({"matches": "(?s).*"}, [3, True, ["a"], TENSOR])],
}


@pytest.mark.parametrize(
    ("constraint", "observed", "result"),
    [
        ({"matches": "[a-c]+"}, "abc", H),
        ({"matches": "[a-c]+"}, "abcd", V),
        ({"matches": "b"}, "abc", V),
        ({"matches": ".*"}, "", U),
        ({"matches": "1"}, 1, U),
    ],
)
def test_when_it_holds(constraint: Any, observed: Any, result: State) -> None:
    assert state(constraint, observed) is result
