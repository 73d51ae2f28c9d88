"""What does not follow in a record: nothing in one that speccheck wrote."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from speccheck.model.run import EntryResult, Measured
from speccheck.model.spec import Measurement
from speccheck.model.values import Masked
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
