"""Reading expectations: every problem at once, with its code, its node and its remedy; and never an exception."""

from __future__ import annotations

from typing import Any

import pytest

from speccheck.judge import Problem, parse_expect
from speccheck.model.metrics import Metric
from unit.judge.judging import METRICS


def problems(expect: Any, *, metrics: Any = METRICS) -> tuple[Problem, ...]:
    return parse_expect(expect, metrics).problems


def the(expect: Any) -> Problem:
    """The only problem."""
    found = problems(expect)
    assert len(found) == 1, found
    return found[0]


SOUND: list[dict[str, Any]] = [
    {"max_error": 0},
    {"max_error": {"max": 1e-6, "why": "float32", "severity": "warn"}},
    {"max_error": {"max": "baseline * 1.05"}},
    {"max_error": {"below": "share", "above": "checks.other.metric - 1"}},
    {"identical": True, "sha256": "abc"},
    {"sha256": {"matches": "[0-9a-f]{64}"}},
    {"sha256": {"same_as": "checks.a.sha256"}},
    {"sha256": {"one_of": ["a", "b"], "length": 1}},
    {"losses": {"first": {"above": 1}, "last": {"max": "baseline"}, "length": {"min": 3}, "each": {"max": 10}}},
    {"losses": {"mean": {"max": 1}, "std": {"max": 1}, "median": 0.5}},
    {"losses": {"equals": [1, 2.5], "tolerance": "2%"}},
    {"names": {"contains": "a", "subset_of": ["a", "b"]}},
    {"names": []},
    {"tokens": {"tensor": "float32[B, N*2]"}},
    {"tokens": "float32[2,3]"},
    {"tokens.shape": {"shape": "[B, 3]"}, "tokens.dtype": "float32"},
    {'tensors["a.b"]': {"shape": "[B]"}},
    {"tensors.*": {"shape": "[B, ...]"}},
    {"grad.*.norm": {"above": 0}},
    {'grad["encoder.0"].norm': {"above": 0}},
    {"delta['a,b']": {"mean": {"min": 0.01, "confidence": 0.95, "correct_for": "delta"}}},
    {"delta": {"each": {"mean": {"min": 0.01, "confidence": 0.95, "correct_for": "delta"}}}},
    {"rates": {"each": {"min": 0.5}, "mean": {"min": 0.6}}},
    {"anything": {"equals": {"a": 1}}},
]


@pytest.mark.parametrize("expect", SOUND)
def test_sound_expectations_have_no_problem(expect: dict[str, Any]) -> None:
    parsed = parse_expect(expect, METRICS)
    assert parsed.problems == ()
    assert [expectation.metric for expectation in parsed.expectations] == list(expect)
    assert all(expectation.leaves for expectation in parsed.expectations)


BROKEN: list[tuple[str, tuple[Any, ...], dict[Any, Any]]] = [
    ("SC102", ("max_eror",), {"max_eror": 0}),
    ("SC102", ("max_error", "max"), {"max_error": {"max": "shore * 2"}}),
    ("SC102", ("sha256", "same_as"), {"sha256": {"same_as": "sha"}}),
    ("SC102", ("delta['a']", "mean", "correct_for"),
     {"delta['a']": {"mean": {"min": 1, "confidence": 0.9, "correct_for": "delt"}}}),
    ("SC201", ("max_error", "maxx"), {"max_error": {"maxx": 1}}),
    ("SC201", ("losses", "mean", "least"), {"losses": {"mean": {"least": 1}}}),
    ("SC201", ("max_error", 3), {"max_error": {3: 1}}),
    ("SC202", ("identical", "min"), {"identical": {"min": 1}}),
    ("SC202", ("max_error",), {"max_error": True}),
    ("SC202", ("max_error",), {"max_error": "abc"}),
    ("SC202", ("identical",), {"identical": 1}),
    ("SC202", ("tokens",), {"tokens": "float32"}),
    ("SC202", ("sha256", "tolerance"), {"sha256": {"equals": "a", "tolerance": 1}}),
    ("SC202", ("max_error", "tolerance"), {"max_error": {"max": 1, "tolerance": 1}}),
    ("SC202", ("anything", "tolerance"), {"anything": {"equals": "a", "tolerance": 1}}),
    ("SC202", ("max_error", "confidence"), {"max_error": {"max": 1, "confidence": 0.95}}),
    ("SC202", ("losses", "mean", "confidence"), {"losses": {"mean": {"max": 1, "confidence": 0.95}}}),
    ("SC202", ("losses", "median", "confidence"), {"losses": {"median": {"max": 1, "confidence": 0.95}}}),
    ("SC202", ("delta.a", "mean", "confidence"), {"delta.a": {"mean": {"equals": 1, "confidence": 0.95}}}),
    ("SC202", ("delta.a", "mean", "correct_for"), {"delta.a": {"mean": {"max": 1, "correct_for": "delta"}}}),
    ("SC202", ("delta.a", "mean", "correct_for"),
     {"delta.a": {"mean": {"max": 1, "confidence": 0.9, "correct_for": "losses"}}}),
    ("SC202", ("delta.a", "mean", "correct_for"),
     {"delta.a": {"mean": {"max": 1, "confidence": 0.9, "correct_for": "rates"}}}),
    ("SC202", ("names", "mean"), {"names": {"mean": {"max": 1}}}),
    ("SC202", ("names", "contains"), {"names": {"contains": 3}}),
    ("SC202", ("max_error", "each"), {"max_error": {"each": {"max": 1}}}),
    ("SC202", ("max_error", "matches"), {"max_error": {"matches": "a"}}),
    ("SC202", ("max_error", "shape"), {"max_error": {"shape": "[B]"}}),
    ("SC202", ("losses", "tensor"), {"losses": {"tensor": "float32[B]"}}),
    ("SC202", ("max_error", "one_of", 1), {"max_error": {"one_of": [1, "a"]}}),
    ("SC202", ("max_error", "max"), {"max_error": {"max": "sha256"}}),
    ("SC203", ("max_error", "max"), {"max_error": {"max": "24 dB"}}),
    ("SC203", ("max_error", "max"), {"max_error": {"max": "baseline*1.05"}}),
    ("SC203", ("max_error", "max"), {"max_error": {"max": "share-1"}}),
    ("SC203", ("max_error", "max"), {"max_error": {"max": None}}),
    ("SC203", ("max_error", "max"), {"max_error": {"max": float("nan")}}),
    ("SC203", ("sha256", "same_as"), {"sha256": {"same_as": "grad.*.norm"}}),
    ("SC204", ("tokens", "shape"), {"tokens": {"shape": "[B"}}),
    ("SC204", ("tokens", "shape"), {"tokens": {"shape": [2, 3]}}),
    ("SC204", ("tokens", "tensor"), {"tokens": {"tensor": "[B, 3]"}}),
    ("SC204", ("tokens", "tensor"), {"tokens": {"tensor": "flot32[B, 3]"}}),
    ("SC205", ("max_error", "tolerance"), {"max_error": {"equals": 1, "tolerance": -1}}),
    ("SC205", ("sha256", "matches"), {"sha256": {"matches": "("}}),
    ("SC205", ("sha256", "matches"), {"sha256": {"matches": 3}}),
    ("SC205", ("delta.a", "mean", "confidence"), {"delta.a": {"mean": {"max": 1, "confidence": 0.5}}}),
    ("SC205", ("delta.a", "mean", "confidence"), {"delta.a": {"mean": {"max": 1, "confidence": True}}}),
    ("SC205", ("delta.a", "mean", "confidence"), {"delta.a": {"mean": {"max": 1, "confidence": 95}}}),
    ("SC205", ("max_error", "why"), {"max_error": {"max": 1, "why": 3}}),
    ("SC205", ("max_error", "severity"), {"max_error": {"max": 1, "severity": "error"}}),
    ("SC205", ("max_error",), {"max_error": None}),
    ("SC205", ("max_error",), {"max_error": float("nan")}),
    ("SC205", ("max_error",), {"max_error": 10**400}),
    ("SC205", ("losses", 1), {"losses": [1, None]}),
    ("SC205", ("names", "subset_of"), {"names": {"subset_of": []}}),
    ("SC205", ("max_error", "one_of"), {"max_error": {"one_of": 3}}),
    ("SC205", ("losses", "length"), {"losses": {"length": "baseline"}}),
    ("SC205", ("losses", "length"), {"losses": {"length": -1}}),
    ("SC205", ("losses", "length"), {"losses": {"length": 2.5}}),
    ("SC205", ("losses", "length"), {"losses": {"length": True}}),
    ("SC206", ("max error",), {"max error": 0}),
    ("SC206", ("",), {"": 0}),
    ("SC206", (3,), {3: 0}),
    ("SC206", ("delta.a", "mean", "correct_for"),
     {"delta.a": {"mean": {"max": 1, "confidence": 0.9, "correct_for": "delta.*"}}}),
    ("SC207", ("max_error",), {"max_error": {}}),
    ("SC207", ("max_error",), {"max_error": {"why": "because"}}),
    ("SC207", ("losses", "mean"), {"losses": {"mean": {"severity": "warn"}}}),
]  # fmt: skip


@pytest.mark.parametrize(("code", "node", "expect"), BROKEN)
def test_broken_expectations(code: str, node: tuple[Any, ...], expect: dict[Any, Any]) -> None:
    found = problems(expect)
    assert (code, node) in [(problem.code, problem.path) for problem in found]
    assert all(problem.severity == "error" for problem in found)
    assert parse_expect(expect, METRICS).expectations == ()


WARNED: list[dict[str, Any]] = [
    {"max_error": {"min": 0}},
    {"max_error": {"above": -1}},
    {"max_error": {"max": ".inf"}},
    {"share": {"max": 1}},
    {"share": {"below": 1.5}},
    {"share": {"equals": 0.5, "tolerance": 0.5}},
    {"losses": {"each": {"min": 0}}},
    {"losses": {"mean": {"min": -1}}},
    {"losses": {"length": {"min": 0}}},
    {"losses": {"std": {"min": 0}}},
    {"identical": {"one_of": [True, False]}},
    {"tokens": {"shape": "[...]"}},
    {"share": {"max": "share"}},
    {"max_error": {"min": "max_error - 1"}},
    {"max_error": {"max": "max_error * 2"}},
    {"max_error": {"above": "max_error / 2"}},
    {"max_error": {"between": ["max_error - 1", "max_error + 1"]}},
    {"sha256": {"same_as": "sha256"}},
]


@pytest.mark.parametrize("expect", WARNED)
def test_limits_that_nothing_could_violate_are_warned_of(expect: dict[str, Any]) -> None:
    problem = the(expect)
    assert (problem.code, problem.severity) == ("SC601", "warning")
    assert len(parse_expect(expect, METRICS).expectations) == 1


@pytest.mark.parametrize(
    "expect",
    [
        {"max_error": {"above": 0}},
        {"share": {"below": 1}},
        {"share": {"equals": 0.5, "tolerance": 0.4}},
        {"losses": {"length": {"above": 0}}},
        {"identical": {"one_of": [True]}},
        {"share": {"below": "share"}},
        {"share": {"max": "baseline"}},
    ],
)
def test_limits_that_something_could_violate_are_not(expect: dict[str, Any]) -> None:
    assert problems(expect) == ()


def test_a_misspelled_metric_is_suggested_on_its_key() -> None:
    problem = the({"max_eror": 0})
    assert problem.message == "unknown metric 'max_eror'"
    assert problem.hint == "did you mean 'max_error'?"
    assert problem.on_key


def test_a_metric_that_is_declared_deeper_is_suggested() -> None:
    assert the({"grad": 0}).hint == "it is declared as 'grad.*.norm'"


def test_a_misspelled_constraint_is_suggested_on_its_key() -> None:
    problem = the({"losses": {"lenght": 3}})
    assert (problem.hint, problem.on_key) == ("did you mean 'length'?", True)


def test_spaces_around_the_operator_are_suggested() -> None:
    assert the({"max_error": {"max": "share-1"}}).hint == "put spaces around the operator: share - 1"


def test_a_comparison_written_as_text_is_suggested_as_a_constraint() -> None:
    assert the({"max_error": ">= 3"}).hint == "write {min: 3}"


def test_an_unquoted_shape_is_suggested_quoted() -> None:
    assert the({"tokens": {"shape": ["B", 3]}}).hint == 'quote it: shape: "[B, 3]"'


def test_all_problems_at_once() -> None:
    expect = {"max_eror": 0, "max_error": {"maxx": 1, "min": "x y"}, "a b": 1, "identical": {"min": 1}}
    assert [problem.code for problem in problems(expect)] == ["SC102", "SC201", "SC203", "SC206", "SC202"]


def test_a_problem_is_told_once() -> None:
    expect = {"losses": {"mean": {"min": 0.1, "max": 1, "confidence": 0.95}}}
    assert [problem.code for problem in problems(expect)] == ["SC202"]


def test_without_declarations_what_needs_them_is_not_checked() -> None:
    expect = {"max_eror": {"min": 0}, "identical": {"min": 1, "max": "nothing"}}
    assert problems(expect, metrics=None) == ()
    assert [problem.code for problem in problems({"m": {"maxx": 1}}, metrics=None)] == ["SC201"]


def test_entries_and_baselines_that_are_referred_to() -> None:
    expect = {
        "max_error": {"max": "checks.a.error * 2", "min": 'checks["probe[a=1]"].delta'},
        "sha256": {"same_as": "checks.b.sha256"},
    }
    parsed = parse_expect(expect, METRICS)
    assert parsed.entries == {"a", "probe[a=1]", "b"}
    assert [(reference.path, node) for reference, node in parsed.references] == [
        (("error",), ("max_error", "max")),
        (("delta",), ("max_error", "min")),
        (("sha256",), ("sha256", "same_as")),
    ]
    assert not parsed.uses_baseline
    assert parse_expect({"max_error": {"max": "baseline"}}, METRICS).uses_baseline


def test_severity_and_why_reach_what_is_nested() -> None:
    expect = {
        "losses": {
            "why": "paper",
            "severity": "warn",
            "mean": {"max": 1},
            "last": {"max": 2, "why": "own", "severity": "fail"},
        }
    }
    leaves = parse_expect(expect, METRICS).expectations[0].leaves
    assert [(leaf.nesting, leaf.constraint.name, leaf.written, leaf.why, leaf.severity) for leaf in leaves] == [
        (("last",), "max", 2, "own", "fail"),
        (("mean",), "max", 1, "paper", "warn"),
    ]


def test_the_most_specific_declaration_counts() -> None:
    metrics = {"*": Metric("any", "others"), "m": Metric("bool", "own")}
    assert [problem.code for problem in parse_expect({"m": {"min": 1}}, metrics).problems] == ["SC202"]
    assert parse_expect({"n": {"min": 1}}, metrics).problems == ()
