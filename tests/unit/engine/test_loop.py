"""The loop of a run: which entries the judge takes for one measurement."""

from __future__ import annotations

import datetime

import pytest

from speccheck.engine.loop import Judging, judged
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.evidence import Evidence
from speccheck.model.run import Measured
from speccheck.model.spec import Entry, Measurement
from speccheck.model.verdict import Outcome
from speccheck.store.baselines import NO_BASELINE


class Everything:
    """A source that measures every entry, with the same result."""

    def unmet(self, entry: Entry) -> Cause | None:
        return None

    def stops_before(self, entry: Entry) -> bool:
        return False

    def evidence(self, entry: Entry) -> tuple[str, Measured]:
        measured = Measured(entry.measurement, Evidence({"sha256": "ab"}))
        return entry.measurement.digest(), measured

    def declaration(self, check: str) -> CheckDeclaration | None:
        return None


@pytest.mark.parametrize(("seed", "outcome"), [(0, Outcome.ERROR), (1, Outcome.PASSED)])
def test_an_entry_that_refers_to_its_own_measurement_is_an_error(seed: int, outcome: Outcome) -> None:
    first = Entry("first", "first", "f.c", Measurement("f.c", 1), expect={"sha256": "ab"})
    expect = {"sha256": {"same_as": "checks.first.sha256"}}
    second = Entry("second", "second", "f.c", Measurement("f.c", 1, seed=seed), expect=expect, references=("first",))
    judging = Judging(NO_BASELINE, "run-1", datetime.date(2026, 6, 30))
    results = [result for result, _ in judged([first, second], Everything(), judging)]
    assert [result.judgement.outcome for result in results] == [Outcome.PASSED, outcome]
    if outcome is Outcome.ERROR:
        cause = results[1].judgement.verdicts[0].worst.cause
        assert cause == Cause(CauseKind.REFERENCE_SAME_MEASUREMENT, {"entry": "first"})
