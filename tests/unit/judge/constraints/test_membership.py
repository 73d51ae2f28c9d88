"""``one_of``, ``contains``, ``subset_of``."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.model.verdict import State
from unit.judge.judging import state

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
NAN = float("nan")
INF = float("inf")

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "one_of": [({"one_of": [1, 2, 3]}, [True, "1", [1]]), ({"one_of": [[1, 2]]}, [[1, NAN], [None, 2]])],
    "contains": [({"contains": 1}, [[None], [NAN], [True], "1", {"a": 1}, 1])],
    "subset_of": [({"subset_of": [1, 2, "a"]}, [[None], [1, NAN], [True], "a", {"a": 1}, 1])],
}


@pytest.mark.parametrize(
    ("constraint", "observed", "result"),
    [
        ({"one_of": [1, 2]}, 2.0, H),
        ({"one_of": [1, 2]}, 3, V),
        ({"one_of": [1, 2]}, True, U),
        ({"one_of": ["a", 1]}, "b", V),
        ({"one_of": ["a", "b"]}, 1, U),
        ({"one_of": [[1], [2]]}, [2], H),
        ({"one_of": [1, 2]}, INF, V),
        ({"contains": "a"}, ["b", "a"], H),
        ({"contains": 1}, [1.0], H),
        ({"contains": 1}, [2, 3], V),
        ({"contains": 1}, [True], U),
        ({"contains": 1}, [2, NAN], U),
        ({"contains": 1}, [], V),
        ({"contains": "a"}, "abc", U),
        ({"contains": "a"}, {"a": 1}, U),
        ({"subset_of": ["a", "b"]}, ["a", "a"], H),
        ({"subset_of": ["a", "b"]}, ["a", "c"], V),
        ({"subset_of": ["a", "b"]}, [], U),
        ({"subset_of": ["a", "b"]}, ["a", 1], U),
        ({"subset_of": ["a"]}, "a", U),
    ],
)
def test_when_it_holds(constraint: Any, observed: Any, result: State) -> None:
    assert state(constraint, observed) is result
