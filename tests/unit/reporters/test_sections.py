"""The sections of a run: the entries in each, and the decision of each."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from speccheck.model.run import Run
from speccheck.model.verdict import Decision, Outcome
from speccheck.reporters._sections import Section, overview, sections_of, status_items
from support.odd_runs import SAMPLES
from support.sample_runs import result, run


def run_of(*names: str, **facts: Any) -> Run:
    """Return a run of passed entries with these sections, each named after its place."""
    results = [result(str(at), Outcome.PASSED, section=name) for at, name in enumerate(names)]
    return run(results, Decision.PASS, **facts)


def ids(sections: tuple[Section, ...]) -> dict[str, str]:
    return {one.name: "".join(result.entry.id for result in one.results) for one in sections}


def only(*outcomes: Outcome, **facts: Any) -> Section:
    """Return the one section of a run with these outcomes, each of which is its own reason."""
    results = [
        result(f"{at}", outcome, reason=f"{at} {outcome.value}", section="A") for at, outcome in enumerate(outcomes)
    ]
    (found,) = sections_of(run(results, Decision.FAIL, **facts))
    return found


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"sections.1"}))
def test_a_run_without_sections_has_none(name: str) -> None:
    sections = sections_of(SAMPLES[name]())
    assert sections == ()
    assert list(overview(sections)) == []


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (("", ""), {}),
        ((" ", ""), {}),
        (("B", "A", "B"), {"B": "02", "A": "1"}),
        (("", "B", "", "A"), {"B": "1", "A": "3", "Other": "02"}),
        (("Other", "A", ""), {"A": "1", "Other": "02"}),
        (("A", "A ", "a"), {"A": "01", "a": "2"}),
        (("a|b", "*"), {"a&#124;b": "0", "\\*": "1"}),
    ],
)
def test_entries_are_in_the_section_they_name(names: tuple[str, ...], found: dict[str, str]) -> None:
    sections = sections_of(run_of(*names))
    assert ids(sections) == found
    assert [one.name for one in sections] == list(found)


@pytest.mark.parametrize(
    ("outcomes", "fail_on", "decision", "reason"),
    [
        ((Outcome.PASSED, Outcome.SKIPPED), "fail", Decision.PASS, ""),
        ((Outcome.WARNED, Outcome.WAIVED, Outcome.XFAILED), "fail", Decision.PASS, ""),
        ((Outcome.PASSED, Outcome.WARNED), "warn", Decision.FAIL, "1 warned"),
        ((Outcome.ERROR, Outcome.PASSED, Outcome.FAILED, Outcome.FAILED), "fail", Decision.FAIL, "2 failed"),
        ((Outcome.SKIPPED, Outcome.XPASSED), "fail", Decision.FAIL, "1 xpassed"),
        ((Outcome.PASSED, Outcome.WARNED, Outcome.BLOCKED, Outcome.ERROR), "fail", Decision.ERROR, "2 blocked"),
        ((Outcome.MEASURED, Outcome.SKIPPED), "fail", Decision.NOTHING_JUDGED, "0 measured"),
    ],
)
def test_a_section_is_decided_as_a_run_of_its_entries(
    outcomes: tuple[Outcome, ...], fail_on: Literal["fail", "warn"], decision: Decision, reason: str
) -> None:
    found = only(*outcomes, fail_on=fail_on)
    assert (found.decision, found.reason) == (decision, reason)


def test_a_section_that_an_interrupt_came_after_has_passed() -> None:
    assert [one.decision for one in sections_of(run_of("A", "A", interrupted=True))] == [Decision.PASS]


def test_entries_are_counted_by_outcome() -> None:
    found = only(Outcome.SKIPPED, Outcome.PASSED, Outcome.FAILED, Outcome.PASSED)
    assert found.counts == "2 passed, 1 failed, 1 skipped"


def test_a_reason_is_escaped_and_shown_only_if_there_is_one() -> None:
    failed = Section("A", (), Decision.FAIL, "a|b")
    assert list(status_items(failed)) == ["Status: **FAIL** ()", "Reason: a&#124;b"]
    assert list(status_items(failed._replace(reason=""))) == ["Status: **FAIL** ()"]
    assert "| A | FAIL |  | a&#124;b |" in list(overview([failed]))[1]
