"""Two treatments compared in pairs over configurations and seeds, beside the differences that chance alone gives.

Either `rows` are read (a table of results), or `run` is called for every configuration of `grid` and every seed.
Measures the paired differences of each configuration as replicates (`delta`), the means with sample and population
standard deviation, a sign-flip test, what the best of k configurations without any effect would show, gaps and
repetitions in the grid, columns that tell no configuration from another, and the differences from trivial baselines of
the rows.

It matters because three seeds and six configurations are a lottery with six tickets: the best looks good when nothing
is behind it. Whether the mean alone decides, or a confidence corrected for all that was tried, is up to the spec.

It cannot see what all rows have in common: a leaking split, a broken score, one pretraining for all seeds, or tries
that were left out of the table.

```yaml
- id: probe-gate
  check: probe.compare
  with:
    rows: $runs
    grid: {pooling: [mean_visible, mean_all], optimizer: [adamw, sgd]}
    seeds: [1, 2, 3]
    treated: pre_mAP
    reference: rand_mAP
  expect:
    complete: true
    degenerate: {length: 0}
    delta['mean_all,adamw']: {mean: {min: 0.01, confidence: 0.95, correct_for: delta}}
    best_of_k.p_studentised: {max: 0.05}
```
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from speccheck.checks.probe._grid import Cell, Grid, collect
from speccheck.checks.probe._noise import BestOf, Flips, best_of, population_std, sample_std, sign_flips
from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.records import number


@dataclass(frozen=True)
class Params:
    """The results or the function that gives them, their grid, and the columns to compare."""

    grid: Mapping[str, tuple[Any, ...]] = param("axes of the configurations, and the values of each", min_length=1)
    seeds: tuple[int, ...] = param("seeds that every configuration is to have", min_length=1)
    rows: Live[Sequence[Any]] | None = param("results: mappings with the axes, `seed` and both scores", default=None)
    run: Live[Callable[..., Any]] | None = param(
        "gives the results of one configuration and seed, a mapping: called by name with the axes and `seed`, or with "
        "`${input.AXIS}` and `${seed}` filled in; this, or `rows`",
        default=None,
        fills=("input", "seed"),
    )
    treated: str = param("column of the score that should be higher", default="treated")
    reference: str = param("column of the score that it is compared with", default="reference")
    difference: str | None = param(
        "column of their difference, where the table has one of its own; else it is computed", default=None
    )
    seed: str = param("column of the seed", default="seed")
    others: tuple[str, ...] = param("further columns of scores, for `degenerate`", default=())
    trivial: tuple[str, ...] = param("columns with the score of a trivial baseline", default=())


_ONE = "the configuration has fewer than two seeds"
_INCOMPLETE = "a configuration lacks a seed or has one twice, there is no spread, or a difference is not finite"
_NOT_FINITE = "a difference is not finite"
_LARGEST = 1e100
"""Scores beyond this have squares whose sum a float may not hold."""
_STATISTICS = {
    f"configurations.*.{what}_{name}": Metric(
        kind="number",
        min=None if name == "mean" else 0,
        doc=f"{words} of {of}, over the seeds of each configuration",
        optional=_ONE if name == "sample_std" else "",
    )
    for what, of in (("treated", "`treated`"), ("reference", "`reference`"), ("delta", "their paired differences"))
    for name, words in (
        ("mean", "mean"),
        ("sample_std", "sample standard deviation (divided by n-1)"),
        ("population_std", "population standard deviation (divided by n)"),
    )
}

METRICS: Mapping[str, Metric] = {
    "delta": Metric(
        kind="mapping",
        of="list",
        replicates=True,
        doc="paired differences, treated less reference, by configuration: values of the axes joined by commas",
    ),
    "over_trivial.{trivial}": Metric(
        kind="mapping", of="list", replicates=True, doc="treated less that baseline, paired, by configuration"
    ),
    **_STATISTICS,
    "configurations.*.n": Metric(kind="number", min=1, doc="pairs of each configuration"),
    "configurations.*.sign_flip_p": Metric(
        kind="number",
        min=0,
        max=1,
        optional=_NOT_FINITE,
        doc="share of sign vectors whose mean is that of the pairs or more; 2^-n is the least",
    ),
    "best": Metric(kind="text", doc="configuration with the largest mean difference", optional=_NOT_FINITE),
    "best_mean": Metric(kind="number", doc="that mean difference", optional=_NOT_FINITE),
    "difference_error": Metric(
        kind="number",
        min=0,
        doc="largest |difference less (treated less reference)|; NaN if any is not finite",
        optional="`difference` is not given",
    ),
    "best_of_k.k": Metric(kind="number", min=1, doc="configurations tried"),
    "best_of_k.p": Metric(
        kind="number",
        min=0,
        max=1,
        optional=_INCOMPLETE,
        doc="chance that the best of k independent configurations without effect has that mean or more, for normal "
        "differences of the pooled spread, taken as known: too small with few seeds",
    ),
    "best_of_k.p_studentised": Metric(
        kind="number",
        min=0,
        max=1,
        optional=_INCOMPLETE,
        doc="the same with the chance of the spread itself, which is estimated: the one to set a limit to",
    ),
    "best_of_k.expected": Metric(kind="number", optional=_INCOMPLETE, doc="mean of the best of k, by the same chance"),
    "best_of_k.pooled_std": Metric(
        kind="number",
        min=0,
        optional=_INCOMPLETE,
        doc="spread of one difference, pooled over configurations (n-1 of each)",
    ),
    "best_of_k.flip_p": Metric(
        kind="number",
        min=0,
        max=1,
        optional=_INCOMPLETE,
        doc="share of sign vectors, each seed flipped in all configurations together, whose best is that good or "
        "better",
    ),
    "best_of_k.flip_vectors": Metric(kind="number", min=1, optional=_INCOMPLETE, doc="sign vectors, all or 2^20 drawn"),
    "rows": Metric(kind="number", min=1, doc="results"),
    "complete": Metric(kind="bool", doc="each configuration has each seed once, and there is nothing else"),
    "missing": Metric(kind="list", of="text", doc="configurations and seeds without a result"),
    "duplicates": Metric(kind="list", of="text", doc="configurations and seeds with more than one"),
    "unexpected": Metric(kind="list", of="text", doc="results outside the grid or the seeds; they are left out"),
    "degenerate": Metric(
        kind="list",
        of="text",
        doc="columns that, seed by seed, are the same for all configurations",
        optional="there is one configuration",
    ),
    "identical_configurations": Metric(kind="list", of="text", doc="pairs whose scores are all the same, as `a = b`"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Read or run, and compare; MeasurementError without any pair, or for a score that is not a number."""
    if (params.rows is None) == (params.run is None):
        raise MeasurementError("give exactly one of `rows` and `run`")
    columns = (params.treated, params.reference, *((params.difference,) if params.difference else ()))
    grid = collect(params.grid, params.seeds, params.rows, params.run, params.seed, context)
    if not grid.cells:
        raise MeasurementError("no result is on the grid")
    delta = {key: [_delta(params, cell) for cell in cells] for key, cells in grid.cells.items()}
    finite = all(map(math.isfinite, itertools.chain(*delta.values())))
    summary = {key: _summary(params, cells, delta[key], context.seed) for key, cells in grid.cells.items()}
    balanced = not grid.missing and not grid.duplicates
    chance = best_of(list(delta.values())) if balanced and finite else None
    flips = sign_flips(list(delta.values()), context.seed) if balanced and finite else None
    metrics: dict[str, Value] = {
        "delta": delta,
        "configurations": summary,
        "best_of_k": _best(len(delta), chance, flips),
        "rows": grid.rows,
        "complete": balanced and not grid.unexpected,
        "missing": grid.missing,
        "duplicates": grid.duplicates,
        "unexpected": grid.unexpected,
        "identical_configurations": grid.identical(columns[:2]),
    }
    if finite:
        metrics["best"] = max(summary, key=lambda key: summary[key]["delta_mean"])
        metrics["best_mean"] = summary[metrics["best"]]["delta_mean"]
    if params.difference:
        metrics["difference_error"] = _difference_error(params, grid)
    if params.trivial:
        metrics["over_trivial"] = {name: _over(params, grid, name) for name in params.trivial}
    if len(delta) > 1:
        metrics["degenerate"] = grid.degenerate(tuple(dict.fromkeys((*columns, *params.others))))
    tables = {"rows": grid.table((*columns, *params.others, *params.trivial)), "configurations": _table(summary)}
    if chance is not None:
        rows = tuple((f"{share:.0%} quantile", value) for share, value in chance.quantiles.items())
        rows = (("mean", chance.expected), *rows, ("observed", metrics["best_mean"]))
        tables["best_of_k"] = Table(("best of k without effect", "mean difference"), rows)
    return Evidence(metrics, tables=tables, findings=_findings(metrics, chance))


def _delta(params: Params, cell: Cell) -> float:
    if params.difference:
        return _score(cell, params.difference)
    return _score(cell, params.treated) - _score(cell, params.reference)


def _score(cell: Cell, column: str) -> float:
    """A score; MeasurementError for anything but a number, or one so large that its square overflows."""
    try:
        value = float(number(cell.row, column, cell.name))
    except OverflowError:
        value = _LARGEST * 2
    if math.isfinite(value) and abs(value) > _LARGEST:
        raise MeasurementError(f"{cell.name}: {column} is beyond {_LARGEST:g}, which cannot be a score")
    return value


def _difference_error(params: Params, grid: Grid) -> float:
    errors = [
        abs(_delta(params, cell) - (_score(cell, params.treated) - _score(cell, params.reference)))
        for cell in itertools.chain(*grid.cells.values())
    ]
    return max(errors) if all(map(math.isfinite, errors)) else math.nan


def _over(params: Params, grid: Grid, name: str) -> dict[str, list[float]]:
    return {
        key: [_score(cell, params.treated) - _score(cell, name) for cell in cells] for key, cells in grid.cells.items()
    }


def _summary(params: Params, cells: Sequence[Cell], delta: Sequence[float], seed: int) -> dict[str, float]:
    scores = {
        "treated": [_score(cell, params.treated) for cell in cells],
        "reference": [_score(cell, params.reference) for cell in cells],
        "delta": delta,
    }
    found: dict[str, float] = {"n": len(cells)}
    if all(map(math.isfinite, delta)):
        found["sign_flip_p"] = sign_flips([delta], seed).p
    for name, values in scores.items():
        found[f"{name}_mean"] = sum(values) / len(values)
        found[f"{name}_population_std"] = population_std(values)
        sample = sample_std(values)
        if sample is not None:
            found[f"{name}_sample_std"] = sample
    return found


def _best(count: int, chance: BestOf | None, flips: Flips | None) -> dict[str, Value]:
    found: dict[str, Value] = {"k": count}
    if chance is not None:
        found |= {
            "p": chance.p,
            "p_studentised": chance.studentised,
            "expected": chance.expected,
            "pooled_std": chance.spread,
        }
    if flips is not None:
        found |= {"flip_p": flips.p, "flip_vectors": flips.vectors}
    return found


def _table(summary: Mapping[str, Mapping[str, float]]) -> Table:
    names = ("n", *(f"{what}_{of}" for what in ("treated", "reference", "delta") for of in ("mean", "sample_std")))
    names = (*names, "delta_population_std", "sign_flip_p")
    rows = tuple((key, *(figures.get(name) for name in names)) for key, figures in summary.items())
    return Table(("configuration", *names), rows, title="over the seeds")


def _findings(metrics: Mapping[str, Value], chance: BestOf | None) -> tuple[Finding, ...]:
    found = []
    if chance is not None:
        once = f"about once in {1 / chance.p:.{1 if chance.p > 0.4 else 0}f}" if chance.p > 1e-9 else "next to never"
        found.append(
            Finding(
                f"the best of {metrics['best_of_k']['k']} configurations without any effect would show a mean "
                f"difference of "
                f"{metrics['best_mean']:.4g} or more {once} (p = {chance.p:.3g}; with the chance of the spread "
                f"itself, p = {chance.studentised:.3g}); on average it would show {chance.expected:.4g}",
                symbol=metrics["best"],
            )
        )
    words = {
        "missing": "no result for {}",
        "duplicates": "there is more than one result for {}",
        "unexpected": "{} is not on the grid",
        "degenerate": "{} is the same for all configurations, seed by seed",
        "identical_configurations": "{}: every score is the same",
    }
    found += [Finding(text.format(item)) for key, text in words.items() for item in metrics.get(key, ())[:5]]
    return tuple(found)


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
