"""Every constraint: when it holds, when it is violated, when it is unknown, and what its verdict holds."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.diagnostic import Position
from speccheck.model.metrics import Metric
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Outcome, State
from speccheck.sdk import constraint_text
from unit.judge.judging import judged, one, state, text_of

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
NAN, INF = float("nan"), float("inf")
TENSOR = TensorDescription("float32", (2, 3))


@pytest.mark.parametrize(
    ("constraint", "observed", "result"),
    [
        ({"each": {"max": 3}}, [1, 2, 3], H),
        ({"each": {"max": 3}}, {"a": 4}, V),
        ({"each": {"max": 3}}, [], U),
        ({"each": {"max": 3}}, {}, U),
        ({"each": {"max": 3}}, 3, U),
        ({"each": {"max": 3}}, "abc", U),
        ({"each": {"max": 3}}, [1, NAN], U),
        ({"each": {"max": 3}}, [1, True], U),
        ({"each": True}, [True, True], H),
        ({"each": {"each": {"max": 3}}}, [[1], []], U),
        ({"each": {"length": 2}}, {"a": [1, 2], "b": [3, 4]}, H),
        ({"mean": {"max": 2}}, [1, 3], H),
        ({"mean": {"max": 2}}, {"a": 1, "b": 4}, V),
        ({"mean": 2}, [1, 3], H),
        ({"mean": {"max": 2}}, [], U),
        ({"mean": {"max": 2}}, [1, None], U),
        ({"mean": {"max": 2}}, [True], U),
        ({"mean": {"max": 2}}, [[1]], U),
        ({"mean": {"max": 2}}, [1, -INF], V),
        ({"mean": {"max": 2}}, [INF, -INF], U),
        ({"mean": {"max": 2}}, [1e308, 1e308], U),
        ({"mean": {"max": 2}}, [10**400], U),
        ({"std": {"max": 1.42}}, [1, 3], H),
        ({"std": {"max": 1.41}}, [1, 3], V),
        ({"std": {"max": 1}}, [1], U),
        ({"std": {"max": 1}}, [INF, 1], U),
        ({"median": 2}, [9, 1, 2], H),
        ({"median": 1.5}, [1, 2], H),
        ({"first": {"max": 1}}, [1, 9], H),
        ({"last": {"max": 1}}, [1, 9], V),
        ({"last": "b"}, ["a", "b"], H),
        ({"last": {"max": 1}}, [], U),
        ({"last": {"max": 1}}, [1, NAN], U),
        ({"last": 3}, {"10": 3, "9": 1, "2": 0}, H),
        ({"first": 1}, {"b": 2, "a": 1}, H),
    ],
)
def test_lists_and_mappings(constraint: Any, observed: Any, result: State) -> None:
    assert state(constraint, observed) is result


def test_the_spread_is_that_of_a_sample_and_says_so() -> None:
    verdict = one({"std": {"max": 1}}, [1.0, 3.0])
    assert verdict.observed == pytest.approx(2**0.5)
    assert "sample standard deviation (n-1)" in text_of(verdict)


def test_the_worst_item_is_named() -> None:
    verdict = one({"each": {"max": 3}}, [1, 7, 5])
    assert (verdict.at, verdict.observed, verdict.margin) == ("[1]", 7, -4)
    assert text_of(verdict) == "observed 7 is above max 3 (at [1])"
    assert one({"each": {"max": 3}}, [1, 2.5, 0]).at == "[1]"
    assert one({"each": {"each": {"max": 3}}}, {"a": [1], "b.c": [2, 9]}).at == '["b.c"][1]'


def test_an_unknown_item_does_not_hide_a_violated_one() -> None:
    judgement = judged({"m": {"each": {"max": 3}}}, {"m": [NAN, 7]})
    assert [constraint.state for constraint in judgement.verdicts[0].constraints] == [U, V]
    assert judgement.verdicts[0].state is U
    assert judgement.outcome is Outcome.FAILED


def test_all_constraints_of_a_metric_must_hold() -> None:
    verdict = judged({"m": {"min": 1, "max": 3}}, {"m": 5}).verdicts[0]
    assert [(constraint_text(one), one.state) for one in verdict.constraints] == [("max: 3", V), ("min: 1", H)]
    assert (verdict.state, verdict.observed) == (V, 5)


def test_every_match_of_a_star_must_hold_and_the_worst_is_named() -> None:
    tree = {"grad": {"a": {"norm": 1.0}, "b.0": {"norm": 9.0}, "c": {"norm": 5.0}}}
    verdict = judged({"grad.*.norm": {"max": 4}}, tree).verdicts[0]
    assert verdict.state is V
    assert verdict.worst.at == 'grad["b.0"].norm'
    assert verdict.observed == 9.0
    assert judged({"grad.*.norm": {"max": 9}}, tree).outcome is Outcome.PASSED


@pytest.mark.parametrize("tree", [{}, {"grad": {}}, {"grad": 3}, {"grad": {"a": {"other": 1}}}])
def test_a_star_that_matches_nothing_is_unknown(tree: dict[str, Any]) -> None:
    judgement = judged({"grad.*.norm": {"max": 4}}, tree)
    assert judgement.outcome is Outcome.ERROR
    assert judgement.verdicts[0].worst.cause == Cause(CauseKind.METRIC_ABSENT, {"metric": "grad.*.norm", "wild": True})


def test_a_branch_that_lacks_the_metric_is_unknown_even_if_it_is_optional() -> None:
    tree = {"grad": {"a": {"norm": 1.0}, "b": {}}}
    expect = {"grad.*.norm": {"max": 4}}
    judgement = judged(expect, tree)
    assert judgement.outcome is Outcome.ERROR
    assert judgement.verdicts[0].worst.at == "grad.b.norm"
    optional = {"grad.*.norm": Metric("number", "norm", optional="a frozen layer")}
    assert judged(expect, tree, declared=optional).outcome is Outcome.ERROR


@pytest.mark.parametrize("keys", [["scene", "scen"], {"scene": 1, "scen": 2}])
def test_a_star_names_every_member_of_the_parameter(keys: Any) -> None:
    declared = {"overlap.{keys}": Metric("number", "shared values", optional="no record has it")}
    params: Any = {"keys": keys}
    judgement = judged({"overlap.*": 0}, {"overlap": {"scene": 0}}, declared=declared, params=params)
    assert judgement.outcome is Outcome.ERROR
    worst = judgement.verdicts[0].worst
    assert (worst.at, worst.cause) == ("overlap.scen", Cause(CauseKind.MEMBER_ABSENT, {"path": "overlap.scen"}))
    both = {"overlap": {"scene": 0, "scen": 0}}
    assert judged({"overlap.*": 0}, both, declared=declared, params=params).outcome is Outcome.PASSED
    leaking = {"overlap": {"scene": 1}}
    assert judged({"overlap.*": 0}, leaking, declared=declared, params=params).outcome is Outcome.FAILED


@pytest.mark.parametrize("odd", ["{scene}", "*", "a.b"])
def test_a_member_with_an_odd_name_is_itself_alone(odd: str) -> None:
    declared = {"overlap.{keys}": Metric("number", "shared values")}
    params: Any = {"keys": ["scene", odd]}
    absent = judged({"overlap.*": 0}, {"overlap": {"scene": 0}}, declared=declared, params=params)
    assert absent.outcome is Outcome.ERROR
    both = judged({"overlap.*": 0}, {"overlap": {"scene": 0, odd: 0}}, declared=declared, params=params)
    assert both.outcome is Outcome.PASSED


def test_a_star_in_the_middle_names_every_member_too() -> None:
    declared = {"distinct.{keys}.{splits}": Metric("number", "different values")}
    params: Any = {"keys": ["a", "b"], "splits": {"train": "$t", "val": "$v"}}
    tree = {"distinct": {"a": {"train": 1, "val": 1}, "b": {"train": 1}}}
    for path in ("distinct.*.*", "distinct.*.val", "distinct.b.*"):
        verdict = judged({path: {"min": 1}}, tree, declared=declared, params=params).verdicts[0]
        assert (verdict.state, verdict.worst.at) == (U, "distinct.b.val")
    assert judged({"distinct.*.train": {"min": 1}}, tree, declared=declared, params=params).outcome is Outcome.PASSED


def test_a_tensor_of_the_parameter_that_is_absent_is_unknown() -> None:
    declared = {"tensors.{tensors}": Metric("tensor", "each")}
    params: Any = {"tensors": {"a": "$a", "b": "$b"}}
    tree = {"tensors": {"a": TensorDescription("float32", (2,))}}
    verdict = judged({"tensors.*.shape": {"shape": "[2]"}}, tree, declared=declared, params=params).verdicts[0]
    assert (verdict.state, verdict.worst.at) == (U, "tensors.b.shape")


@pytest.mark.parametrize("other", [3.0, "text", None, {}, {"y": 1}])
def test_a_member_without_the_rest_of_the_path_is_unknown(other: Any) -> None:
    tree = {"dd": {"a": {"x": 1}, "b": other}}
    assert judged({"dd.*.x": 1}, tree).verdicts[0].worst.at == "dd.b.x"
    assert judged({"dd.*.x": 1}, tree).outcome is Outcome.ERROR


def test_another_metric_beside_the_members_is_no_member() -> None:
    declared = {"grad.total": Metric("number", "all"), "grad.*.norm": Metric("number", "norm")}
    tree = {"grad": {"total": 3.0, "a": {"norm": 1.0}}}
    assert judged({"grad.*.norm": {"max": 4}}, tree, declared=declared).outcome is Outcome.PASSED


@pytest.mark.parametrize("lacking", [{}, {"y": {}}])
def test_each_of_several_stars_counts(lacking: dict[str, Any]) -> None:
    tree = {"x": {"a": lacking, "b": {"y": {"c": {"z": 1}}}}}
    assert judged({"x.*.y.*.z": 1}, tree).verdicts[0].worst.at == "x.a.y.*.z"


def test_a_star_at_the_top_passes_over_other_metrics() -> None:
    assert judged({"*.norm": {"max": 4}}, {"a": {"norm": 1}, "seconds": 3}).outcome is Outcome.PASSED


def test_each_and_star_together_name_the_whole_place() -> None:
    tree = {"runs": {"x": {"loss": [1, 9]}, "y": {"loss": {"k": 3}}}}
    verdict = judged({"runs.*.loss": {"each": {"max": 4}}}, tree).verdicts[0].worst
    assert verdict.at == "runs.x.loss[1]"


def test_under_a_statistic_the_baseline_is_the_same_statistic_there() -> None:
    there = {"m": [2.0, 4.0, 9.0]}
    for how, value in (("mean", 5.0), ("median", 4.0), ("first", 2.0), ("last", 9.0), ("length", 3.0)):
        assert one({how: {"max": "baseline"}}, [0.0], baseline=there).limit == value
    assert one({"std": {"max": "baseline"}}, [0.0, 1.0], baseline=there).limit == pytest.approx(13**0.5)


def test_under_each_and_star_the_baseline_is_that_of_the_item() -> None:
    verdict = one({"each": {"max": "baseline"}}, [1.0, 5.0], baseline={"m": [2.0, 4.0]})
    assert (verdict.at, verdict.limit) == ("[1]", 4.0)
    assert one({"each": {"max": "baseline"}}, [1.0, 5.0], baseline={"m": [2.0]}).state is U
    expect = {"a.*": {"max": "baseline + 1"}}
    assert judged(expect, {"a": {"x": 1, "y": 2}}, baseline={"a": {"x": 0, "y": 1}}).outcome is Outcome.PASSED
    assert judged(expect, {"a": {"x": 1, "y": 2}}, baseline={"a": {"x": 0}}).outcome is Outcome.ERROR


def test_a_baseline_list_without_a_statistic_is_unknown() -> None:
    for there in ([], [NAN], "text", [None]):
        assert state({"mean": {"max": "baseline"}}, [0.0], baseline={"m": there}) is U


def test_a_missing_metric_is_unknown_and_says_when_it_may_be() -> None:
    declared = {"m": Metric("number", "x", optional="no reference given")}
    judgement = judged({"m": {"min": 0}}, {}, declared=declared)
    assert judgement.outcome is Outcome.ERROR
    assert "no reference given" in text_of(judgement)


@pytest.mark.parametrize(
    ("kind", "value"), [("number", True), ("number", "1"), ("bool", 1), ("text", 1), ("list", {"a": 1})]
)
def test_a_value_of_another_kind_than_declared_is_unknown(kind: Any, value: Any) -> None:
    verdict = one({"one_of": [True, 1, "1", [1]]}, value, metric=Metric(kind, "x"))
    assert verdict.state is U
    assert "wrong kind" in text_of(verdict)


def test_tensor_parts_are_metrics() -> None:
    assert judged({"t.dtype": "float32", "t.shape": [2, 3]}, {"t": TENSOR}).outcome is Outcome.PASSED


def test_a_verdict_carries_why_severity_and_position() -> None:
    place = Position("a.yaml", 3, 7)
    expect = {"m": {"min": 1, "why": "paper", "severity": "warn"}}
    judgement = judged(expect, {"m": 0}, positions={"m": place})
    constraint = judgement.verdicts[0].constraints[0]
    assert (constraint.why, constraint.severity, judgement.verdicts[0].position) == ("paper", "warn", place)


@pytest.mark.parametrize(
    ("constraint", "vacuous"),
    [
        ({"min": "m - 1"}, True),
        ({"min": "m + -1"}, True),
        ({"min": "m * 0.5"}, True),
        ({"min": "m + 1"}, False),
        ({"max": "m * 2"}, True),
        ({"max": "m / 2"}, False),
        ({"max": "m / 0.5"}, True),
        ({"above": "m - 0"}, False),
        ({"above": "m - 1"}, True),
        ({"below": "m * 1.5"}, True),
        ({"between": ["m - 1", "m + 1"]}, True),
        ({"between": ["m - 1", 90]}, False),
    ],
)
def test_a_limit_derived_from_the_metric_itself_is_marked(constraint: Any, vacuous: bool) -> None:
    assert one(constraint, 3.0).vacuous is vacuous


@pytest.mark.parametrize(
    ("constraint", "value", "vacuous"),
    [
        ({"min": 0}, 0.5, True),
        ({"max": 1}, 0.5, True),
        ({"min": 0.1}, 0.5, False),
        ({"min": "baseline - 1"}, 0.5, True),
        ({"min": "m"}, 0.5, True),
        ({"max": "checks.e.m"}, 0.5, True),
        ({"same_as": "m"}, 0.5, True),
        ({"same_as": "baseline"}, 0.5, False),
        ({"equals": 0.5, "tolerance": 1}, 0.5, True),
    ],
)
def test_a_limit_that_nothing_could_violate_is_marked(constraint: Any, value: float, vacuous: bool) -> None:
    metric = Metric("number", "share", min=0.0, max=1.0)
    assert one(constraint, value, metric=metric, baseline={"m": 0.5}).vacuous is vacuous


def test_bounds_of_a_length_or_spread_are_their_own() -> None:
    metric = Metric("list", "x", of="number", min=5.0)
    assert one({"length": {"min": 0}}, [6], metric=metric).vacuous
    assert not one({"length": {"min": 1}}, [6], metric=metric).vacuous
    assert one({"each": {"min": 5}}, [6], metric=metric).vacuous
    assert not one({"std": {"min": 1}}, [6, 7], metric=metric).vacuous


def test_a_long_value_is_not_copied_into_the_verdict() -> None:
    verdict = judged({"m": {"each": {"max": 3}}}, {"m": [1] * 1000}).verdicts[0]
    assert verdict.observed == 1
    assert len(str(one({"equals": "a"}, "b" * 10_000).observed)) < 500
