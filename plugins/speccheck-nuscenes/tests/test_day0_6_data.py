"""The audit of days 0 to 6 on data sets with one thing wrong: exactly the right entries change."""

from __future__ import annotations

import pytest
from support.day0_6 import CODE, DATA, OVERRIDES, SPEC, broken_copy

from speccheck.model.run import Run
from speccheck.model.verdict import Decision
from support.audits import Auditor
from support.coverage import Coverage
from support.runs import differing, outcomes

TABLE = Coverage("000", 54, SPEC, {**DATA, **CODE, **OVERRIDES})


def test_the_good_data_set_passes(good: Run) -> None:
    assert {name: outcome for name, outcome in outcomes(good).items() if outcome != "passed"} == {}
    assert good.decision == Decision.PASS
    assert str(good.coverage) == "33 of 33 judged"


@pytest.mark.parametrize("fault", DATA)
def test_each_fault_changes_exactly_its_entries(auditor: Auditor, good: Run, fault: str) -> None:
    copy = broken_copy(fault, auditor.tmp_path / "work" / "data", auditor.tmp_path / fault)
    run = auditor.run([f"vars.dataroot={copy}", "vars.generate=false"])
    assert differing(run, good) == DATA[fault]


def test_every_row_is_there_once() -> None:
    assert TABLE.wrong_rows() == []


@pytest.mark.parametrize("row", TABLE.covered)
def test_a_row_names_entries_and_what_flips_each(row: str) -> None:
    assert TABLE.wrong_in(row) == {}


def test_every_entry_answers_to_a_row_or_says_why_it_is_there() -> None:
    assert TABLE.wrong_entries() == {}


def test_every_entry_can_be_failed_by_what_is_measured() -> None:
    assert TABLE.never_changed() == set()
    assert TABLE.never_failed() == set()
