"""Causes: what a verdict and an outcome carry as data, and which of them a baseline would remove."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.model.cause import BASELINE_LACKING, Cause, CauseKind
from speccheck.model.metrics import Metric
from speccheck.model.verdict import LimitSource, Outcome, State
from speccheck.sdk import constraint_text, judgement_text, verdict_text
from unit.judge.judging import judged, kind_of_cause, one


def test_a_verdict_holds_the_constraint_as_data() -> None:
    verdict = one({"mean": {"min": "baseline - 1.0"}}, [2.0, 4.0], baseline={"m": [6.0, 8.0]})
    assert (verdict.name, verdict.nesting, verdict.written) == ("min", ("mean",), "baseline - 1.0")
    assert (verdict.observed, verdict.limit, verdict.margin) == (3.0, 6.0, -3.0)
    assert verdict.source == LimitSource("baseline", "baseline", 7.0, "-", 1.0)
    assert verdict.cause is not None
    assert verdict.cause.kind is CauseKind.OUTSIDE_LIMIT
    assert constraint_text(verdict) == "mean: {min: baseline - 1.0}"
    assert verdict_text(verdict) == "mean 3.0 is below min 6.0 (baseline 7.0 - 1.0)"


def test_what_is_written_beside_a_constraint_is_kept() -> None:
    verdict = one({"equals": 2, "tolerance": "10%", "why": "paper"}, 2.1)
    assert (verdict.name, verdict.written, verdict.options, verdict.why) == ("equals", 2, {"tolerance": "10%"}, "paper")
    assert verdict.cause is None
    assert constraint_text(verdict) == "equals: 2, tolerance: 10%"


def test_what_a_waiver_demands_is_marked() -> None:
    from speccheck.model.spec import Waiver

    waiver = Waiver("ann", "known", "2026-12-31", {"a": {"min": 0}})
    found = judged({"a": {"min": 1}}, {"a": -1}, waiver=waiver)
    assert [verdict.constraints[0].demanded_by for verdict in found.verdicts] == ["expect", "worst"]
    assert found.cause == Cause(CauseKind.WAIVER_WORST, {"metric": "a", "verdict": 1, "index": 0})


def test_the_cause_of_an_outcome_points_at_the_first_constraint_and_counts_the_others() -> None:
    expect = {"a": 1, "b": {"min": 0, "max": 1}, "c": {"min": 3}}
    found = judged(expect, {"a": 1, "b": 5, "c": 2})
    assert found.cause == Cause(CauseKind.CONSTRAINTS, {"metric": "b", "verdict": 1, "index": 0, "more": 1})
    assert judgement_text(found) == "b: observed 5 is above max 1 (and 1 more)"


@pytest.mark.parametrize(
    ("constraint", "observed", "there", "item"),
    [
        ({"each": {"min": "baseline - 1"}}, {"a": 1.0, "b": 2.0}, {"a": 1.0}, "b"),
        ({"each": {"min": "baseline - 1"}}, {"a": 1.0}, {}, "a"),
        ({"each": {"min": "baseline - 1"}}, [1.0, 2.0], [1.0], "[1]"),
        ({"each": {"min": "baseline - 1"}}, [1.0], [], "[0]"),
        ({"each": {"mean": {"min": "baseline - 1"}}}, {"a": [1.0], "b": [2.0]}, {"a": [1.0]}, "b"),
        ({"each": {"each": {"same_as": "baseline"}}}, {"a": [1.0, 2.0]}, {"a": [1.0]}, "a[1]"),
    ],
)
def test_a_mapping_that_gained_a_key_lacks_only_a_baseline(
    constraint: Any, observed: Any, there: Any, item: str
) -> None:
    verdict = one(constraint, observed, baseline={"m": there})
    assert verdict.state is State.UNKNOWN
    assert verdict.cause == Cause(CauseKind.BASELINE_LACKS_ITEM, {"metric": "m", "item": item})
    assert verdict.cause.kind in BASELINE_LACKING


@pytest.mark.parametrize("there", ["text", [], [float("nan")], [None], None])
def test_a_baseline_that_cannot_be_used_is_another_cause(there: Any) -> None:
    verdict = one({"mean": {"min": "baseline"}}, [1.0], baseline={"m": there})
    assert verdict.state is State.UNKNOWN
    assert kind_of_cause(verdict) is not None
    assert kind_of_cause(verdict) not in BASELINE_LACKING


def test_an_observed_item_that_is_unknown_is_not_a_lack_of_the_baseline() -> None:
    verdict = one({"each": {"min": "baseline"}}, {"a": float("nan")}, baseline={"m": {}})
    assert kind_of_cause(verdict) is CauseKind.VALUE_NAN


def test_a_long_value_is_recorded_as_text() -> None:
    verdict = one({"equals": [0] * 50}, [0] * 49 + [[1]])
    assert verdict.state is State.UNKNOWN
    verdict = one({"one_of": [list(range(50))]}, list(range(60)))
    assert verdict.cause is not None
    assert set(verdict.cause.fields) == {"observed_text", "options_text"}
    assert len(verdict.cause.fields["observed_text"]) <= 401
    assert verdict_text(verdict).startswith("observed [0, 1, 2, ")


def test_a_confidence_that_holds_keeps_its_test() -> None:
    metric = Metric("list", "scores", of="number", replicates=True)
    verdict = one({"mean": {"min": 0, "confidence": 0.95}}, [1.0, 1.1, 0.9], metric=metric)
    assert (verdict.state, kind_of_cause(verdict)) == (State.HELD, CauseKind.CONFIDENCE_TEST)
    assert verdict.options == {"confidence": 0.95}


def test_an_outcome_that_was_softened_names_who_and_why() -> None:
    from speccheck.model.spec import ExpectedFailure

    found = judged({"a": 1}, {"a": 0}, expected_failure=ExpectedFailure("lossy", until="2027-01-01"))
    assert found.outcome is Outcome.XFAILED
    assert found.cause == Cause(CauseKind.EXPECTED_FAILURE, {"reason": "lossy", "until": "2027-01-01"})
