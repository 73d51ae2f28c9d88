"""Columns of a table with one value for every configuration: scores that measure nothing.

Rows are grouped by the columns in `within` (a seed, and with it a split, may rightly move a score), and for each score
column the different values in each group are counted. Columns that agree with each other row by row are named, too.

It matters because a score that is the same for a trained encoder, a random one and every optimizer is not a result: it
is mostly the score of a constant answer, such as the F1 of a threshold at which everything is positive.

It cannot see why, nor a score that varies for reasons of its own, such as noise.

```yaml
- id: scores-tell-configurations-apart
  check: metric.degenerate
  with: {rows: $runs, columns: [pre_mAP, rand_mAP, pre_bestF1, rand_bestF1], within: [seed]}
  expect:
    degenerate: {length: 0}
    twins: {length: 0}
    rows: {min: 18}
```
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.records import MISSING, as_records, canonical, field, plain, text


@dataclass(frozen=True)
class Params:
    """The table, and which of its columns are scores."""

    rows: Live[Sequence[Any]] = param("rows of the table: mappings")
    columns: tuple[str, ...] = param("columns with scores", min_length=1)
    within: tuple[str, ...] = param("columns whose values may rightly move a score", default=())


_NO_GROUP = "no group has two rows"

METRICS: Mapping[str, Metric] = {
    "rows": Metric(kind="number", min=0, doc="rows of the table"),
    "groups": Metric(kind="number", min=0, doc="groups with two rows or more"),
    "distinct.{columns}": Metric(kind="number", min=0, doc="different values in the whole table, by column"),
    "varying_groups.{columns}": Metric(
        kind="number", min=0, doc="groups in which the column takes more than one value"
    ),
    "degenerate": Metric(
        kind="list", of="text", doc="columns that take one value in every group of two rows or more", optional=_NO_GROUP
    ),
    "twins": Metric(
        kind="list", of="text", optional="the table is empty", doc="pairs of columns equal in every row, as `a = b`"
    ),
}


def measure(params: Params, context: Context) -> Evidence:
    """Count; MeasurementError for a row that lacks a column."""
    rows = list(as_records(params.rows, "rows"))
    values = {column: [_value(row, column, at) for at, row in enumerate(rows)] for column in params.columns}
    groups: dict[str, list[int]] = {}
    for at, row in enumerate(rows):
        groups.setdefault(repr([_value(row, column, at) for column in params.within]), []).append(at)
    several = [members for members in groups.values() if len(members) > 1]
    varying = {
        column: sum(len({repr(line[at]) for at in members}) > 1 for members in several)
        for column, line in values.items()
    }
    metrics: dict[str, Value] = {
        "rows": len(rows),
        "groups": len(several),
        "distinct": {column: len(set(map(repr, line))) for column, line in values.items()},
        "varying_groups": varying,
    }
    findings: list[Finding] = []
    if several:
        metrics["degenerate"] = [column for column, count in varying.items() if not count]
        findings += [_finding(column, values[column], several, params.within) for column in metrics["degenerate"]]
    if rows:
        keys = {column: canonical(line, column) for column, line in values.items()}  # NaN equals NaN
        pairs = [(a, b) for a, b in itertools.combinations(dict.fromkeys(params.columns), 2) if keys[a] == keys[b]]
        metrics["twins"] = [f"{a} = {b}" for a, b in pairs]
        findings += [Finding(f"{a} and {b} agree in every row", symbol=a) for a, b in pairs]
    table = Table(
        ("column", "different values", "groups in which it varies", "groups"),
        tuple((column, metrics["distinct"][column], varying[column], len(several)) for column in values),
    )
    return Evidence(metrics, tables={"columns": table}, findings=tuple(findings))


def _finding(column: str, line: list[Value], groups: list[list[int]], within: Sequence[str]) -> Finding:
    taken = ", ".join(dict.fromkeys(text(line[members[0]]) for members in groups[:6]))
    by = f"by {', '.join(within)}, " if within else ""
    return Finding(f"{column} is one value {by}whatever the configuration: {taken}", symbol=column)


def _value(row: Any, column: str, at: int) -> Value:
    value = field(row, column)
    if value is MISSING:
        raise MeasurementError(f"row {at} has no {column}")
    return plain(value)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
