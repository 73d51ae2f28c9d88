"""A run for the terminal: what did not pass and why, a line for each entry or cause, then the decision as last line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TextIO

from speccheck.model.formatting import counted
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.verdict import Decision, Outcome
from speccheck.reporters import _summary as summary
from speccheck.reporters._causes import Group, groups_of
from speccheck.reporters._entries import Sections, indented
from speccheck.reporters._layout import WIDTH, coloured, width_of
from speccheck.reporters._style import style
from speccheck.reporters._text import cut, display_width, emit, fit, visible
from speccheck.sdk.reporting import Reporter
from speccheck.sdk.wording import cause_text, ending_text, judgement_text

_OUTCOME_COLUMNS = max(len(outcome.value) for outcome in Outcome)
_ID_COLUMNS = 44

_REMEMBERED = 20
"""How many entries with a warning or a note are named above the decision."""


def render(run: Run, stream: TextIO) -> None:
    """Write the report as wide as the terminal, or as COLUMNS, and in colour if the stream is a terminal."""
    write(run, stream, color=coloured(stream), width=width_of(stream))


def render_after_lines(run: Run, stream: TextIO) -> None:
    """Write the report of a run whose entries were shown line by line as they ended: without the table of them."""
    emit(stream, "\n")
    write(run, stream, color=coloured(stream), width=width_of(stream), table=False)


def write(run: Run, stream: TextIO, *, color: bool, width: int = WIDTH, table: bool = True) -> None:
    """Write the report at a given width in columns, with or without colour, with or without the table of entries."""
    lines = [*_header(run, width), *Sections(run, width, color).lines()]
    if table or not run.entries:
        lines += _table(run, color, width)
    lines += _footer(run, color, width)
    decided = Outcome.PASSED if run.decision is Decision.PASS else Outcome.FAILED
    emit(stream, "\n".join([*lines, style(summary.decision_line(run), decided, color)]) + "\n")


def entry_line(result: EntryResult, measured: Measured | None, width: int, color: bool = False) -> str:
    """Return one line of at most ``width`` columns with the outcome of an entry, for the live output of a run."""
    outcome = result.judgement.outcome
    head = f"{outcome.value:<{_OUTCOME_COLUMNS}} {cut(result.entry.id, _ID_COLUMNS)}"
    tail = "" if measured is None else f"  {summary.seconds_text(measured.seconds)}"
    room = width - len(head) - len(tail) - 2
    evidence = fit(summary.evidence_items(result, measured), room) if room > 0 else ""
    line = cut(f"{head}  {evidence}".rstrip() + tail, width)
    return style(line[:_OUTCOME_COLUMNS], outcome, color) + line[_OUTCOME_COLUMNS:]


def folded_line(first: EntryResult, more: int, why: str, width: int) -> str:
    """Return one line for an entry and those after it that ended in the same way."""
    head = f"{first.judgement.outcome.value:<{_OUTCOME_COLUMNS}} {cut(first.entry.id, _ID_COLUMNS)}"
    return cut(f"{head}{f' and {more} more' if more else ''}  {why}".rstrip(), width)


def _header(run: Run, width: int) -> Iterator[str]:
    yield from indented(f"{run.title} ({run.spec})" if run.title else run.spec, width, "")
    for name, values in summary.options_of(run):
        yield from indented(f"{name}: {', '.join(values)}", width)
    for warning in run.warnings:
        place = f"{warning.position}: " if warning.position else ""
        yield from indented(f"{place}{warning.severity}[{warning.code}]: {warning.message}", width)
        if warning.hint:
            yield from indented(warning.hint, width, "    ")


def _table(run: Run, color: bool, width: int) -> Iterator[str]:
    yield ""
    if not run.entries:
        yield "no entries"
        return
    groups = groups_of(run, split=True)
    names = [_name(group, min(width // 2, width - 21)) for group in groups]
    # Columns are at least as wide as their headers; two blanks separate them.
    first = max(9, *(len(group.first.judgement.outcome.value) for group in groups))
    second = max(len("entry  "), *map(display_width, names))
    room = width - first - second - 4
    evidence = [
        fit(summary.evidence_items(group.first, summary.measured_of(run, group.first)), room) for group in groups
    ]
    third = max(len("evidence"), *map(display_width, evidence))
    yield f"{'outcome':<{first}}  {'entry':<{second}}  evidence"
    yield f"{'-' * first}  {'-' * second}  {'-' * third}"
    for group, name, text in zip(groups, names, evidence, strict=True):
        outcome = group.first.judgement.outcome
        head = style(outcome.value, outcome, color) + " " * (first - len(outcome.value))
        yield f"{head}  {name}{' ' * (second - display_width(name))}  {text}".rstrip()


def _name(group: Group, room: int) -> str:
    """Return the first entry of a group, and how many more there are."""
    more = f" and {len(group.results) - 1} more" if len(group.results) > 1 else ""
    return cut(group.first.entry.id, min(_ID_COLUMNS, room - len(more))) + more


def _footer(run: Run, color: bool, width: int) -> Iterator[str]:
    yield ""
    yield from indented(f"entries: {summary.counts(run)}", width, "")
    if run.partial:
        yield ending_text(run)
    if run.baseline is not None:
        runs = summary.accepted_from(run)
        cause = run.baseline.cause
        remark = f" (accepted from {runs[0] if len(runs) == 1 else counted(len(runs), 'run')})" if runs else ""
        named = f"baseline {run.baseline.path}{remark}" if cause is None else cause_text(cause)
        yield from indented(named, width, "")
    yield from _remember(run, color, width)
    took = summary.duration_of(run)
    again = "" if run.ending == "unkept" else f"see it again: speccheck report {run.id}"
    yield visible("; ".join(filter(None, (took and f"run took {took}", again))) or f"run {run.id}")


def _remember(run: Run, color: bool, width: int) -> Iterator[str]:
    """Yield a line for each entry that the decision lets through, or that a note is about."""
    noted = [result for result in run.entries if _to_remember(result)]
    for result in noted[:_REMEMBERED]:
        outcome = result.judgement.outcome
        head = f"{outcome.value} {cut(result.entry.id, _ID_COLUMNS)}: "
        items = list(map(cause_text, result.judgement.notes))
        if outcome is Outcome.XPASSED:
            items.append(judgement_text(result.judgement))
        elif outcome is Outcome.WARNED:
            items += summary.evidence_items(result, summary.measured_of(run, result))
        line = cut(head + fit(items, max(width - display_width(head), 1)), width)
        yield style(outcome.value, outcome, color) + line[len(outcome.value) :]
    if len(noted) > _REMEMBERED:
        yield f"and {len(noted) - _REMEMBERED} more with a warning or a note"


def _to_remember(result: EntryResult) -> bool:
    judgement = result.judgement
    return judgement.outcome in (Outcome.WARNED, Outcome.XPASSED) or bool(judgement.notes)


reporter = Reporter(
    name="terminal",
    render=render,
    doc="Failures and their causes, a table of all entries, the decision.",
    suffix=".txt",
)
