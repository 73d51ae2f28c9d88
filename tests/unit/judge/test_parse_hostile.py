"""Reading data of whatever form: never an exception, and what is not read is a problem."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.judge import CONSTRAINTS, Problem, parse_expect
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Outcome, State
from unit.judge.judging import METRICS, judged


def problems(expect: Any, *, metrics: Any = METRICS) -> tuple[Problem, ...]:
    return parse_expect(expect, metrics).problems


@pytest.mark.parametrize("expect", [None, 3, "text", [1], True])
def test_an_expect_of_another_form_is_a_problem(expect: Any) -> None:
    assert [problem.path for problem in problems(expect)] == [()]


def deep(levels: int, leaf: Any, key: str | None) -> Any:
    for _ in range(levels):
        leaf = [leaf] if key is None else {key: leaf}
    return leaf


@pytest.mark.parametrize("key", [None, "each", "equals", "mean", "first"])
@pytest.mark.parametrize("levels", [40, 5000])
def test_huge_nesting_is_a_problem(key: str | None, levels: int) -> None:
    found = problems({"anything": deep(levels, 1, key)}, metrics=None)
    assert found
    assert {problem.code for problem in found} <= {"SC202", "SC205", "SC207"}


def test_a_list_that_holds_itself_is_a_problem() -> None:
    loop: list[Any] = []
    loop.append(loop)
    assert "SC205" in [problem.code for problem in problems({"anything": loop})]


SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["baseline", "baseline - 1", "[B, 3]", "max_error", "checks.a.b", "2%", "(", "warn"])
    | st.just(5000).map(lambda digits: 10**digits)
)
KEYS = (
    st.sampled_from([*CONSTRAINTS, "tolerance", "confidence", "correct_for", "why", "severity"])
    | st.text(max_size=4)
    | st.sampled_from([None, 3, 2.5, True])
    | st.just(5000).map(lambda digits: 10**digits)
)
HOSTILE = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
NAMES = st.sampled_from([*METRICS, "grad.a.norm", "tensors.x", "delta.a", "nothing", "a b", "*"]) | KEYS


@settings(deadline=None)
@given(st.dictionaries(NAMES, HOSTILE, max_size=3) | HOSTILE, st.booleans())
def test_no_plain_data_raises_and_what_is_not_read_is_a_problem(expect: Any, declared: bool) -> None:
    parsed = parse_expect(expect, METRICS if declared else None)
    errors = {problem.path[0] for problem in parsed.problems if problem.path and problem.severity == "error"}
    read = {expectation.metric for expectation in parsed.expectations}
    if isinstance(expect, dict):
        assert all((key in read) is not (key in errors) for key in expect if isinstance(key, str))
        assert errors or all(isinstance(key, str) for key in expect)
    else:
        assert parsed.problems
    for problem in parsed.problems:
        assert problem.code in {f"SC{number}" for number in (102, 201, 202, 203, 204, 205, 206, 207, 601)}
        assert problem.message


VALUES = st.recursive(
    SCALARS | st.sampled_from([TensorDescription("float32", (2, 3)), 3, 1.0]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["a", "b"]), inner, max_size=3),
    max_leaves=8,
)
CONSTRAINED = st.sampled_from(sorted(CONSTRAINTS)).flatmap(lambda name: st.fixed_dictionaries({name: HOSTILE}))


@settings(deadline=None, max_examples=300)
@given(st.dictionaries(st.sampled_from(["m", "n", "*", "m.a"]), HOSTILE | CONSTRAINED, min_size=1), VALUES, VALUES)
def test_no_evidence_and_no_expectation_raises_and_only_what_is_read_and_held_passes(
    expect: dict[str, Any], value: Any, there: Any
) -> None:
    found = judged(expect, {"m": value, "max_error": 1.0}, baseline={"m": there}, others={"a": {"b": there}})
    assert [verdict.metric for verdict in found.verdicts] == list(expect)
    held = all(verdict.state is State.HELD for verdict in found.verdicts)
    assert (found.outcome is Outcome.PASSED) is held
    if any(problem.severity == "error" for problem in parse_expect(expect, None).problems):
        assert found.outcome in (Outcome.ERROR, Outcome.FAILED, Outcome.WARNED)
        assert not held
