"""The sections of a run in a Markdown report: which entries belong together, and what those come to on their own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from speccheck.judge import decide
from speccheck.model.run import EntryResult, Run, outcome_counts
from speccheck.model.verdict import Decision
from speccheck.reporters._markup import table, text
from speccheck.reporters._summary import reason_of

OTHER = "Other"
"""The section of the entries that name none."""


class Section(NamedTuple):
    """The entries of one section in spec order, and the decision of a run that had no others.

    ``name`` is Markdown already; ``reason`` is that of the first entry that decided, '' where the section passed.
    """

    name: str
    results: tuple[EntryResult, ...]
    decision: Decision
    reason: str

    @property
    def counts(self) -> str:
        """``3 passed, 1 failed``: how many entries came to each outcome."""
        outcomes = outcome_counts([result.judgement.outcome for result in self.results])
        return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())


def sections_of(run: Run) -> tuple[Section, ...]:
    """The sections in the order of their first entries, ``Other`` last; none at all where no entry names one."""
    # As they are shown, without spaces at their ends: what differs in these alone would be two headings of one name.
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
    """The table of the sections, under its heading; nothing where there are none."""
    if not sections:
        return
    yield "## Sections"
    rows = [(one.name, one.decision.value, one.counts, text(one.reason)) for one in sections]
    yield table(("Section", "Status", "Entries", "Reason"), rows)


def status_items(section: Section) -> Iterator[str]:
    """What a section says first of itself, as items of a list."""
    yield f"Status: **{section.decision.value}** ({section.counts})"
    if section.reason:
        yield f"Reason: {text(section.reason)}"


def _section(run: Run, name: str, results: Sequence[EntryResult]) -> Section:
    # Whether the run was interrupted is no matter here: entries that it kept from running are errors of their own.
    outcomes = [result.judgement.outcome for result in results]
    decision = decide(outcomes, fail_on=run.fail_on)
    reason = ""
    if decision is not Decision.PASS:
        alone = [decide([outcome], fail_on=run.fail_on) for outcome in outcomes]
        reason = reason_of(results[alone.index(decision)])
    return Section(name, tuple(results), decision, reason)
