"""``between: [low, high]``: inclusive, with the distance to the nearer limit as its margin."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.judge import parse_expect
from speccheck.model.metrics import Metric
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from speccheck.sdk import constraint_text
from unit.judge.judging import METRICS, any_metric, judged, one, state, text_of

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
NAN, INF = float("nan"), float("inf")
TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "between": [
        ({"between": [-1e9, 1e9]}, [True, "5", [5], {"a": 5}, TENSOR]),
        ({"between": ["baseline - 100", "checks.a.m + 100"]}, [True, "5"]),
    ],
}


@pytest.mark.parametrize(
    ("limits", "observed", "result", "margin"),
    [
        ([1, 4], 1, H, 0.0),
        ([1, 4], 4.0, H, 0.0),
        ([1, 4], 2, H, 1.0),
        ([1, 4], 3.5, H, 0.5),
        ([1, 4], 0.5, V, -0.5),
        ([1, 4], 6, V, -2.0),
        ([2, 2], 2.0, H, 0.0),
        ([0, ".inf"], 3, H, 3.0),
        ([0, 1], INF, V, None),
        ([0, 1], NAN, U, None),
        ([0, 1], "0.5", U, None),
    ],
)
def test_when_it_holds(limits: Any, observed: Any, result: State, margin: float | None) -> None:
    verdict = one({"between": limits}, observed)
    assert (verdict.state, verdict.margin) == (result, margin)


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_it_is_min_and_max_together(value: float, first: float, second: float) -> None:
    low, high = sorted((first, second))
    assert state({"between": [low, high]}, value) is state({"min": low, "max": high}, value)


def test_limits_may_be_references() -> None:
    constraint = {"between": ["baseline - 1", "checks.a.most"]}
    verdict = one(constraint, 5.5, baseline={"m": 4.0}, others={"a": {"most": 5.0}})
    assert (verdict.state, verdict.limit, verdict.margin) == (V, [3.0, 5.0], -0.5)
    assert text_of(verdict) == "observed 5.5 is above the high limit 5.0 (metric checks.a.most 5.0)"
    assert constraint_text(verdict) == "between: [baseline - 1, checks.a.most]"
    low = one(constraint, 2.0, baseline={"m": 4.0}, others={"a": {"most": 5.0}})
    assert text_of(low) == "observed 2.0 is below the low limit 3.0 (baseline 4.0 - 1.0)"
    assert one(constraint, 4.0, baseline={"m": 4.0}, others={}).state is U
    assert parse_expect({"m": constraint}, None).entries == frozenset({"a"})
    assert parse_expect({"m": constraint}, None).uses_baseline


def test_under_a_statistic_it_names_it() -> None:
    verdict = one({"mean": {"between": [0, 1]}}, [1.0, 4.0])
    assert text_of(verdict) == "mean 2.5 is above the high limit 1"


def test_it_is_vacuous_when_it_spans_the_declared_bounds() -> None:
    share = Metric("number", "share", min=0.0, max=1.0)
    assert one({"between": [0, 1]}, 0.5, metric=share).vacuous
    assert one({"between": [-1, "other"]}, 0.5, metric=share).state is U
    assert not one({"between": [0, 0.9]}, 0.5, metric=share).vacuous
    assert not one({"between": [0, 1]}, 0.5).vacuous
    assert one({"between": ["m", 1]}, 0.5, metric=share).vacuous
    (problem,) = parse_expect({"share": {"between": [0, 1]}}, METRICS).problems
    assert (problem.code, problem.severity) == ("SC601", "warning")
    assert problem.message == "'between: [0, 1]' can never be violated: the declared bounds are 0.0 to 1.0"


@pytest.mark.parametrize(
    ("limits", "code", "node"),
    [
        (3, "SC205", ("m", "between")),
        ([1], "SC205", ("m", "between")),
        ([1, 2, 3], "SC205", ("m", "between")),
        ([1, True], "SC203", ("m", "between", 1)),
        (["baseline-1", [2]], "SC203", ("m", "between", 1)),
        ([2, 1], "SC205", ("m", "between")),
    ],
)
def test_what_cannot_be_read_is_a_problem(limits: Any, code: str, node: tuple[Any, ...]) -> None:
    problems = parse_expect({"m": {"between": limits}}, None).problems
    assert (code, node) in [(problem.code, problem.path) for problem in problems]


def test_limits_the_wrong_way_round_have_a_remedy() -> None:
    (problem,) = parse_expect({"max_error": {"between": [2, 1]}}, METRICS).problems
    assert problem.hint == "write [1, 2]"


def test_it_fits_numbers_alone_and_takes_no_confidence() -> None:
    (problem,) = parse_expect({"sha256": {"between": [0, 1]}}, METRICS).problems
    assert problem.message == "'between' is for a number, and this metric is a text"
    expect = {"m": {"mean": {"between": [0, 1], "confidence": 0.95}}}
    assert [problem.code for problem in parse_expect(expect, None).problems] == ["SC202"]
    assert judged(expect, {"m": [1.0]}, declared={"m": any_metric(replicates=True)}).verdicts[0].state is U
