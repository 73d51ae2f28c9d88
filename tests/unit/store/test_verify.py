"""What does not follow in a record: nothing in one that speccheck wrote."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.coverage import Coverage
from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.spec import Measurement
from speccheck.model.values import Masked, Value
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, Outcome, State, Verdict
from speccheck.store.verify import contradiction
from support.runs import entry, passed_run


def test_nothing_contradicts_a_run() -> None:
    assert contradiction(passed_run()) == ""


@pytest.mark.parametrize("value", [math.nan, [math.nan], {"$odd": math.inf}])
def test_a_parameter_that_equals_nothing_is_still_that_of_the_measurement(value: Any) -> None:
    made = passed_run()
    measurement = Measurement("value.number", 1, {"value": value})
    digest = measurement.digest()
    (old,) = made.entries
    result = EntryResult(msgspec.structs.replace(old.entry, measurement=measurement), old.judgement, digest)
    (measured,) = made.measurements.values()
    known = {digest: Measured(measurement, measured.evidence)}
    stored = passed_run(entries=(result,), measurements=known).stored()
    assert contradiction(stored) == ""


def test_a_masked_measurement_is_compared_with_that_of_the_entry() -> None:
    made = passed_run()
    (digest,), (measured,), (old,) = made.measurements, made.measurements.values(), made.entries

    def with_values(kept: Any, named: Any, redacted: tuple[str, ...] = ("TOKEN",)) -> str:
        one = Measurement("value.number", 1, {"value": kept})
        two = msgspec.structs.replace(old.entry, measurement=Measurement("value.number", 1, {"value": named}))
        return contradiction(
            passed_run(
                entries=(EntryResult(two, old.judgement, digest),),
                measurements={digest: Measured(one, measured.evidence)},
                redacted=redacted,
            )
        )

    assert with_values(Masked("***"), Masked("***")) == ""
    assert with_values([Masked("***"), 1], [Masked("***"), 2]) == "entry 'one' is not of the measurement that it names"
    assert with_values(Masked("***"), "***") == "entry 'one' is not of the measurement that it names"
    assert "is not what its digest says" in with_values("***", "***")
    assert "is not what its digest says" in with_values(Masked("***"), Masked("***"), ())


def test_an_entry_that_passed_was_measured() -> None:
    made = passed_run()
    (old,) = made.entries
    skipped = msgspec.structs.replace(old, entry=entry("two", skip="why"), measured=None)
    assert contradiction(passed_run(entries=(old, skipped))) == "entry 'two' is passed, and was not measured"


def judged_run(outcome: Outcome = Outcome.PASSED, **constraint: Any) -> Run:
    """A run of one entry with a verdict on its number, 3, that wants at most 10."""
    fields: dict[str, Any] = {"written": 10, "observed": 3.0, "limit": 10, **constraint}
    one = ConstraintVerdict("max", fields.pop("state", State.HELD), **fields)
    (old,) = passed_run().entries
    judgement = Judgement(outcome, verdicts=(Verdict("value", one.state, (one,), one.observed),))
    judged = int(outcome is not Outcome.MEASURED and outcome is not Outcome.SKIPPED)
    decision = Decision.PASS if judged else Decision.NOTHING_JUDGED
    result = msgspec.structs.replace(old, judgement=judgement)
    return passed_run(entries=(result,), coverage=Coverage(1, judged, {outcome.value: 1}), decision=decision)


ABOVE = Cause(CauseKind.NOT_EQUAL, {"expected": 10, "observed": 30})


@pytest.mark.parametrize(
    ("edited", "wrong"),
    [
        (judged_run(), ""),
        (judged_run(observed=2.0), "'one': its verdict on value was given on another value than that of the evidence"),
        (judged_run(written=20), "'one': its verdict on value was given on another max than that of its expect"),
        (judged_run(cause=ABOVE), "'one': value is held, with the cause of a verdict that is not"),
        (judged_run(cause=ABOVE, options={"confidence": 0.9}), ""),
        (judged_run(Outcome.WARNED, state=State.VIOLATED), "'one' is warned, but what does not hold is no warning"),
        (judged_run(Outcome.WARNED, state=State.VIOLATED, severity="warn"), ""),
        (judged_run(Outcome.MEASURED), "'one' is measured, but it was not to be observed alone"),
        (judged_run(Outcome.SKIPPED), "'one' is skipped, but it was measured"),
    ],
)
def test_verdicts_follow_from_evidence_and_expectations(edited: Run, wrong: str) -> None:
    assert contradiction(edited) == (f"entry {wrong}" if wrong else "")


@pytest.mark.parametrize("value", [Masked("***"), [1.0] * 1000, None])
def test_a_value_that_a_verdict_does_not_keep_contradicts_nothing(value: Value) -> None:
    made = judged_run()
    (digest,), (measured,) = made.measurements, made.measurements.values()
    kept = msgspec.structs.replace(measured, evidence=Evidence(metrics={"value": value}))
    assert contradiction(msgspec.structs.replace(made, measurements={digest: kept})) == ""
