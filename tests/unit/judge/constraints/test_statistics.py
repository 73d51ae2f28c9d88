"""``each``, ``mean``, ``std``, ``median``, ``first``, ``last``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from speccheck.judge.constraints.statistics import CONSTRAINTS
from speccheck.judge.unknown import UnknownError
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from unit.judge.judging import any_metric, one

TENSOR = TensorDescription("float32", (2, 3))
NAN, INF = float("nan"), float("inf")

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "each": [({"each": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], [[1]], TENSOR])],
    "mean": [({"mean": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], [[1]], TENSOR])],
    "std": [({"std": {"max": 1e9}}, [3, "abc", [None, 1], [1, NAN], [True, 1], [1], TENSOR])],
    "median": [({"median": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], TENSOR])],
    "first": [({"first": {"max": 1e9}}, [3, "abc", [None], [NAN, 1], [True], TENSOR])],
    "last": [({"last": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], TENSOR])],
}


class Indexed(list[float]):
    """A list whose items may be taken by their index alone."""

    def __iter__(self) -> Iterator[float]:
        raise AssertionError("each item of the baseline costs a look at all of them")


def test_an_item_of_the_baseline_is_taken_by_its_index() -> None:
    (each,) = (found for found in CONSTRAINTS if found.name == "each")
    assert each.pick(1, Indexed([3.0, 4.0])) == 4.0
    for absent in (2, -1, "a"):
        with pytest.raises(UnknownError):
            each.pick(absent, Indexed([3.0, 4.0]))


@pytest.mark.parametrize(
    ("value", "at"), [([1.0, 2.0, INF], "[2]"), ([-INF, 1.0, 2.0], "[0]"), ({"a": 1, "b": INF, "c": 2}, "b")]
)
def test_a_median_does_not_hide_an_infinity(value: Any, at: str) -> None:
    verdict = one({"median": {"max": 3}}, value)
    assert (verdict.state, verdict.at) == (State.VIOLATED, at)
    assert verdict.cause == Cause(CauseKind.INFINITE, {"observed": verdict.observed})
    assert one({"each": {"median": {"max": 3}}}, {"x": value}).state is State.VIOLATED
    assert one({"median": {"max": 3}}, value, metric=any_metric(infinite=True)).state is State.HELD


@pytest.mark.parametrize("how", ["mean", "std", "median", "last"])
def test_no_statistic_holds_over_an_infinity(how: str) -> None:
    assert one({how: {"min": -1e9}}, [1.0, 2.0, INF]).state is not State.HELD
