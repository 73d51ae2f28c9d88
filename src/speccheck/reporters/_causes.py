"""Entries that one cause took down, so that a report shows the cause once."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from speccheck.model.cause import CauseKind
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.verdict import Outcome, State
from speccheck.reporters._outcomes import PRESENTATIONS
from speccheck.sdk.wording import cause_text

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+")
"""An address of memory: another in each process, in tracebacks of the interpreter and in texts of objects."""

_BASELINES = (CauseKind.BASELINE_NOT_NAMED, CauseKind.BASELINE_FILE_ABSENT)
"""The kinds of causes that leave each expectation against the baseline unknown."""


class Group(NamedTuple):
    """Entries with one cause, in spec order, and those that were blocked because they need one of these."""

    results: tuple[EntryResult, ...]
    needing: tuple[EntryResult, ...] = ()

    @property
    def first(self) -> EntryResult:
        """The entry whose measurement shows the cause."""
        return self.results[0]


def groups_of(run: Run, split: bool = False) -> list[Group]:
    """Return the entries of a run in groups, in the order of their first entries.

    With ``split``, those that were blocked are groups of their own.
    """
    found: dict[str, list[EntryResult]] = {}
    place: dict[str, str] = {}  # the group of each entry
    for result in run.entries:
        measured = None if result.measured is None else run.measurements.get(result.measured)
        key = cause_key(result, measured) or f"entry {result.entry.id}"
        found.setdefault(key, []).append(result)
        place[result.entry.id] = key
    by_id = {result.entry.id: result for result in run.entries}
    needing: dict[str, list[EntryResult]] = {}
    for result in run.entries:
        root = None if split else _root(result, by_id)
        if root is not None:
            needing.setdefault(place[root.entry.id], []).append(result)
    taken = {result.entry.id for results in needing.values() for result in results}
    groups = []
    for key, results in found.items():
        own = tuple(result for result in results if result.entry.id not in taken)
        if own:
            groups.append(Group(own, tuple(needing.get(key, ()))))
    return groups


def cause_key(result: EntryResult, measured: Measured | None) -> str | None:
    """Return a text that entries with one cause share; None for an entry with a cause of its own."""
    judgement = result.judgement
    cause = judgement.cause
    if judgement.verdicts:
        lacking = {
            cause_text(item.cause) if item.cause is not None and item.cause.kind in _BASELINES else ""
            for verdict in judgement.verdicts
            for item in verdict.constraints
            if item.state is not State.HELD
        }
        text = lacking.pop() if len(lacking) == 1 else ""
        return f"baseline {text}" if text and judgement.outcome is Outcome.ERROR else None
    if cause is None:
        return None
    if cause.kind is CauseKind.MEASUREMENT_FAILED and measured is not None and measured.failure is not None:
        return f"failure {failure_key(measured.failure)}"
    return f"{judgement.outcome.value} {cause_text(cause)}"


def failure_key(failure: Failure) -> str:
    """Return a text that failures with one cause share: where the audited code failed, if it is known.

    Subjects that need one module fail to import it under names of their own, at one place.
    """
    if "  File " in failure.traceback:
        # The traceback of a process that died, or ran out of time, lacks the message; that of an error has it.
        message = "" if failure.subject else failure.message
        return f"{failure.kind} {_ADDRESS.sub('', f'{message} {failure.traceback}')}"
    return f"{failure.kind} {failure.subject} {failure.message} {failure.log}"


def subjects_of(group: Group, run: Run) -> list[str]:
    """Return the subjects that could not be built, in the order in which entries named them."""
    names: dict[str, None] = {}
    for result in group.results:
        measured = None if result.measured is None else run.measurements.get(result.measured)
        if measured is not None and measured.failure is not None and measured.failure.subject:
            names[measured.failure.subject] = None
    return list(names)


def names_of(results: Sequence[EntryResult]) -> list[str]:
    """Return the ids of entries; the cells of one matrix that follow each other are one item."""
    items: list[tuple[str, int]] = []
    for result in results:
        name, bracket, _ = result.entry.id.partition("[")
        if bracket and items and items[-1][0].partition("[")[0] == name and "[" in items[-1][0]:
            items[-1] = (items[-1][0], items[-1][1] + 1)
        else:
            items.append((result.entry.id, 1))
    return [one if count == 1 else f"{one.partition('[')[0]} ({count} cells)" for one, count in items]


def _root(result: EntryResult, by_id: Mapping[str, EntryResult]) -> EntryResult | None:
    """Return the entry that blocked this one, directly or through others; None where no section shows it."""
    seen = set()
    one = result
    while one.judgement.outcome is Outcome.BLOCKED and one.entry.id not in seen:
        seen.add(one.entry.id)
        cause = one.judgement.cause
        found = by_id.get(str(cause.fields.get("entry"))) if cause is not None else None
        if found is None:
            return None
        one = found
    quiet = PRESENTATIONS[one.judgement.outcome].quiet
    return None if one is result or quiet or one.judgement.outcome is Outcome.BLOCKED else one
