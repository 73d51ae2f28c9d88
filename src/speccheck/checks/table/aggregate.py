"""Figures of a summary, computed again from the rows that it summarises, and derived columns from the others.

Rows are grouped by the columns in `by`, each aggregate is computed again (`mean pre_mAP`), and so is each derived
column (`pre_mAP - rand_mAP`). Where figures were printed with a fixed number of `decimals`, each represents an interval
of half a unit of its last place to either side; a figure is a mismatch when no values within these intervals lead to
it.

It matters because tables are edited, rounded twice, or made from another run than the rows beneath them; and a group
that is missing from a summary, or is in it twice, is easily overlooked.

It cannot see whether the rows are right. `std` and `pstd` are different figures; name the right one.

```yaml
- id: ablation-follows-from-the-runs
  check: table.aggregate
  with:
    rows: $runs
    summary: $ablation
    by: [pooling, optimizer]
    aggregates: {pre_mean: mean pre_mAP, rand_mean: mean rand_mAP, delta_mean: mean delta_mAP}
    derived: {delta_mAP: pre_mAP - rand_mAP}
    decimals: 4
  expect:
    mismatches: 0
    missing_groups: {length: 0}
    checked: {min: 36}
```
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.records import MISSING, as_records, field, number, plain

_SHOWN = 10
_FUNCTIONS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "mean": statistics.fmean,
    "std": lambda values: statistics.stdev(values) if len(values) > 1 else math.nan,
    "pstd": statistics.pstdev,
    "median": statistics.median,
    "min": min,
    "max": max,
    "sum": math.fsum,
    "count": len,
}
_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "/": lambda a, b: a / b if b else math.nan,
}


@dataclass(frozen=True)
class Params:
    """Rows, summary, and how one comes from the other."""

    rows: Live[Sequence[Any]] = param("the rows: mappings")
    summary: Live[Sequence[Any]] | None = param("the summary: mappings, one for each group", default=None)
    by: tuple[str, ...] = param("columns that rows and summary have, and that make the groups", default=())
    aggregates: Mapping[str, str] = param(
        "for a column of the summary, a function and a column of the rows: mean, std (divided by n-1), pstd (by n), "
        "median, min, max, sum, count",
        default={},
    )
    derived: Mapping[str, str] = param("for a column of the rows, two others and + - * or / between them", default={})
    decimals: int | None = param("places after the point that every figure was rounded to", default=None, min=0, max=15)


_NO_FIGURE = "there was none to compute"
_NO_SUMMARY = "no summary is given"

METRICS: Mapping[str, Metric] = {
    "checked": Metric(kind="number", min=0, doc="figures computed again"),
    "mismatches": Metric(kind="number", min=0, doc="figures that do not follow", optional=_NO_FIGURE),
    "mismatched": Metric(
        kind="list", of="text", doc="those, as `group: column`, or `row 3: column`", optional=_NO_FIGURE
    ),
    "largest_difference": Metric(
        kind="number", min=0, doc="largest |stated - computed|, rounding included", optional=_NO_FIGURE
    ),
    "missing_groups": Metric(
        kind="list", of="text", doc="groups of rows that the summary leaves out", optional=_NO_SUMMARY
    ),
    "extra_groups": Metric(
        kind="list", of="text", doc="groups of the summary that no row belongs to", optional=_NO_SUMMARY
    ),
    "duplicate_groups": Metric(
        kind="list", of="text", doc="groups that are in the summary more than once", optional=_NO_SUMMARY
    ),
    "rows": Metric(kind="number", min=0, doc="rows"),
    "groups": Metric(kind="number", min=0, doc="groups of rows"),
}

_EXACT = 1e-9
"""Relative rounding of float64 arithmetic that does not count as a difference."""


def measure(params: Params, context: Context) -> Evidence:
    """Compute again; MeasurementError for values that are not numbers, and expressions of another form."""
    if not params.derived and not params.aggregates:
        raise MeasurementError("nothing to compute; give `aggregates` with a `summary`, or `derived`")
    if params.aggregates and params.summary is None:
        raise MeasurementError("`aggregates` are computed for a `summary`, and none is given")
    half = 0.0 if params.decimals is None else 0.5 * 10.0**-params.decimals
    rows = list(as_records(params.rows, "rows"))
    groups: dict[str, list[Any]] = {}
    for at, row in enumerate(rows):
        groups.setdefault(_group(row, params.by, f"row {at}"), []).append(row)
    figures = [figure for column, text in params.derived.items() for figure in _derived(rows, column, text, half)]
    summary = [] if params.summary is None else list(as_records(params.summary, "summary"))
    named = [_group(row, params.by, f"summary {at}") for at, row in enumerate(summary)]
    for row, group in zip(summary, named, strict=True):
        for column, text in params.aggregates.items():
            if group in groups:
                figures.append(_aggregate(row, group, column, text, groups[group], half))
    wrong = [figure for figure in figures if not figure.follows]
    metrics: dict[str, Value] = {"checked": len(figures), "rows": len(rows), "groups": len(groups)}
    if params.summary is not None:
        metrics |= {
            "missing_groups": [group for group in groups if group not in named],
            "extra_groups": [group for group in dict.fromkeys(named) if group not in groups],
            "duplicate_groups": [group for group in dict.fromkeys(named) if named.count(group) > 1],
        }
    if figures:
        metrics["mismatched"] = [f"{figure.place}: {figure.column}" for figure in wrong]
        gaps = [abs(figure.stated - figure.computed) for figure in figures]
        metrics |= {
            "mismatches": len(wrong),
            "largest_difference": math.nan if any(map(math.isnan, gaps)) else max(gaps),
        }
    return Evidence(metrics, tables={"computed": _table(figures)}, findings=tuple(map(_finding, wrong[:_SHOWN])))


@dataclass(frozen=True)
class _Figure:
    """A figure as it is stated and as computed, and how far rounding alone may part the two."""

    place: str
    column: str
    stated: float
    computed: float
    allowed: float

    @property
    def follows(self) -> bool:
        """Whether rounding explains the difference; nothing that is NaN or infinite is explained so."""
        return abs(self.stated - self.computed) <= self.allowed < math.inf


def _finding(figure: _Figure) -> Finding:
    line = f"{figure.column} is {figure.stated:.10g}, and {figure.computed:.10g} when computed"
    return Finding(f"{figure.place}: {line} (rounding explains {figure.allowed:.3g})", symbol=figure.column)


def _table(figures: Sequence[_Figure]) -> Table:
    columns = ("where", "column", "stated", "computed", "difference")
    rows = tuple((f.place, f.column, f.stated, f.computed, f.stated - f.computed) for f in figures)
    return Table(columns, rows, title="stated and computed")


def _group(row: Any, by: Sequence[str], where: str) -> str:
    values = []
    for column in by:
        value = field(row, column)
        if value is MISSING:
            raise MeasurementError(f"{where} has no {column}")
        values.append(str(plain(value)))
    return ",".join(values) or "all"


def _aggregate(row: Any, group: str, column: str, text: str, members: Sequence[Any], half: float) -> _Figure:
    name, _, source = text.strip().partition(" ")
    function = _FUNCTIONS.get(name)
    if function is None or not source.strip():
        raise MeasurementError(f"{column}: {text!r} is not FUNCTION COLUMN; functions are {', '.join(_FUNCTIONS)}")
    values = [number(member, source.strip(), f"a row of {group}") for member in members]
    count = len(values)
    # By how much the function can change when each value does by half a unit of its last place.
    reach = {"sum": count, "std": math.sqrt(count / (count - 1)) if count > 1 else 1, "count": 0}.get(name, 1)
    computed, stated = float(function(values)), number(row, column, f"summary {group}")
    return _Figure(group, column, stated, computed, half * (1 + reach) + _EXACT * max(abs(computed), *map(abs, values)))


def _derived(rows: Sequence[Any], column: str, text: str, half: float) -> list[_Figure]:
    parts = text.split()
    if len(parts) != 3 or parts[1] not in _OPERATORS:
        raise MeasurementError(f"{column}: {text!r} is not COLUMN OPERATOR COLUMN; operators are + - * / with spaces")
    left, sign, right = parts
    figures = []
    for at, row in enumerate(rows):
        a, b = number(row, left, f"row {at}"), number(row, right, f"row {at}")
        operate = _OPERATORS[sign]
        computed = operate(a, b)
        corners = [operate(a + i * half, b + j * half) for i in (-1, 1) for j in (-1, 1)]
        reach = max(abs(corner - computed) for corner in corners)
        rounding = _EXACT * max(abs(a), abs(b), abs(computed))
        figures.append(
            _Figure(f"row {at}", column, number(row, column, f"row {at}"), computed, half + reach + rounding)
        )
    return figures


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
