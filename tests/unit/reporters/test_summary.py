"""The texts that every report shares: a line of evidence must agree with the run file."""

from __future__ import annotations

import math
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Measured, Options, Run
from speccheck.model.spec import ExpectedFailure
from speccheck.model.verdict import Outcome, State
from speccheck.reporters import _summary as summary
from speccheck.reporters import _values as values
from speccheck.reporters._outcomes import PRESENTATIONS
from support.odd_runs import odd_values
from support.sample_runs import constraint, every_outcome, result, verdict

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def entry_of(run: Run, name: str) -> tuple[EntryResult, Measured | None]:
    found = next(entry for entry in run.entries if entry.entry.id == name)
    return found, summary.measured_of(run, found)


@pytest.mark.parametrize(
    ("name", "items"),
    [
        ("audio-snr", ["snr_db 24.3 (min 20, margin +4.3)"]),
        (
            "audio-reconstruction",
            ["snr_db 21.4 (violated min 22.9, margin -1.5)", "log_mel_l1 0.21 (max 0.3, margin +0.09)"],
        ),
        ("mel", ["log_mel_l1 nan (unknown: the observed value is NaN)"]),
        ("text-exact", ["cannot build subject table: target uti.text:Table raised KeyError: 'e'"]),
        ("after-text", ["needs text-exact (error)"]),
        ("on-gpu", ["requires device cuda, which is not available"]),
        ("sizes", ["snr_db 9.5", "log_mel_l1 0.21"]),
        ("loss-mean", ["loss 1.9 (inconclusive mean max 2)"]),
        ("idempotent", ["identical false (violated equals true)"]),
        ("image-lossy", ["identical true"]),
    ],
)
def test_the_evidence_of_each_outcome(name: str, items: list[str]) -> None:
    assert summary.evidence_items(*entry_of(every_outcome(), name)) == items


@pytest.mark.parametrize(
    ("name", "item"),
    [
        (
            "gradients",
            'grad.*.norm 0.0021 (violated min 0.01, margin -0.0079, worst of 3: grad["encoder.layers.0.weight"].norm)',
        ),
        ("gradients", "output float32[8,3,360,640]"),
        ("gradients", "loss at [59] (each min 0, margin +1.71)"),
        ("lr[lr=0.2]", "snr_db 24.3000001 (violated max 24.3, margin -1e-07)"),
        ("endless", "snr_db inf (violated max 100, margin -inf)"),
        ("kind", 'name "1" (violated equals 1)'),
    ],
)
def test_the_evidence_of_odd_values(name: str, item: str) -> None:
    assert item in summary.evidence_items(*entry_of(odd_values(), name))


@given(FLOATS, FLOATS)
def test_numbers_that_differ_read_apart_and_in_order(observed: float, limit: float) -> None:
    shown, bound = map(float, values.show_pair(observed, limit))
    if observed == limit:
        assert shown == bound
    else:
        assert (shown < bound) == (observed < limit)


@pytest.mark.parametrize("value", [1.0, 0.1, 1e300, -24.3])
def test_neighbouring_floats_read_apart(value: float) -> None:
    shown, bound = map(float, values.show_pair(math.nextafter(value, math.inf), value))
    assert shown > bound


@given(FLOATS)
def test_a_number_is_the_one_of_the_run_file(value: float) -> None:
    assert math.isclose(float(values.show(value)), value, rel_tol=5e-6, abs_tol=0)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", '""'),
        ("1e-6", '"1e-6"'),
        ("true", '"true"'),
        (" padded", '" padded"'),
        ("float32", "float32"),
        (True, "true"),
        (None, "none"),
        (2**70, str(2**70)),
        (list(range(100)), "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, \u2026] (100 items)"),
        ({"a": 1.5}, "{a: 1.5}"),
    ],
)
def test_a_value_on_a_line(value: Any, text: str) -> None:
    assert values.show(value) == text


def test_an_integer_that_python_does_not_print() -> None:
    assert values.show(10**5000) == "a number too long to print"


def test_a_vacuous_limit_is_marked() -> None:
    item = constraint("max: 255", observed=0, limit=255, margin=255.0, vacuous=True)
    entry, measured = result("image", Outcome.PASSED, verdict("max_error", item), evidence=Evidence())
    assert summary.evidence_items(entry, measured) == ["max_error 0 (max 255, margin +255, vacuous)"]
    assert [found for _, found in summary.vacuous_of(entry)] == [item]


def test_an_unknown_metric_that_was_not_observed_shows_why() -> None:
    absent = constraint("min: 1", State.UNKNOWN, reason="no such metric in the evidence")
    entry, measured = result("a", Outcome.ERROR, verdict("snr_db", absent), evidence=Evidence())
    assert summary.evidence_items(entry, measured) == ["snr_db (unknown: no such metric in the evidence)"]


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("audio-snr", "the expectation holds"),
        ("audio-reconstruction", "snr_db: observed 21.4 is below min 22.9 (baseline 23.9 - 1.0)"),
        ("idempotent", "the codec is lossy"),
    ],
)
def test_the_reason_of_an_entry(name: str, reason: str) -> None:
    assert summary.reason_of(entry_of(every_outcome(), name)[0]) == reason


def test_the_reason_never_claims_more_than_the_verdicts() -> None:
    for entry in every_outcome().entries:
        held = all(one.state is State.HELD for one in entry.judgement.verdicts)
        assert held or not re.search(r"expectations? holds?$", summary.reason_of(entry))


def test_an_entry_that_nothing_judged_gives_no_reason_of_its_own() -> None:
    assert summary.reason_of(result("a", Outcome.MEASURED)[0]) == ""


def test_units_come_from_the_declarations_of_the_run() -> None:
    run = every_outcome()
    entry, _ = entry_of(run, "audio-snr")
    assert summary.unit_of(run, entry, "snr_db") == "dB"
    assert summary.unit_of(run, entry, "no_such_metric") == ""
    assert summary.unit_of(run, entry, "not a path!") == ""
    assert summary.unit_of(msgspec.structs.replace(run, checks={}), entry, "snr_db") == ""


def test_what_was_held_against_expectation_is_only_what_was_named() -> None:
    held = verdict("identical", constraint("equals: true", observed=True, limit=True))
    for metrics, unexpected in (((), True), (("identical",), True), (("max_error",), False)):
        expected = ExpectedFailure("lossy", metrics)
        entry, _ = result("a", Outcome.XPASSED, held, expected_failure=expected)
        assert summary.held_unexpectedly(entry, held) is unexpected
    assert not summary.held_unexpectedly(result("a", Outcome.PASSED, held)[0], held)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "<0.01 s"), (0.41, "0.41 s"), (12.34, "12.3 s"), (200.0, "3 min 20 s"), (7384.0, "2 h 3 min")],
)
def test_durations(seconds: float, text: str) -> None:
    assert summary.seconds_text(seconds) == text


def test_a_duration_that_cannot_be_read_is_left_out() -> None:
    run = every_outcome()
    assert summary.duration_of(run) == "41 s"
    assert summary.duration_of(msgspec.structs.replace(run, finished="soon")) == ""
    assert summary.duration_of(msgspec.structs.replace(run, finished="2027-02-17T07:35:14")) == ""


def test_every_option_on_record_is_shown_unless_it_is_at_its_default() -> None:
    run = msgspec.structs.replace(odd_values(), selection=(), redacted=())
    assert list(summary.options_of(run)) == []
    given = {"selection": ("a", "b"), "overrides": ("vars.x=1",), "fail_on": "warn"}
    names = {field.name for field in msgspec.structs.fields(Options)} - {"command"}
    others = dict.fromkeys(names - set(given), "something")
    shown = dict(summary.options_of(msgspec.structs.replace(run, **given, **others, redacted=("KEY",))))
    assert len(shown) == len(names) + 1
    known = {"only": ("a", "b"), "set": ("vars.x=1",), "fail-on": ("warn",), "redacted": ("KEY",)}
    assert {name: shown[name] for name in known} == known


def test_the_most_urgent_outcomes_are_counted_first() -> None:
    made = every_outcome()
    assert set(made.coverage.outcomes) == {outcome.value for outcome in Outcome}
    assert summary.counts(made).startswith(f"{len(made.entries)} (1 failed, 1 xpassed, 2 error, ")
    assert set(PRESENTATIONS) == set(Outcome)


def test_what_a_waiver_demands_is_told_apart_from_what_it_lets_by() -> None:
    failing = verdict("loss", constraint("max: 2", State.VIOLATED, observed=2.5, limit=2.0, margin=-0.5))
    worst = msgspec.structs.replace(constraint("max: 3", observed=2.5, limit=3.0, margin=0.5), demanded_by="worst")
    entry, _ = result("a", Outcome.WAIVED, failing, verdict("loss", worst))
    assert summary.evidence_items(entry, None) == [
        "loss 2.5 (violated max 2, margin -0.5)",
        "loss 2.5 (worst max 3, margin +0.5)",
    ]
