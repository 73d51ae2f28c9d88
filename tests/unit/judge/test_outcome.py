"""Outcomes: what softens what, until when, and which comes first. And the decision of a run."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.judge import coverage, decide
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import cut
from speccheck.model.metrics import Metric
from speccheck.model.spec import ExpectedFailure, Waiver
from speccheck.model.verdict import Decision, Judgement, Outcome, State
from speccheck.sdk import cause_text, constraint_text
from unit.judge.judging import judged, text_of

NAN = float("nan")
XFAIL = ExpectedFailure("the codec is lossy")
WAIVER = Waiver("ann", "known", "2026-06-30", {"a": {"min": 0}})
DAY = datetime.date(2026, 6, 30)
EXPECT = {"a": {"min": 1}, "b": {"min": 1}}


def outcome(metrics: Any, **entry: Any) -> Outcome:
    expect = entry.pop("expect", EXPECT)
    judgement: Judgement = judged(expect, metrics, **entry)
    return judgement.outcome


def test_passed_failed_and_error() -> None:
    assert outcome({"a": 1, "b": 1}) is Outcome.PASSED
    assert outcome({"a": 0, "b": 1}) is Outcome.FAILED
    assert outcome({"a": 1}) is Outcome.ERROR
    assert outcome({"a": 0}) is Outcome.FAILED  # a violation comes before an unknown


def test_no_evidence_is_an_error_with_the_failure() -> None:
    from speccheck.judge import judge
    from speccheck.model.baseline import BaselineEntry
    from speccheck.model.spec import Entry, Measurement

    entry = Entry("e", "e", "f.c", Measurement("f.c", 1), expect={"a": 1}, waiver=WAIVER, expected_failure=XFAIL)
    found = judge(
        entry,
        None,
        {},
        BaselineEntry(),
        DAY,
        {},
        Cause(CauseKind.MEASUREMENT_FAILED, {"kind": "timeout", "message": "timed out after 3 s"}),
    )
    assert (found.outcome, text_of(found)) == (Outcome.ERROR, "timed out after 3 s")
    assert text_of(judge(entry, None, {}, BaselineEntry(), DAY, {})) == "not measured"


def test_no_expectation_is_an_error_and_observe_is_measured() -> None:
    assert outcome({"a": 1}, expect={}) is Outcome.ERROR
    assert outcome({"a": 1}, expect={}, observe=True) is Outcome.MEASURED
    assert outcome(None, expect={}, observe=True) is Outcome.ERROR
    assert outcome({"a": 1}, expect={"a": 2}, observe=True) is Outcome.ERROR


def test_an_expectation_that_cannot_be_read_is_an_error_and_the_others_are_judged() -> None:
    found = judged({"a": {"maxx": 1}, "b": 1}, {"a": 1, "b": 1})
    assert found.outcome is Outcome.ERROR
    assert [verdict.state for verdict in found.verdicts] == [State.UNKNOWN, State.HELD]
    assert "unknown constraint 'maxx'" in text_of(found)
    assert outcome({"a": 1, "b": 2}, expect={"a": {"maxx": 1}, "b": 1}) is Outcome.FAILED


@pytest.mark.parametrize("value", [10**400, [[[[10**400]]]], float("inf"), {"a": {3: 1}}])
def test_an_expectation_that_no_cache_can_hold_is_judged_all_the_same(value: Any) -> None:
    assert outcome({"a": 1}, expect={"a": {"one_of": [1]}, "b": value}) in (Outcome.ERROR, Outcome.FAILED)


def test_severity_warn_softens_a_violation_and_no_unknown() -> None:
    assert outcome({"a": 0, "b": 1}, severity="warn") is Outcome.WARNED
    assert outcome({"b": 1}, severity="warn") is Outcome.ERROR
    expect = {"a": {"min": 1, "severity": "warn"}, "b": {"min": 1}}
    assert outcome({"a": 0, "b": 1}, expect=expect) is Outcome.WARNED
    assert outcome({"a": 0, "b": 0}, expect=expect) is Outcome.FAILED
    assert outcome({"a": 1, "b": 1}, expect=expect) is Outcome.PASSED
    stern = {"a": {"min": 1, "severity": "fail"}, "b": {"min": 1}}
    assert outcome({"a": 0, "b": 1}, expect=stern, severity="warn") is Outcome.FAILED


def test_an_expected_failure_must_fail_in_each_metric_named() -> None:
    named = ExpectedFailure("lossy", ("a",))
    assert outcome({"a": 0, "b": 1}, expected_failure=named) is Outcome.XFAILED
    assert outcome({"a": 1, "b": 1}, expected_failure=named) is Outcome.XPASSED
    assert outcome({"a": 0, "b": 0}, expected_failure=named) is Outcome.FAILED
    assert outcome({"a": 1, "b": 0}, expected_failure=named) is Outcome.FAILED
    assert outcome({"b": 1}, expected_failure=named) is Outcome.ERROR
    assert outcome({"a": NAN, "b": 1}, expected_failure=named) is Outcome.ERROR
    assert outcome({"a": 0}, expected_failure=named) is Outcome.ERROR


def test_without_names_every_metric_must_fail() -> None:
    assert outcome({"a": 0, "b": 0}, expected_failure=XFAIL) is Outcome.XFAILED
    assert outcome({"a": 0, "b": 1}, expected_failure=XFAIL) is Outcome.XPASSED
    assert outcome({"a": 0}, expected_failure=XFAIL) is Outcome.ERROR


def test_a_constraint_of_severity_warn_fails_an_expected_failure_too() -> None:
    assert outcome({"a": 0, "b": 0}, expected_failure=XFAIL, severity="warn") is Outcome.XFAILED


def test_an_inconclusive_metric_fails_as_expected() -> None:
    expect = {"a": {"mean": {"min": 0.01, "confidence": 0.95}}}
    declared = {"a": Metric("list", "x", of="number", replicates=True)}
    sample = {"a": [0.0125, 0.0125, 0.0637]}
    assert outcome(sample, expect=expect, declared=declared, expected_failure=XFAIL) is Outcome.XFAILED
    assert outcome(sample, expect=expect, declared=declared, severity="warn") is Outcome.WARNED
    waiver = Waiver("ann", "few seeds", "2026-06-30", {"a": {"mean": {"min": 0}}})
    assert outcome(sample, expect=expect, declared=declared, waiver=waiver) is Outcome.WAIVED


def test_a_name_is_a_path_however_it_is_quoted() -> None:
    named = ExpectedFailure("lossy", ('x["y"]',))
    assert outcome({"x": {"y": 0}}, expect={"x.y": {"min": 1}}, expected_failure=named) is Outcome.XFAILED


def test_a_name_that_no_expectation_has_is_an_error() -> None:
    found = judged(EXPECT, {"a": 0, "b": 1}, expected_failure=ExpectedFailure("lossy", ("a", "c")))
    assert found.outcome is Outcome.ERROR
    assert "named in expected_failure, but not in expect" in text_of(found)


def test_a_waiver_lets_a_failure_by_as_long_as_the_worst_holds() -> None:
    assert outcome({"a": 0.5, "b": 1}, waiver=WAIVER) is Outcome.WAIVED
    found = judged(EXPECT, {"a": -1, "b": 1}, waiver=WAIVER)
    assert found.outcome is Outcome.FAILED
    assert "the waiver's worst does not hold: a: observed -1 is below min 0" in text_of(found)
    assert constraint_text(found.verdicts[-1].constraints[0]) == "worst: {min: 0}"


def test_a_waiver_softens_no_unknown() -> None:
    assert outcome({"a": 0.5}, waiver=WAIVER) is Outcome.ERROR
    unknown = Waiver("ann", "known", "2026-06-30", {"c": {"min": 0}})
    assert outcome({"a": 0.5, "b": 1}, waiver=unknown) is Outcome.ERROR
    broken = Waiver("ann", "known", "2026-06-30", {"a": {"minn": 0}})
    assert outcome({"a": 0.5, "b": 1}, waiver=broken) is Outcome.ERROR


def test_a_waiver_that_is_not_needed_is_noted() -> None:
    found = judged(EXPECT, {"a": 1, "b": 1}, waiver=WAIVER)
    assert found.outcome is Outcome.PASSED
    assert found.notes == (Cause(CauseKind.WAIVER_UNUSED, {"owner": "ann", "until": "2026-06-30"}),)
    assert not judged(EXPECT, {"a": 0.5, "b": 1}, waiver=WAIVER).notes


def test_the_last_day_counts_and_the_next_does_not() -> None:
    metrics = {"a": 0.5, "b": 1}
    assert outcome(metrics, waiver=WAIVER, today=DAY) is Outcome.WAIVED
    expired = judged(EXPECT, metrics, waiver=WAIVER, today=DAY + datetime.timedelta(days=1))
    assert expired.outcome is Outcome.FAILED
    assert list(map(cause_text, expired.notes)) == ["the waiver of ann ended on 2026-06-30 and counts as absent: known"]
    named = ExpectedFailure("lossy", ("a",), "2026-06-30")
    assert outcome(metrics, expected_failure=named, today=DAY) is Outcome.XFAILED
    late = judged(EXPECT, metrics, expected_failure=named, today=DAY + datetime.timedelta(days=1))
    assert late.outcome is Outcome.FAILED
    assert list(map(cause_text, late.notes)) == ["the expected failure ended on 2026-06-30 and counts as absent: lossy"]
    fixed = judged(EXPECT, {"a": 1, "b": 1}, expected_failure=named, today=DAY + datetime.timedelta(days=1))
    assert (fixed.outcome, len(fixed.notes)) == (Outcome.PASSED, 1)


def test_a_last_day_that_is_none_counts_as_over() -> None:
    waiver = Waiver("ann", "known", "soon", {"a": {"min": 0}})
    found = judged(EXPECT, {"a": 0.5, "b": 1}, waiver=waiver)
    assert found.outcome is Outcome.FAILED
    assert "is not a date" in cause_text(found.notes[0])


def test_the_order_of_outcomes() -> None:
    both: dict[str, Any] = {"expected_failure": ExpectedFailure("lossy", ("a",)), "waiver": WAIVER}
    assert outcome({"a": 0.5, "b": 0}, **both) is Outcome.XFAILED
    assert outcome({"a": 1, "b": 0}, **both) is Outcome.XPASSED
    warned = {"a": {"min": 1}, "b": {"min": 1, "severity": "warn"}}
    assert outcome({"a": 0.5, "b": 0}, expect=warned, waiver=WAIVER) is Outcome.WAIVED
    assert outcome({"a": 1, "b": 0}, expect=warned, waiver=WAIVER) is Outcome.WARNED


def test_the_reason_counts_what_else_failed() -> None:
    assert text_of(judged(EXPECT, {"a": 0, "b": 0})) == "a: observed 0 is below min 1 (and 1 more)"
    assert text_of(judged(EXPECT, {"a": 0.5, "b": 1}, waiver=WAIVER)) == "waived by ann until 2026-06-30: known"
    assert text_of(judged({"a": {"min": 1}}, {"a": 0}, expected_failure=XFAIL)) == "the codec is lossy"


def test_an_entry_that_passed_warned_or_was_waived_unblocks_those_that_need_it() -> None:
    assert {outcome for outcome in Outcome if outcome.unblocks} == {Outcome.PASSED, Outcome.WARNED, Outcome.WAIVED}


STATES = st.sampled_from([0, 1, None])


@settings(deadline=None)
@given(STATES, STATES, st.sampled_from(["fail", "warn"]), st.booleans(), st.booleans())
def test_no_unknown_is_ever_softened(a: Any, b: Any, severity: Any, xfail: bool, waived: bool) -> None:
    found = outcome(
        {"a": a, "b": b},
        severity=severity,
        expected_failure=XFAIL if xfail else None,
        waiver=WAIVER if waived else None,
    )
    if a is None or b is None:
        assert found in (Outcome.ERROR, Outcome.FAILED)
    if found is Outcome.PASSED:
        assert (a, b) == (1, 1)


def expected_decision(outcomes: list[Outcome], interrupted: bool, fail_on: str) -> Decision:
    names = [outcome.value for outcome in outcomes]
    if "failed" in names or "xpassed" in names or (fail_on == "warn" and "warned" in names):
        return Decision.FAIL
    if "error" in names or "blocked" in names or interrupted:
        return Decision.ERROR
    judged_names = [name for name in names if name not in ("measured", "skipped")]
    return Decision.PASS if judged_names else Decision.NOTHING_JUDGED


@settings(deadline=None)
@given(st.lists(st.sampled_from(list(Outcome)), max_size=8), st.booleans(), st.sampled_from(["fail", "warn"]))
def test_the_decision(outcomes: list[Outcome], interrupted: bool, fail_on: Any) -> None:
    found = decide(outcomes, interrupted=interrupted, fail_on=fail_on)
    assert found is expected_decision(outcomes, interrupted, fail_on)


@pytest.mark.parametrize("outcomes", [[], [Outcome.SKIPPED], [Outcome.MEASURED, Outcome.SKIPPED]])
def test_nothing_judged_is_no_pass(outcomes: list[Outcome]) -> None:
    assert decide(outcomes) is Decision.NOTHING_JUDGED


def test_coverage_counts_what_was_judged() -> None:
    outcomes = [Outcome.PASSED] * 3 + [Outcome.WAIVED, Outcome.SKIPPED, Outcome.MEASURED, Outcome.ERROR]
    found = coverage(outcomes)
    assert (found.total, found.judged) == (7, 4)
    assert found.outcomes == {"passed": 3, "error": 1, "skipped": 1, "waived": 1, "measured": 1}
    assert str(found).startswith("4 of 7 judged; ")
    assert coverage(list(Outcome)).judged == 6


@pytest.mark.parametrize("error", [ValueError("a quantile"), RecursionError(), OverflowError("x" * 10_000)])
def test_an_unexpected_error_of_the_judge_is_the_error_of_its_entry(
    monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fails(*args: Any) -> None:
        raise error

    monkeypatch.setattr("speccheck.judge.outcome.bind_symbols", fails)
    found = judged(EXPECT, {"a": 1, "b": 1}, waiver=Waiver("ann", "known", "2026-06-01"))
    fields = {"kind": type(error).__name__, "message": cut(str(error))}
    assert (found.outcome, found.cause) == (Outcome.ERROR, Cause(CauseKind.JUDGING_FAILED, fields))
    assert [note.kind for note in found.notes] == [CauseKind.WAIVER_EXPIRED]
