"""A run as a Markdown report to keep: decision, environment, tables of sections and entries, and all evidence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TextIO

from speccheck.model.evidence import Artifact, Evidence, Finding, Series, Table
from speccheck.model.formatting import counted
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.values import Value
from speccheck.model.verdict import ConstraintVerdict, Verdict
from speccheck.reporters import _sections as sections
from speccheck.reporters import _summary as summary
from speccheck.reporters._markup import code, fenced, link, metrics_json, one_line_json, table, text
from speccheck.reporters._sections import Section
from speccheck.reporters._text import cut, emit, visible
from speccheck.sdk.reporting import Reporter
from speccheck.sdk.wording import cause_text, constraint_text, ending_text, source_text

_CELL = 200
"""Characters of evidence in a cell of the first table; the section of the entry has all of it."""

_FACT = 2_000
"""Characters of a fact about the environment; a signer looks for versions, which are shorter."""

_JSON_CHARACTERS = 20_000
_ROWS = 100
_LOG_LINES = 200
_FINDINGS = 100


def render(run: Run, stream: TextIO) -> None:
    """Write the report as GitHub-flavoured Markdown; paths of artifacts are relative to the run's folder."""
    parts = sections.sections_of(run)
    blocks = [*_head(run), *_environment(run), *sections.overview(parts), *_overview(run, parts)]
    blocks += [*_warnings(run), *_artifacts(run), *_evidence(run, parts)]
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
    yield _list(items)


def _environment(run: Run) -> Iterator[str]:
    yield "## Environment"
    facts = [
        f"{text(name)}: {code(value if isinstance(value, str) else summary.show(value, limit=_FACT))}"
        for name, value in run.environment.items()
    ]
    yield _list(facts or ["not recorded"])


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
    reason = summary.reason_of(result)
    evidence = "" if items == [reason] else cut("; ".join(items), _CELL)
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
    yield _list(lines)


def _artifacts(run: Run) -> Iterator[str]:
    yield "## Artifacts"
    lines = []
    for result in run.entries:
        measured = summary.measured_of(run, result)
        if measured is not None and measured.evidence is not None:
            for name, artifact in measured.evidence.artifacts.items():
                lines.append(f"{text(result.entry.id)}: {_artifact(name, artifact)}")
    yield _list(lines or ["none"])


def _artifact(name: str, artifact: Artifact) -> str:
    facts = f"{code(artifact.media_type)}, {artifact.size} bytes, sha256 {code(artifact.sha256)}"
    return f"{link(name, artifact.path)}, {facts}"


def _evidence(run: Run, parts: Sequence[Section]) -> Iterator[str]:
    shown: dict[str, str] = {}  # the entry that already shows the evidence of each measurement
    if not parts:
        yield "## Evidence"
        for result in run.entries:
            yield from _entry(run, result, shown)
    for part in parts:
        yield f"## {part.name}"
        yield _list(list(sections.status_items(part)))
        for result in part.results:
            yield from _entry(run, result, shown)


def _entry(run: Run, result: EntryResult, shown: dict[str, str]) -> Iterator[str]:
    entry, judgement = result.entry, result.judgement
    yield f"### {text(entry.id)}: {text(entry.title)}" if entry.title else f"### {text(entry.id)}"
    measured = summary.measured_of(run, result)
    items = [f"Status: **{judgement.outcome.value.upper()}**"]
    first = entry.id if result.measured is None else shown.setdefault(result.measured, entry.id)
    failed = first == entry.id and measured is not None and measured.failure is not None
    if summary.reason_of(result) and not summary.repeats(judgement, failure_shown=failed):
        items.append(f"Reason: {text(summary.reason_of(result))}")
    items.extend(f"Note: {text(note)}" for note in summary.notes_of(result))
    measurement = entry.measurement
    took = "" if measured is None else f", {summary.seconds_text(measured.seconds)}"
    items.append(f"Check: {code(entry.check)} version {measurement.version}, seed {measurement.seed}{took}")
    if measurement.params:
        items.append(f"With: {code(cut(one_line_json(measurement.params), 400))}")
    place = summary.place_of(result)
    if place:
        items.append(f"Where: {code(place)}")
    yield _list(items)
    yield from _expectations(run, result)
    if measured is None or result.measured is None:
        return
    if first != entry.id:
        yield f"Evidence: under {code(first)}, which shares this measurement."
        return
    yield from _measured(measured)


def _measured(measured: Measured) -> Iterator[str]:
    if measured.failure is not None:
        yield from _failure(measured.failure)
    evidence = measured.evidence
    if evidence is None:
        return
    if evidence.metrics:
        yield from _metrics(evidence)
    for name, rows in evidence.tables.items():
        yield from _table(name, rows)
    if evidence.series:
        yield _list([_series(name, series) for name, series in evidence.series.items()])
    if evidence.findings:
        yield from _findings(evidence)
    for name, artifact in evidence.artifacts.items():
        yield "Artifact: " + link(name, artifact.path, image=artifact.media_type.startswith("image/"))
    if evidence.log.strip():
        lines = evidence.log.rstrip("\n").split("\n")
        left_out = len(lines) - _LOG_LINES
        yield ("Output:" if left_out <= 0 else f"Output (the run file has {counted(left_out, 'earlier line')} more):")
        yield fenced("\n".join(lines[-_LOG_LINES:]), "text")


def _expectations(run: Run, result: EntryResult) -> Iterator[str]:
    rows, remarks = [], []
    for verdict in result.judgement.verdicts:
        for item in verdict.constraints:
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
        yield _list(remarks)


def _expectation(run: Run, result: EntryResult, verdict: Verdict, item: ConstraintVerdict) -> tuple[str, ...]:
    seen = verdict.observed if item.observed is None else item.observed
    observed, limit = summary.show_pair(seen, item.limit)
    name = summary.name_of(verdict, item, summary.evidence_of(run, result))
    unit = summary.unit_of(run, result, verdict.metric)
    soft = " (warn)" if item.severity == "warn" else ""
    return (
        text(name),
        text("" if seen is None else f"{observed} {unit}"),
        text(constraint_text(item)),
        text("" if item.limit is None else _limit(item, limit)),
        "" if item.margin is None else summary.margin_text(item.margin),
        item.state.value + soft + (" (vacuous)" if item.vacuous else ""),
        code(summary.place_of(result, verdict)),
    )


def _limit(item: ConstraintVerdict, limit: str) -> str:
    """Return the limit with the operation that it results from: ``22.9 = baseline 23.9 - 1.0``."""
    source = item.source
    one = source is not None and source.op and isinstance(item.limit, (int, float))
    return f"{limit} = {source_text(source)}" if source is not None and one else limit


def _failure(failure: Failure) -> Iterator[str]:
    yield f"Not measured: {text(cause_text(failure.cause))}"
    if failure.traceback.strip():
        yield fenced(failure.traceback, "text")


def _metrics(evidence: Evidence) -> Iterator[str]:
    content = metrics_json(evidence.metrics)
    yield fenced(content[:_JSON_CHARACTERS], "json")
    if len(content) > _JSON_CHARACTERS:
        yield f"The first {_JSON_CHARACTERS} of {len(content)} characters; the run file has all of them."


def _table(name: str, rows: Table) -> Iterator[str]:
    yield f"Table {text(rows.title or name)}:"
    cells = [[text(_cell(cell)) for cell in row] for row in rows.rows[:_ROWS]]
    yield table([text(column) for column in rows.columns], cells)
    if len(rows.rows) > _ROWS:
        yield f"The first {_ROWS} of {len(rows.rows)} rows; the run file has all of them."


def _cell(value: Value) -> str:
    """Return a value as a cell of a table; its column shows of which kind it is, so text is not quoted."""
    return cut(visible(value), _CELL) if isinstance(value, str) else summary.show(value, limit=_CELL)


def _series(name: str, series: Series) -> str:
    pairs = [(y, x) for x, y in zip(series.x, series.y, strict=False) if y is not None]
    unit = f" ({text(series.unit)})" if series.unit else ""
    head = f"Series {code(name)}{unit}: {counted(len(series.y), 'value')}"
    lost = len(series.y) - len(pairs)
    if lost:
        head += f", **{lost} not finite**"
    if not pairs:
        return head
    (least, at_least), (most, at_most) = min(pairs), max(pairs)
    step = text(series.x_name)
    return (
        f"{head}; first {summary.show(pairs[0][0])}, last {summary.show(pairs[-1][0])}; "
        f"least {summary.show(least)} at {step} {summary.show(at_least)}, "
        f"most {summary.show(most)} at {step} {summary.show(at_most)}"
    )


def _findings(evidence: Evidence) -> Iterator[str]:
    yield _list([f"Finding: {_finding(finding)}" for finding in evidence.findings[:_FINDINGS]])
    if len(evidence.findings) > _FINDINGS:
        yield f"The first {_FINDINGS} of {len(evidence.findings)} findings; the run file has all of them."


def _finding(finding: Finding) -> str:
    return " ".join([*map(code, summary.place_and_symbol(finding)), text(finding.message)])


def _list(items: list[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


reporter = Reporter("markdown", render, doc="A report to keep, with all evidence.", suffix=".md", links=True)
