"""The contract suite's view of metrics: declarations that make no sense, and evidence that does not fit them."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from speccheck.model.metrics import Metric
from speccheck.model.values import TensorDescription
from speccheck.sdk import Check, Evidence, Series, Table, param
from speccheck.testing.checks import evidence_problems
from speccheck.testing.metrics import declaration_problems


@pytest.mark.parametrize(
    ("metric", "problem"),
    [
        (Metric("number", "a", min=1, max=0), "its min 1 is above its max 0"),
        (Metric("number", "a", max=float("inf")), "its bounds must be finite"),
        (Metric("text", "a", min=0), "bounds do not apply to a text"),
        (Metric("list", "a", of="text", max=3), "bounds do not apply to a list of text"),
        (Metric("bool", "a", infinite=True), "bounds do not apply to a bool"),
        (Metric("number", "a", of="number"), "`of` applies to lists and mappings"),
        (Metric("number", "a", replicates=True), "`replicates` applies to a list"),
        (Metric("number", "a", min=0, max=1, infinite=True), "`infinite` contradicts its two finite bounds"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_reported(metric: Metric, problem: str) -> None:
    problems = list(declaration_problems({"a": metric}, {}))
    assert len(problems) == 1
    assert problem in problems[0]


def test_a_check_without_metrics_is_reported() -> None:
    assert list(declaration_problems({}, {})) == ["it declares no metrics, so an entry cannot expect anything"]


_DECLARED = {
    "n": Metric("number", "a", min=0, max=5),
    "snr": Metric("number", "a", infinite=True, optional="silence"),
    "same": Metric("bool", "a", optional="nothing"),
    "losses": Metric("list", "a", of="number", min=0, optional="none"),
    "by": Metric("mapping", "a", of="list", min=0, optional="none"),
    "out": Metric("tensor", "a", optional="none"),
    "grad.*.norm": Metric("number", "a", optional="none"),
    "seen.{names}": Metric("bool", "a"),
}


@dataclasses.dataclass(frozen=True)
class Names:
    """Parameters of the check below."""

    names: Any = param("the names", default=None)


def _check() -> Check[Names]:
    return Check(params=Names, metrics=_DECLARED, measure=lambda params, context: Evidence(), version=1)


def _problems(values: Mapping[str, Any], yielded: Mapping[str, Any]) -> list[str]:
    return list(evidence_problems(_check(), values, Evidence(dict(yielded))))


@pytest.mark.parametrize(
    ("yielded", "problem"),
    [
        ({"n": 6}, "metric n: 6 is outside the declared range 0 to 5"),
        ({"n": True}, "metric n: declared number, returned bool"),
        ({"n": float("nan")}, "metric n: it contains NaN"),
        ({"n": 1, "losses": [1.0, float("inf")]}, "metric losses: it is infinite without declaring it"),
        ({"n": 1, "losses": [1.0, "2"]}, "metric losses: declared list of number, returned one of str"),
        ({"n": 1, "by": {"a": [1], "b": 2}}, "metric by: declared mapping of list, returned one of int"),
        ({"n": 1, "by": {"a": [-1]}}, "metric by: -1 is outside"),
        ({"n": 1, "same": 1}, "metric same: declared bool, returned int"),
        ({"n": 1, "out": "float32[2]"}, "metric out: declared tensor, returned str"),
        ({"n": 1, "out": object()}, "metric out: not plain data"),
        ({"n": 1, "losses": {1, 2}}, "metric losses: not plain data"),
        ({"n": 1, "m": 1}, "metric m was returned but is not declared"),
        ({"n": 1, "grad": {"a.b": {"sum": 1}}}, 'metric grad["a.b"].sum was returned but is not declared'),
        ({"n": 1, "grad": {"a.b": 1}}, 'metric grad["a.b"] was returned but is not declared'),
        ({}, "metric n is declared and not optional, but was not returned"),
    ],
)
def test_a_metric_that_does_not_fit_is_reported(yielded: Mapping[str, Any], problem: str) -> None:
    problems = _problems({"names": {"a": 1}}, {"seen": {"a": True}, **yielded})
    assert len(problems) == 1
    assert problems[0].startswith(problem)


def test_metrics_per_key_of_a_parameter_must_all_be_there() -> None:
    problems = _problems({"names": ["a", "b.c"]}, {"n": 1, "seen": {"a": True}})
    assert problems == ['metric seen["b.c"] is declared and not optional, but was not returned']


def test_metrics_that_fit_are_left_alone() -> None:
    fitting = {
        "n": 5,
        "snr": float("inf"),
        "same": False,
        "losses": [0, 1.5],
        "by": {"a": [0.5]},
        "out": TensorDescription("float32", (2, 3)),
        "grad": {"a.b": {"norm": -1}},
        "seen": {"a": True},
    }
    assert _problems({"names": {"a": 1}}, fitting) == []


def test_tables_and_series_that_do_not_fit_together_are_reported() -> None:
    evidence = Evidence(
        {"n": 1}, tables={"t": Table(("a", "b"), ((1, 2), (3,)))}, series={"s": Series((0.0, 1.0), (1.0,))}
    )
    problems = list(evidence_problems(_check(), {}, evidence))
    assert problems == [
        "series s differs in length: 2 in x, 1 in y",
        "table t has a row whose length differs from the number of columns, 2",
    ]
