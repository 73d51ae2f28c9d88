"""Limits: NUMBER, REFERENCE, REFERENCE op NUMBER, and what makes one unknown."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any

import pytest

from speccheck.judge.limits import (
    Limit,
    LimitError,
    Reference,
    Tolerance,
    parse_limit,
    parse_reference,
    parse_tolerance,
)
from speccheck.model.cause import CauseKind
from speccheck.model.verdict import State
from speccheck.sdk import constraint_text
from unit.judge.judging import any_metric, judged, kind_of_cause, one, state, text_of

NAN = float("nan")
INF = float("inf")


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        (24, Limit(24)),
        (0.5, Limit(0.5)),
        ("24", Limit(24.0)),
        ("1e-6", Limit(1e-6)),
        ("-.5", Limit(-0.5)),
        (".inf", Limit(INF)),
        ("baseline", Limit(0.0, Reference("baseline", "baseline"))),
        ("baseline - 1.0", Limit(1.0, Reference("baseline", "baseline"), "-")),
        ("baseline + -1", Limit(-1.0, Reference("baseline", "baseline"), "+")),
        ("a.b * 1.05", Limit(1.05, Reference("metric", "a.b", ("a", "b")), "*")),
        ("delta['x - 3'] / 2", Limit(2.0, Reference("metric", "delta['x - 3']", ("delta", "x - 3")), "/")),
        ("checks.probe.delta", Limit(0.0, Reference("entry", "checks.probe.delta", ("delta",), "probe"))),
        (
            'checks["probe[a=1]"].delta',
            Limit(0.0, Reference("entry", 'checks["probe[a=1]"].delta', ("delta",), "probe[a=1]")),
        ),
    ],
)
def test_limits_that_can_be_read(written: Any, limit: Limit) -> None:
    assert parse_limit(written) == limit


@pytest.mark.parametrize(
    "written",
    [True, None, [1], {}, NAN, "", "baseline -", "baseline + other", "baseline - 1 - 2", "a.*.b", "checks.a", "24 dB",
     "baseline / 0", "baseline * 1e999", 10**400, "2%"],
)  # fmt: skip
def test_what_is_no_limit(written: Any) -> None:
    with pytest.raises(LimitError):
        parse_limit(written)


def test_the_reference_comes_first_says_the_hint() -> None:
    with pytest.raises(LimitError) as error:
        parse_limit("1.05 * baseline")
    assert error.value.hint == "the reference comes first: baseline * 1.05"


def test_an_operator_is_set_off_by_spaces_says_the_hint() -> None:
    with pytest.raises(LimitError) as error:
        parse_limit("baseline*1.05")
    assert error.value.hint == "put spaces around the operator: baseline * 1.05"


@pytest.mark.parametrize("constraint", [{"same_as": "checks.a.m"}, {"min": "checks.a.m"}, {"max": "checks.a.n * 2"}])
def test_an_entry_of_the_same_measurement_is_unknown(constraint: Any) -> None:
    others = {"a": {"m": 3.0, "n": 3.0}}
    assert state(constraint, 3.0, others=others) is State.HELD
    verdict = one(constraint, 3.0, others=others, same={"a"})
    assert (verdict.state, kind_of_cause(verdict)) == (State.UNKNOWN, CauseKind.REFERENCE_SAME_MEASUREMENT)
    assert "would be compared with itself" in text_of(verdict)


def test_a_reference_is_text() -> None:
    with pytest.raises(LimitError):
        parse_reference(3)


@pytest.mark.parametrize(
    ("written", "tolerance"),
    [(1e-6, Tolerance(1e-6)), ("1e-6", Tolerance(1e-6)), ("2%", Tolerance(0.02, True)), (0, Tolerance(0.0))],
)
def test_tolerances(written: Any, tolerance: Tolerance) -> None:
    assert parse_tolerance(written) == tolerance


@pytest.mark.parametrize("written", [-1, "-2%", NAN, INF, ".inf", True, None, [1], "two", 10**400])
def test_what_is_no_tolerance(written: Any) -> None:
    with pytest.raises(LimitError):
        parse_tolerance(written)


def test_the_baseline_is_this_metric_there() -> None:
    verdict = one({"min": "baseline - 1.0"}, 23.1, baseline={"m": 25.0})
    assert verdict.state is State.VIOLATED
    assert verdict.limit == 24.0
    assert verdict.margin == pytest.approx(-0.9)
    assert text_of(verdict) == "observed 23.1 is below min 24.0 (baseline 25.0 - 1.0)"
    assert constraint_text(verdict) == "min: baseline - 1.0"


@pytest.mark.parametrize(
    ("limit", "value"), [("baseline + 1", 26.0), ("baseline * 2", 50.0), ("baseline / 2", 12.5), ("baseline", 25.0)]
)
def test_the_four_operators(limit: str, value: float) -> None:
    assert one({"max": limit}, 0.0, baseline={"m": 25.0}).limit == value


def test_another_metric_of_the_entry_and_of_another_entry() -> None:
    local = judged({"m": {"below": "start"}}, {"m": 1.0, "start": 2.0}).verdicts[0]
    remote = one({"below": "checks.a.start.x"}, 1.0, others={"a": {"start": {"x": 0.5}}})
    assert local.state is State.HELD
    assert remote.state is State.VIOLATED
    assert "metric checks.a.start.x 0.5" in text_of(remote)


@pytest.mark.parametrize("limit", ["baseline * 1.05", "baseline / 2"])
@pytest.mark.parametrize("reference", [0, -1.5])
def test_a_factor_on_a_reference_of_at_most_0_is_unknown(limit: str, reference: float) -> None:
    verdict = one({"max": limit}, -5.0, baseline={"m": reference})
    assert verdict.state is State.UNKNOWN
    assert "a factor on a reference <= 0" in text_of(verdict)


def test_a_term_on_a_negative_reference_is_known() -> None:
    assert state({"max": "baseline + 1"}, -5.0, baseline={"m": -3.0}) is State.HELD


@pytest.mark.parametrize("reference", [NAN, None, "text", True, [1.0], INF])
def test_a_baseline_that_is_no_finite_number_is_unknown(reference: Any) -> None:
    assert state({"max": "baseline"}, 1.0, baseline={"m": reference}) is State.UNKNOWN


def test_a_missing_baseline_says_why() -> None:
    assert text_of(one({"max": "baseline"}, 1.0)) == "baseline file b.json does not exist"
    assert text_of(one({"max": "baseline"}, 1.0, baseline={"n": 1.0})) == "the baseline lacks metric 'm'"


def test_missing_references_are_unknown() -> None:
    assert state({"max": "other"}, 1.0) is State.UNKNOWN
    assert state({"max": "checks.a.x"}, 1.0) is State.UNKNOWN
    assert state({"max": "checks.a.x"}, 1.0, others={"a": {"y": 1.0}}) is State.UNKNOWN


def test_an_infinite_reference_is_unknown_unless_its_metric_declares_infinity() -> None:
    metrics = {"m": 1.0, "start": INF}
    expect = {"m": {"max": "start"}}
    assert judged(expect, metrics).verdicts[0].state is State.UNKNOWN
    assert judged(expect, metrics, declared={"start": any_metric(infinite=True)}).verdicts[0].state is State.HELD
    assert state({"max": "checks.a.x"}, 1.0, others={"a": {"x": INF}}) is State.UNKNOWN
    assert state({"max": "baseline"}, 1.0, baseline={"m": INF}, metric=any_metric(infinite=True)) is State.HELD


def test_infinity_is_violated_unless_declared() -> None:
    undeclared = one({"min": 24}, INF)
    assert undeclared.state is State.VIOLATED
    assert "does not declare infinity as possible" in text_of(undeclared)
    assert state({"min": 24}, INF, metric=any_metric(infinite=True)) is State.HELD
    assert state({"max": 24}, INF, metric=any_metric(infinite=True)) is State.VIOLATED
    assert state({"max": 24}, -INF) is State.VIOLATED


def test_integers_compare_exactly_beyond_the_precision_of_a_float() -> None:
    assert state({"max": 2**60}, 2**60 + 1) is State.VIOLATED
    assert state({"equals": 2**60}, 2**60 + 1) is State.VIOLATED
    assert state({"max": 1.0}, 10**400) is State.VIOLATED
    assert state({"max": "baseline * 2"}, 1.0, baseline={"m": 10**400}) is State.UNKNOWN


def test_two_numbers_that_look_alike_are_printed_in_full() -> None:
    reason = text_of(one({"max": 0.1234567}, 0.12345671))
    assert "0.12345671" in reason
    assert "0.1234567" in reason.replace("0.12345671", "")


def test_the_margin_is_how_far_inside() -> None:
    assert one({"min": 1}, 3).margin == 2
    assert one({"max": 1}, 3).margin == -2
    assert one({"above": 1}, 3).margin == 2
    assert one({"below": 4}, 3).margin == 1


@pytest.mark.parametrize(("name", "held"), [("min", True), ("max", True), ("above", False), ("below", False)])
def test_at_the_limit(name: str, held: bool) -> None:
    assert (state({name: 2}, 2.0) is State.HELD) is held
    assert math.isclose(one({name: 2}, 2.0).margin or 0.0, 0.0)


@pytest.mark.parametrize("text", ["a" + " " * 20_000 + "x", "1" * 20_000 + " " * 20_000 + "x", "a" + " -" * 20_000])
@pytest.mark.parametrize("read", [parse_limit, parse_reference, parse_tolerance])
def test_a_text_of_any_length_is_refused_at_once(read: Callable[[str], object], text: str) -> None:
    started = time.monotonic()
    with pytest.raises(LimitError):
        read(text)
    assert time.monotonic() - started < 1
