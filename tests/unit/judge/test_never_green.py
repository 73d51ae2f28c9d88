"""Unknown is never green: nothing that is missing, NaN, none, empty or of another kind ever holds."""

from __future__ import annotations

import math
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.judge import CONSTRAINTS
from speccheck.model.metrics import Metric
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Outcome, State
from unit.judge.judging import judged

NAN = float("nan")
MISSING = object()
TENSOR = TensorDescription("float32", (2, 3))
EMPTY: list[Any] = [MISSING, None, NAN, [], {}, ""]
NUMBERS: list[Any] = [3, 0.5, -1.0]
LISTS: list[Any] = [[1.0, 2.0], {"a": 1.0}, [1.0, 2.0, 3.0]]

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    name: forms
    for module in iter_modules([str(Path(__file__).parent / "constraints")])
    for name, forms in getattr(import_module(f"unit.judge.constraints.{module.name}"), "FORMS", {}).items()
}
"""For each constraint, from the tests of its family: forms that permit much, and values of kinds it does not take."""

CONFIDENCE = {"mean": {"min": -1e9, "confidence": 0.95}}
CASES = [(name, form, value) for name, forms in FORMS.items() for form, wrong in forms for value in [*wrong, *EMPTY]]


def held(constraint: Any, value: Any, **more: Any) -> bool:
    metrics = {} if value is MISSING else {"m": value}
    return judged({"m": constraint}, metrics, **more).verdicts[0].state is State.HELD


def test_every_constraint_has_its_cases() -> None:
    assert set(FORMS) == set(CONSTRAINTS)


@pytest.mark.parametrize(("name", "form", "value"), CASES)
def test_nothing_of_this_sort_holds(name: str, form: Any, value: Any) -> None:
    other: Any = {"a": {"m": 1.0}}
    if "length" in name and value in ([], {}, ""):
        form = {"length": {"above": 0}}  # an empty list has a length, which is 0
    assert not held(form, value, others=other, baseline={"m": 1.0})
    # nor beside a reference that is just as wanting
    there = {} if value is MISSING else {"m": value}
    assert not held(form, value, others={"a": there}, baseline=there)


@pytest.mark.parametrize("value", [*EMPTY, 3, "abc", [None, 1], [1, NAN], [True, 1], [1], [2, 2], TENSOR])
def test_no_confidence_without_a_sample(value: Any) -> None:
    declared = {"m": Metric("any", "x", replicates=True)}
    assert not held(CONFIDENCE, value, declared=declared)


REFERRING = [
    ({name: reference}, NUMBERS)
    for name in ("min", "max", "above", "below", "same_as")
    for reference in ("baseline", "other", "checks.a.m")
] + [
    ({how: {name: "baseline"}}, LISTS) for how in ("mean", "median", "first", "last", "each") for name in ("min", "max")
]


@pytest.mark.parametrize(("form", "values"), REFERRING)
@pytest.mark.parametrize("reference", [*EMPTY, "text", True, [None], [NAN, NAN, NAN], {"a": NAN}])
def test_no_missing_reference_holds(form: Any, values: list[Any], reference: Any) -> None:
    there = {} if reference is MISSING else {"m": reference}
    beside = {} if reference is MISSING else {"other": reference}
    for value in values:
        judgement = judged({"m": form}, {"m": value, **beside}, others={"a": there}, baseline=there)
        assert judgement.verdicts[0].state is State.UNKNOWN
        assert judgement.outcome is Outcome.ERROR


PROBES = st.sampled_from([MISSING, None, NAN, True, "", "a", [], {}, [None], [NAN], {"a": None}, {"a": NAN}, [True]])
ALL_FORMS = st.sampled_from([form for forms in FORMS.values() for form, _ in forms])


def hollow(value: Any) -> bool:
    """Whether there is nothing in the value to look at: none, NaN or nothing, all the way down."""
    if isinstance(value, (list, dict)):
        items = list(value.values()) if isinstance(value, dict) else value
        return all(map(hollow, items))
    return value is MISSING or value is None or value == "" or (isinstance(value, float) and math.isnan(value))


@settings(deadline=None, max_examples=400)
@given(st.lists(ALL_FORMS, min_size=1, max_size=3), st.data())
def test_no_combination_passes_an_entry(forms: list[Any], data: st.DataObject) -> None:
    expect = {f"m{at}": form for at, form in enumerate(forms)}
    values = {name: data.draw(PROBES) for name in expect}
    there = data.draw(st.dictionaries(st.sampled_from([*expect, "m"]), PROBES, max_size=3))
    reference = {name: value for name, value in there.items() if value is not MISSING}
    metrics = {name: value for name, value in values.items() if value is not MISSING}
    judgement = judged(expect, {**metrics, "other": None}, others={"a": reference}, baseline=reference)
    for verdict in judgement.verdicts:
        value = values[verdict.metric]
        of_length = isinstance(expect[verdict.metric], dict) and "length" in expect[verdict.metric]
        if hollow(value) and not of_length:
            assert verdict.state is not State.HELD
    if any(map(hollow, values.values())) and not any("length" in str(form) for form in forms):
        assert judgement.outcome in (Outcome.ERROR, Outcome.FAILED)
