"""A run as a Markdown report to keep: decision, causes, tables of sections and entries, evidence, environment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from speccheck.model.evidence import Artifact
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.verdict import ConstraintVerdict, Outcome, Verdict
from speccheck.reporters import _sections as sections
from speccheck.reporters import _summary as summary
from speccheck.reporters import _values as values
from speccheck.reporters._causes import failure_key, groups_of
from speccheck.reporters._evidence import CELL, bullets, measured_blocks
from speccheck.reporters._markup import code, link, one_line_json, table, text
from speccheck.reporters._sections import Section
from speccheck.reporters._text import cut, emit
from speccheck.sdk.reporting import Reporter
from speccheck.sdk.wording import cause_text, constraint_text, ending_text, source_text

_FACT = 2_000
"""Characters of a fact about the environment; a signer looks for versions, which are shorter."""


def render(run: Run, stream: TextIO) -> None:
    """Write the report as GitHub-flavoured Markdown; paths of artifacts are relative to the run's folder."""
    parts = sections.sections_of(run)
    blocks = [*_head(run), *_causes(run), *sections.overview(parts), *_overview(run, parts)]
    blocks += [*_warnings(run), *_artifacts(run), *_evidence(run, parts), *_environment(run)]
    emit(stream, "\n\n".join(blocks) + "\n")


def _head(run: Run) -> Iterator[str]:
    yield f"# {text(run.title or run.spec) or 'speccheck run'}"
    took = summary.duration_of(run)
    items = [
        f"Generated: {code(run.finished)}" + (f" (run took {took})" if took else ""),
        f"Decision: **{run.decision.value}** ({text(str(run.coverage))})",
        f"Entries: {text(summary.counts(run))}",
        f"Spec: {code(run.spec)} (sha256 {code(run.spec_digest)})",
        f"Run: {code(run.id)}",
    ]
    if run.partial:
        why, _, rest = ending_text(run).partition(":")
        items.append(f"**{why.capitalize()}**:{rest}")
    if run.command:
        items.append(f"Command: {code(' '.join(run.command))}")
    items += [f"{name.capitalize()}: {', '.join(map(code, values))}" for name, values in summary.options_of(run)]
    if run.baseline is not None:
        runs = ", ".join(map(code, summary.accepted_from(run)))
        digest = f" (sha256 {code(run.baseline.sha256)})" if run.baseline.sha256 else ""
        reason = f": {text(cause_text(run.baseline.cause))}" if run.baseline.cause is not None else ""
        items.append(f"Baseline: {code(run.baseline.path)}{digest}{f', accepted from {runs}' if runs else ''}{reason}")
    yield bullets(items)


def _environment(run: Run) -> Iterator[str]:
    yield "## Environment"
    facts = [
        f"{text(name)}: {code(value if isinstance(value, str) else values.show(value, limit=_FACT))}"
        for name, value in run.environment.items()
    ]
    yield bullets(facts or ["not recorded"])


def _causes(run: Run) -> Iterator[str]:
    """Yield what took down several entries, and what a reader should not overlook in a run that passed."""
    lines = []
    for group in groups_of(run):
        took = len(group.results) + len(group.needing)
        if took > 1:
            names = ", ".join(code(result.entry.id) for result in (*group.results, *group.needing))
            outcome = group.first.judgement.outcome.value.upper()
            lines.append(f"**{outcome}**, {took} entries: {text(_reason(run, group.first))} ({names})")
    for result in run.entries:
        notes = "; ".join(map(cause_text, result.judgement.notes))
        if result.judgement.outcome is Outcome.WARNED or notes:
            reason = "; ".join(filter(None, [_reason(run, result), notes]))
            lines.append(f"**{result.judgement.outcome.value.upper()}**: {code(result.entry.id)}: {text(reason)}")
    if lines:
        yield "## What to know"
        yield bullets(lines)


def _reason(run: Run, result: EntryResult) -> str:
    return summary.reason_of(result, summary.evidence_of(run, result))


def _overview(run: Run, parts: Sequence[Section]) -> Iterator[str]:
    yield "## PASS/FAIL Table"
    columns = ("Entry", "Status", "Reason", "Evidence")
    if parts:
        rows = [(part.name, *_row(run, result)) for part in parts for result in part.results]
        yield table(("Section", *columns), rows)
    else:
        yield table(columns, [_row(run, result) for result in run.entries])


def _row(run: Run, result: EntryResult) -> tuple[str, ...]:
    items = summary.evidence_items(result, summary.measured_of(run, result))
    reason = _reason(run, result)
    evidence = "" if items == [reason] else cut("; ".join(items), CELL)
    name = f"{result.entry.id}: {result.entry.title}" if result.entry.title else result.entry.id
    return text(name), result.judgement.outcome.value.upper(), text(reason), text(evidence)


def _warnings(run: Run) -> Iterator[str]:
    if not run.warnings:
        return
    yield "## Warnings"
    lines = []
    for warning in run.warnings:
        place = f"{code(str(warning.position))}: " if warning.position else ""
        hint = f" ({text(warning.hint)})" if warning.hint else ""
        lines.append(f"{place}{warning.severity} {code(warning.code)}: {text(warning.message)}{hint}")
    yield bullets(lines)


def _artifacts(run: Run) -> Iterator[str]:
    yield "## Artifacts"
    lines = []
    for result in run.entries:
        measured = summary.measured_of(run, result)
        if measured is not None and measured.evidence is not None:
            for name, artifact in measured.evidence.artifacts.items():
                lines.append(f"{text(result.entry.id)}: {_artifact(name, artifact)}")
    yield bullets(lines or ["none"])


def _artifact(name: str, artifact: Artifact) -> str:
    facts = f"{code(artifact.media_type)}, {artifact.size} bytes, sha256 {code(artifact.sha256)}"
    return f"{link(name, artifact.path)}, {facts}"


def _evidence(run: Run, parts: Sequence[Section]) -> Iterator[str]:
    shown: dict[str, str] = {}  # the entry that already shows the evidence or the failure of each measurement
    if not parts:
        yield "## Evidence"
        for result in run.entries:
            yield from _entry(run, result, shown)
    for part in parts:
        yield f"## {part.name}"
        yield bullets(list(sections.status_items(part)))
        for result in part.results:
            yield from _entry(run, result, shown)


def _entry(run: Run, result: EntryResult, shown: dict[str, str]) -> Iterator[str]:
    entry, judgement = result.entry, result.judgement
    yield f"### {text(entry.id)}: {text(entry.title)}" if entry.title else f"### {text(entry.id)}"
    measured = summary.measured_of(run, result)
    items = [f"Status: **{judgement.outcome.value.upper()}**"]
    first = entry.id if result.measured is None else shown.setdefault(_shown_as(result.measured, measured), entry.id)
    failed = first == entry.id and measured is not None and measured.failure is not None
    if _reason(run, result) and not summary.repeats(judgement, failure_shown=failed):
        items.append(f"Reason: {text(_reason(run, result))}")
    items.extend(f"Note: {text(note)}" for note in summary.notes_of(result))
    measurement = entry.measurement
    took = "" if measured is None else f", {summary.seconds_text(measured.seconds)}"
    items.append(f"Check: {code(entry.check)} version {measurement.version}, seed {measurement.seed}{took}")
    if measurement.params:
        items.append(f"With: {code(cut(one_line_json(measurement.params), 400))}")
    place = summary.place_of(result)
    if place:
        items.append(f"Where: {code(place)}")
    yield bullets(items)
    yield from _expectations(run, result)
    if measured is None or result.measured is None:
        return
    if first != entry.id:
        if measured.failure is not None:
            yield f"Not measured, for the reason shown under {code(first)}."
        else:
            yield f"Evidence: under {code(first)}, which shares this measurement."
        return
    yield from measured_blocks(measured)


def _shown_as(digest: str, measured: Measured | None) -> str:
    """Return a text that measurements of which one shows all have in common."""
    return digest if measured is None or measured.failure is None else failure_key(measured.failure)


def _expectations(run: Run, result: EntryResult) -> Iterator[str]:
    rows, remarks = [], []
    for verdict in summary.by_state(result.judgement.verdicts):
        for item in summary.worst_first(verdict):
            rows.append(_expectation(run, result, verdict, item))
            name = f"{code(verdict.metric)} {code(constraint_text(item))}"
            detail = summary.detail_of(item)
            if detail:
                remarks.append(f"{name} is {item.state.value}: {text(detail)}")
            if item.vacuous:
                remarks.append(f"{name} is vacuous: {summary.VACUOUS}")
            if item.why:
                remarks.append(f"{name}, why: {text(item.why)}")
    if rows:
        yield table(("Metric", "Observed", "Constraint", "Limit", "Margin", "Verdict", "Where"), rows)
    if remarks:
        yield bullets(remarks)


def _expectation(run: Run, result: EntryResult, verdict: Verdict, item: ConstraintVerdict) -> tuple[str, ...]:
    evidence = summary.evidence_of(run, result)
    seen = values.observed_of(verdict, item, evidence)
    observed, limit = values.show_pair(seen, item.limit)
    members = values.members_of(verdict, item, evidence)
    observed += "" if members is None else f" {values.show(members, limit=CELL)}"
    name = summary.name_of(verdict, item, evidence)
    unit = summary.unit_of(run, result, verdict.metric)
    soft = " (warn)" if item.severity == "warn" else ""
    return (
        text(name),
        text("" if seen is None else f"{observed} {unit}"),
        text(constraint_text(item)),
        text("" if item.limit is None else _limit(item, limit)),
        "" if item.margin is None else values.margin_text(item.margin),
        item.state.value + soft + (" (vacuous)" if item.vacuous else ""),
        code(summary.place_of(result, verdict)),
    )


def _limit(item: ConstraintVerdict, limit: str) -> str:
    """Return the limit with the operation that it results from: ``22.9 = baseline 23.9 - 1.0``."""
    source = item.source
    one = source is not None and source.op and isinstance(item.limit, (int, float))
    return f"{limit} = {source_text(source)}" if source is not None and one else limit


reporter = Reporter("markdown", render, doc="A report to keep, with all evidence.", suffix=".md", links=True)
