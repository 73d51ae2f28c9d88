"""A run for the terminal: the failures with their causes, then one line per entry, then the decision as last line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TextIO

from speccheck.model.evidence import Evidence
from speccheck.model.formatting import counted
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.verdict import ConstraintVerdict, Decision, Outcome, State, Verdict
from speccheck.reporters import _summary as summary
from speccheck.reporters._outcomes import PRESENTATIONS, URGENCY
from speccheck.reporters._text import cut, display_width, emit, fit, visible, wrap
from speccheck.sdk.reporting import Reporter
from speccheck.sdk.wording import cause_text, constraint_text, ending_text, judgement_text

WIDTH = 120
"""Columns of a line when the stream is not a terminal."""

NARROWEST = 60

_OUTCOME_COLUMNS = max(len(outcome.value) for outcome in Outcome)
_ID_COLUMNS = 44
_FINDINGS = 10
_LOG_LINES = 8
_TRACEBACK_LINES = 30


def render(run: Run, stream: TextIO) -> None:
    """Write the report: in colour and as wide as the terminal if the stream is one, else plain and 120 columns wide."""
    write(run, stream, color=stream.isatty(), width=_columns(stream))


def write(run: Run, stream: TextIO, *, color: bool, width: int = WIDTH) -> None:
    """Write the report at a given width in columns, with or without colour."""
    lines = [*_header(run, width), *_sections(run, color, width), *_table(run, color, width), *_footer(run, width)]
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


def style(text: str, outcome: Outcome, color: bool) -> str:
    """Return the text in the colour of an outcome, or as it is."""
    if not color:
        return text
    import click

    return click.style(text, fg=PRESENTATIONS[outcome].colour, bold=PRESENTATIONS[outcome].loud)


def _columns(stream: TextIO) -> int:
    if not stream.isatty():
        return WIDTH
    try:
        return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    except OSError:
        return WIDTH


def _header(run: Run, width: int) -> Iterator[str]:
    yield cut(f"{run.title} ({run.spec})" if run.title else run.spec, width)
    for name, values in summary.options_of(run):
        yield from _indented(f"{name}: {', '.join(values)}", width)
    for warning in run.warnings:
        place = f"{warning.position}: " if warning.position else ""
        yield from _indented(f"{place}{warning.severity}[{warning.code}]: {warning.message}", width)
        if warning.hint:
            yield from _indented(warning.hint, width, "    ")


def _sections(run: Run, color: bool, width: int) -> Iterator[str]:
    shown = [result for result in run.entries if _is_shown(result)]
    for result in sorted(shown, key=lambda result: URGENCY[result.judgement.outcome]):
        yield ""
        yield from _section(run, result, color, width)


def _is_shown(result: EntryResult) -> bool:
    judgement = result.judgement
    return not PRESENTATIONS[judgement.outcome].quiet or bool(judgement.notes) or bool(summary.vacuous_of(result))


def _section(run: Run, result: EntryResult, color: bool, width: int) -> Iterator[str]:
    judgement, entry = result.judgement, result.entry
    look = PRESENTATIONS[judgement.outcome]
    head = judgement.outcome.value.upper()
    title = f"{entry.id}: {entry.title}" if entry.title else entry.id
    yield f"{style(head, judgement.outcome, color)} {cut(title, width - len(head) - 1)}"
    place = summary.place_of(result)
    yield from _indented(f"{entry.check}, {place}" if place else entry.check, width)
    measured = summary.measured_of(run, result)
    failed = measured is not None and measured.failure is not None
    reason = judgement_text(judgement)
    if reason and not look.quiet and not summary.repeats(judgement, failure_shown=failed):
        yield from _indented(reason, width)
    for note in summary.notes_of(result):
        yield from _indented(f"note: {note}", width)
    if measured is not None and measured.failure is not None:
        yield from _failure(measured.failure, width)
    else:
        yield from _verdicts(run, result, width)
    if measured is not None and measured.evidence is not None and not look.quiet:
        yield from _remarks(measured.evidence, width, output=look.loud)


def _failure(failure: Failure, width: int) -> Iterator[str]:
    yield from _indented(cause_text(failure.cause), width)
    lines = visible(failure.traceback.rstrip("\n"), keep="\n").split("\n") if failure.traceback.strip() else []
    if len(lines) > _TRACEBACK_LINES:
        left_out = counted(len(lines) - _TRACEBACK_LINES, "earlier line")
        yield from _indented(f"({left_out} left out; the markdown report has all)", width, "    ")
    for line in lines[-_TRACEBACK_LINES:]:
        yield f"    {cut(line, width - 4)}"


def _verdicts(run: Run, result: EntryResult, width: int) -> Iterator[str]:
    for verdict in result.judgement.verdicts:
        unexpected = summary.held_unexpectedly(result, verdict)
        for item in verdict.constraints:
            if item.state is not State.HELD or item.vacuous or unexpected:
                yield from _constraint(run, result, verdict, item, width)


def _constraint(run: Run, result: EntryResult, verdict: Verdict, item: ConstraintVerdict, width: int) -> Iterator[str]:
    seen = verdict.observed if item.observed is None else item.observed
    observed, limit = summary.show_pair(seen, item.limit)
    name = summary.name_of(verdict, item, summary.evidence_of(run, result))
    unit = summary.unit_of(run, result, verdict.metric)
    value = "" if seen is None else f" = {observed}{f' {unit}' if unit else ''}"
    resolved = summary.resolved(item, limit)
    margin = "" if item.margin is None else f", margin {summary.margin_text(item.margin)}"
    severity = " (severity warn)" if item.severity == "warn" and result.entry.severity != "warn" else ""
    line = f"{item.state.value}{severity}: {name}{value}; wanted {constraint_text(item)}{resolved}{margin}"
    yield from _indented(line, width)
    detail = summary.detail_of(item)
    if detail:
        yield from _indented(detail, width, "    ")
    if item.vacuous:
        yield from _indented(f"vacuous: {summary.VACUOUS}", width, "    ")
    if item.why:
        yield from _indented(f"why: {item.why}", width, "    ")
    place = summary.place_of(result, verdict)
    if place and place != summary.place_of(result):
        yield f"    {visible(place)}"


def _remarks(evidence: Evidence, width: int, *, output: bool) -> Iterator[str]:
    for finding in evidence.findings[:_FINDINGS]:
        where = " ".join(summary.place_and_symbol(finding))
        yield from _indented(f"finding: {where}: {finding.message}" if where else f"finding: {finding.message}", width)
    if len(evidence.findings) > _FINDINGS:
        left_out = counted(len(evidence.findings) - _FINDINGS, "more finding")
        yield from _indented(f"and {left_out}; the markdown report has all", width)
    log = visible(evidence.log.rstrip("\n"), keep="\n").split("\n") if evidence.log.strip() else []
    if log and output:
        yield f"  output, last {min(len(log), _LOG_LINES)} of {counted(len(log), 'line')}:"
        yield from (f"    | {cut(line, width - 6)}" for line in log[-_LOG_LINES:])


def _table(run: Run, color: bool, width: int) -> Iterator[str]:
    from tabulate import tabulate

    yield ""
    if not run.entries:
        yield "no entries"
        return
    ids = [cut(result.entry.id, _ID_COLUMNS) for result in run.entries]
    # The first two columns are at least as wide as their headers and two more; two blanks separate columns.
    room = width - max(9, *map(display_width, ids)) - 13
    rows = [
        (
            style(result.judgement.outcome.value, result.judgement.outcome, color),
            name,
            fit(summary.evidence_items(result, summary.measured_of(run, result)), room),
        )
        for name, result in zip(ids, run.entries, strict=True)
    ]
    text = tabulate(rows, headers=("outcome", "entry", "evidence"), tablefmt="simple", disable_numparse=True)
    yield from (line.rstrip() for line in text.split("\n"))


def _footer(run: Run, width: int) -> Iterator[str]:
    yield ""
    yield from _indented(f"entries: {summary.counts(run)}", width, "")
    if run.partial:
        yield ending_text(run)
    if run.baseline is not None:
        runs = ", ".join(summary.accepted_from(run))
        cause = run.baseline.cause
        remark = f" (accepted from {runs})" if runs else ""
        named = f"baseline {run.baseline.path}{remark}" if cause is None else cause_text(cause)
        yield from _indented(named, width, "")
    took = summary.duration_of(run)
    again = "" if run.ending == "unkept" else f"; see it again: speccheck report {run.id}"
    yield visible(f"run {run.id}{f', {took}' if took else ''}{again}")


def _indented(text: str, width: int, indent: str = "  ") -> Iterator[str]:
    first, *rest = wrap(text, width - len(indent)) or [""]
    yield indent + first
    deeper = indent + "  "
    for line in wrap(" ".join(rest), width - len(deeper)) if rest else []:
        yield deeper + line


reporter = Reporter(
    name="terminal",
    render=render,
    doc="Failures and their causes, a table of all entries, the decision.",
    suffix=".txt",
)
