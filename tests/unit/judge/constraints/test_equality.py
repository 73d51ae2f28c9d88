"""Equality with literals and references: kinds, tolerance, items, and what stays unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from unit.judge.judging import any_metric, judged, one, state, text_of

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
NAN, INF = float("nan"), float("inf")
TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "equals": [
        (3, [True, "3", [3]]),
        (True, [1, "true"]),
        ("a", [1, ["a"]]),
        ([1, 2], [[1, NAN], [1, None], [None, None], [True, 2], "12", {"0": 1}]),
        ({"equals": {"a": 1}}, [{"a": None}, {"a": NAN}, {"a": True}, {"a": "1"}, [1]]),
        ({"equals": 3, "tolerance": 1e9}, [True, "3"]),
    ],
    "same_as": [
        ({"same_as": "baseline"}, [[NAN], [None], {"a": NAN}]),
        ({"same_as": "other"}, [[NAN], [None]]),
        ({"same_as": "checks.a.m", "tolerance": 1e9}, [[NAN], {"a": None}]),
    ],
}


@pytest.mark.parametrize(
    ("expected", "observed", "result"),
    [
        (0, 0.0, H),
        (0.0, 0, H),
        (1, 2, V),
        (True, True, H),
        (True, False, V),
        (1, True, U),
        (True, 1, U),
        (0, False, U),
        ("a", "a", H),
        ("a", "b", V),
        ("1", 1, U),
        ([1, 2.0], [1.0, 2], H),
        ([1, 2], [1, 3], V),
        ([1, 2], [1, 2, 3], V),
        ([1, 2], [1, NAN], U),
        ([1, 2], [3, None], U),
        ([1, 2], [1, "2"], U),
        ([1, 2], [1, True], U),
        ([1, 2], [1, 2, None], U),
        ([], [], H),
        ([], [1], V),
        ([[1], [2]], [[1], [3]], V),
        ("float32[2,3]", TENSOR, H),
        ("float32[2, 4]", TENSOR, V),
        ("float16[2,3]", TENSOR, V),
        ("float32", TENSOR, U),
        (INF, INF, V),
    ],
)
def test_plain_equality(expected: Any, observed: Any, result: State) -> None:
    assert state(expected, observed) is result
    assert state({"equals": expected}, observed) is result


@pytest.mark.parametrize(
    ("expected", "observed", "result"),
    [
        ({"a": 1}, {"a": 1.0}, H),
        ({"a": 1}, {"a": 2}, V),
        ({"a": 1}, {"b": 1}, V),
        ({"a": 1}, {"a": 1, "b": 2}, V),
        ({"a": 1}, {"a": None}, U),
        ({"a": 1}, {"a": 1, "b": NAN}, U),
        ({"a": [1, 2]}, {"a": [1, 3]}, V),
        ({}, {}, H),
        ({"a": 1}, [1], U),
    ],
)
def test_equality_of_mappings(expected: Any, observed: Any, result: State) -> None:
    assert state({"equals": expected}, observed) is result


@pytest.mark.parametrize(
    ("expected", "tolerance", "observed", "result", "margin"),
    [
        (10, 0.5, 10.25, H, 0.25),
        (10, 0.5, 11, V, -0.5),
        (10, "2%", 10.125, H, 0.075),
        (-10, "2%", -10.125, H, 0.075),
        (10, "2%", 10.25, V, -0.05),
        (0, "2%", 0, H, 0.0),
        (0, "2%", 1e-9, V, -1e-9),
        (10, 0.5, True, U, None),
        (10, 0.5, INF, V, None),
        ([1, 2], 0.1, [1, 2.05], H, 0.05),
        ([1, 2], 0.1, [1.5, 2.2], V, -0.4),
    ],
)
def test_tolerance(expected: Any, tolerance: Any, observed: Any, result: State, margin: float | None) -> None:
    verdict = one({"equals": expected, "tolerance": tolerance}, observed)
    assert verdict.state is result
    assert verdict.margin == (None if margin is None else pytest.approx(margin))


def test_infinity_equals_infinity_where_it_is_declared() -> None:
    metric = any_metric(infinite=True)
    assert state(INF, INF, metric=metric) is H
    assert state(INF, -INF, metric=metric) is V
    assert state({"equals": INF, "tolerance": "2%"}, 3.0, metric=metric) is V
    assert state({"equals": 3.0, "tolerance": 5}, INF, metric=metric) is V


def test_inequality_names_the_item_that_differs_most() -> None:
    verdict = one({"equals": {"a": [1, 2], "b.c": [3, 4]}}, {"a": [1, 3], "b.c": [9, 4]})
    assert verdict.at == '["b.c"][0]'
    assert (verdict.observed, verdict.limit, verdict.margin) == (9, 3, -6)
    assert text_of(verdict) == 'observed 9, expected 3 (at ["b.c"][0])'


@settings(deadline=None)
@given(st.lists(st.floats(-100, 100), min_size=1, max_size=6), st.data(), st.floats(0, 10))
def test_equality_within_a_tolerance_is_that_of_each_item(
    expected: list[float], data: st.DataObject, tolerance: float
) -> None:
    size = len(expected)
    observed = data.draw(st.lists(st.floats(-100, 100), min_size=size, max_size=size))
    close = all(abs(a - b) <= tolerance for a, b in zip(observed, expected, strict=True))
    assert (state({"equals": expected, "tolerance": tolerance}, observed) is H) is close


@pytest.mark.parametrize(
    ("there", "observed", "result"),
    [
        ("abc", "abc", H),
        ("abc", "abd", V),
        (1, "abc", U),
        (1.0, 1, H),
        (True, 1, U),
        ([1, 2], [1, 2], H),
        ([1, NAN], [1, 2], U),
        ([1, None], [1, None], U),
        (NAN, NAN, U),
        (None, None, U),
        ([], [], U),
        ({}, {}, U),
        ("", "", U),
        ([[]], [[]], U),
        ({"a": {}, "b": []}, {"a": {}, "b": []}, U),
        ({"a": [""]}, {"a": [""]}, U),
        ({"a": {}, "b": 1}, {"a": {}, "b": 1}, H),
        ([], [1], V),
        (TENSOR, TENSOR, H),
        (TENSOR, TensorDescription("float32", (2, 4)), V),
        ({"a": True}, {"a": True}, H),
    ],
)
def test_same_as(there: Any, observed: Any, result: State) -> None:
    assert state({"same_as": "baseline"}, observed, baseline={"m": there}) is result
    assert state({"same_as": "checks.a.m"}, observed, others={"a": {"m": there}}) is result
    assert judged({"m": {"same_as": "n"}}, {"m": observed, "n": there}).verdicts[0].state is result


def test_same_as_with_a_tolerance() -> None:
    constraint = {"same_as": "baseline", "tolerance": "2%"}
    assert state(constraint, 101.0, baseline={"m": 100.0}) is H
    assert state(constraint, 103.0, baseline={"m": 100.0}) is V
