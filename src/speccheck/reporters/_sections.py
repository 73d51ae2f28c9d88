"""The sections of a run in a Markdown report: entries that belong together, with a decision of their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from speccheck.judge import decide
from speccheck.model.coverage import outcome_counts
from speccheck.model.run import EntryResult, Run
from speccheck.model.verdict import Decision
from speccheck.reporters._markup import table, text
from speccheck.reporters._summary import reason_of

OTHER = "Other"
"""The section of the entries that do not name one."""


class Section(NamedTuple):
    """The entries of one section in spec order, and the decision of a run of these entries alone.

    ``name`` is Markdown; ``reason`` is that of the first entry that decided, '' when the section passed.
    """

    name: str
    results: tuple[EntryResult, ...]
    decision: Decision
    reason: str

    @property
    def counts(self) -> str:
        """The number of entries with each outcome: ``3 passed, 1 failed``."""
        outcomes = outcome_counts([result.judgement.outcome for result in self.results])
        return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())


def sections_of(run: Run) -> tuple[Section, ...]:
    """Return the sections in the order of their first entries, ``Other`` last; () when no entry names one."""
    # As shown, without spaces at their ends: names that differ only there would give two equal headings.
    names = [text(result.entry.section) for result in run.entries]
    if not any(names):
        return ()
    groups: dict[str, list[EntryResult]] = {}
    for name, result in zip(names, run.entries, strict=True):
        groups.setdefault(name or OTHER, []).append(result)
    if OTHER in groups:
        groups[OTHER] = groups.pop(OTHER)
    return tuple(_section(run, name, results) for name, results in groups.items())


def overview(sections: Sequence[Section]) -> Iterator[str]:
    """Yield the heading and the table of the sections; nothing without sections."""
    if not sections:
        return
    yield "## Sections"
    rows = [(one.name, one.decision.value, one.counts, text(one.reason)) for one in sections]
    yield table(("Section", "Status", "Entries", "Reason"), rows)


def status_items(section: Section) -> Iterator[str]:
    """Yield the status of a section, and the reason for it, as items of a list."""
    yield f"Status: **{section.decision.value}** ({section.counts})"
    if section.reason:
        yield f"Reason: {text(section.reason)}"


def _section(run: Run, name: str, results: Sequence[EntryResult]) -> Section:
    # An interrupted run needs nothing here: the entries that did not run are errors of their own.
    outcomes = [result.judgement.outcome for result in results]
    decision = decide(outcomes, fail_on=run.fail_on)
    reason = ""
    if decision is not Decision.PASS:
        alone = [decide([outcome], fail_on=run.fail_on) for outcome in outcomes]
        reason = reason_of(results[alone.index(decision)])
    return Section(name, tuple(results), decision, reason)
