"""The evidence of a measurement in Markdown: metrics, tables, series, findings, files, output; or its failure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from speccheck.model.evidence import Evidence, Finding, Series, Table
from speccheck.model.formatting import counted
from speccheck.model.run import Failure, Measured
from speccheck.model.values import Value
from speccheck.reporters import _summary as summary
from speccheck.reporters import _values as values
from speccheck.reporters._markup import code, fenced, link, metrics_json, table, text
from speccheck.reporters._text import cut, visible
from speccheck.sdk.tail import counted_lines, plain_lines
from speccheck.sdk.wording import cause_text

CELL = 200
"""Characters of evidence in a cell of a table."""

_JSON_CHARACTERS = 20_000
_ROWS = 100
_LOG_LINES = 200
_FINDINGS = 100


def measured_blocks(measured: Measured) -> Iterator[str]:
    """Yield the blocks that show all of a measurement."""
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
        yield bullets([_series(name, series) for name, series in evidence.series.items()])
    if evidence.findings:
        yield from _findings(evidence)
    for name, artifact in evidence.artifacts.items():
        yield "Artifact: " + link(name, artifact.path, image=artifact.media_type.startswith("image/"))
    yield from _output(evidence.log)


def _output(log: str) -> Iterator[str]:
    if log.strip():
        lines = log.rstrip("\n").split("\n")
        count, kept = counted_lines(lines), lines[-_LOG_LINES:]
        yield "Output:" if count == len(kept) else f"Output, {plain_lines(kept)} of {counted(count, 'line')}:"
        yield fenced("\n".join(kept), "text")


def _failure(failure: Failure) -> Iterator[str]:
    yield f"Not measured: {text(cause_text(failure.cause))}"
    if failure.traceback.strip():
        yield fenced(failure.traceback, "text")
    yield from _output(failure.log)


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
    return cut(visible(value), CELL) if isinstance(value, str) else values.show(value, limit=CELL)


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
        f"{head}; first {values.show(pairs[0][0])}, last {values.show(pairs[-1][0])}; "
        f"least {values.show(least)} at {step} {values.show(at_least)}, "
        f"most {values.show(most)} at {step} {values.show(at_most)}"
    )


def _findings(evidence: Evidence) -> Iterator[str]:
    yield bullets([f"Finding: {_finding(finding)}" for finding in evidence.findings[:_FINDINGS]])
    if len(evidence.findings) > _FINDINGS:
        yield f"The first {_FINDINGS} of {len(evidence.findings)} findings; the run file has all of them."


def _finding(finding: Finding) -> str:
    return " ".join([*map(code, summary.place_and_symbol(finding)), text(finding.message)])


def bullets(items: Sequence[str]) -> str:
    """Return a list of items that are Markdown."""
    return "\n".join(f"- {item}" for item in items)
