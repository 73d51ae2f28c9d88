"""Results on a grid of configurations and seeds, read from a table or run, by cell, with missing and odd ones."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from speccheck.sdk import Context, MeasurementError, Table
from speccheck.sdk.calling import call_named
from speccheck.sdk.records import MISSING, as_records, plain
from speccheck.sdk.records import field as field_of


@dataclass(frozen=True)
class Cell:
    """One result: its configuration and seed, and the mapping with the scores."""

    values: tuple[str, ...]
    seed: int
    row: Any

    @property
    def key(self) -> str:
        """The configuration: values of the axes joined by commas."""
        return ",".join(self.values)

    @property
    def name(self) -> str:
        """Configuration and seed, for messages."""
        return f"{self.key}, seed {self.seed}"


@dataclass
class Grid:
    """Cells by configuration, in the order of the grid and of the seeds; missing, duplicate and unexpected results."""

    axes: tuple[str, ...]
    cells: dict[str, list[Cell]] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    duplicates: list[str] = field(default_factory=list)
    unexpected: list[str] = field(default_factory=list)
    rows: int = 0

    def table(self, columns: Sequence[str]) -> Table:
        """All cells with these columns."""
        names = tuple(dict.fromkeys(columns))
        rows = tuple(
            (*cell.values, cell.seed, *(_plain(cell.row, name) for name in names))
            for cells in self.cells.values()
            for cell in cells
        )
        return Table((*self.axes, "seed", *names), rows, title="results")

    def degenerate(self, columns: Sequence[str]) -> list[str]:
        """Columns that hold one value for every seed with two results or more."""
        seeds: dict[int, list[Any]] = {}
        for cell in itertools.chain(*self.cells.values()):
            seeds.setdefault(cell.seed, []).append(cell.row)
        several = [rows for rows in seeds.values() if len(rows) > 1]
        return [
            c for c in columns if several and all(len({repr(_plain(row, c)) for row in rows}) == 1 for rows in several)
        ]

    def identical(self, columns: Sequence[str]) -> list[str]:
        """Pairs of configurations whose columns are all the same, seed by seed."""
        scores = {
            key: [(cell.seed, *(repr(_plain(cell.row, column)) for column in columns)) for cell in cells]
            for key, cells in self.cells.items()
        }
        return [f"{a} = {b}" for a, b in itertools.combinations(scores, 2) if scores[a] == scores[b]]


def collect(
    axes: Mapping[str, Sequence[Any]],
    seeds: Sequence[int],
    rows: Sequence[Any] | None,
    run: Callable[..., Any] | None,
    seed_column: str,
    context: Context,
) -> Grid:
    """Collect the cells from ``rows`` or ``run``; MeasurementError for an empty axis or a row that lacks an axis."""
    wanted = [tuple(point) for point in itertools.product(*axes.values())]
    if not wanted or len({_texts(point) for point in wanted}) != len(wanted) or len(set(seeds)) != len(seeds):
        raise MeasurementError("the grid has an axis without values, or names a value or seed twice")
    if len({_key(point) for point in wanted}) != len(wanted):
        raise MeasurementError("two configurations of the grid share a name, because their values contain commas")
    grid = Grid(tuple(axes))
    found: dict[tuple[tuple[str, ...], int], list[Cell]] = {}
    for cell in _ran(axes, wanted, seeds, run, context) if run is not None else _read(axes, rows, seed_column):
        found.setdefault((cell.values, cell.seed), []).append(cell)
        grid.rows += 1
    for point, seed in itertools.product(wanted, seeds):
        cells = found.pop((_texts(point), seed), [])
        name = f"{_key(point)}, seed {seed}"
        if not cells:
            grid.missing.append(name)
            continue
        if len(cells) > 1:
            grid.duplicates.append(name)
        grid.cells.setdefault(_key(point), []).append(cells[0])
    grid.unexpected = [cell.name for cells in found.values() for cell in cells]
    return grid


def _ran(
    axes: Mapping[str, Sequence[Any]],
    points: Sequence[tuple[Any, ...]],
    seeds: Sequence[int],
    run: Callable[..., Any],
    context: Context,
) -> list[Cell]:
    cells: list[Cell] = []
    for point, seed in itertools.product(points, seeds):
        context.progress(f"{_key(point)}, seed {seed}: {len(cells) + 1} of {len(points) * len(seeds)}")
        cells.append(Cell(_texts(point), seed, call_named(run, dict(zip(axes, point, strict=True)), seed)))
    return cells


def _read(axes: Mapping[str, Sequence[Any]], rows: Sequence[Any] | None, seed_column: str) -> list[Cell]:
    cells: list[Cell] = []
    for at, row in enumerate(as_records(rows, "rows")):
        point = tuple(_plain(row, axis) for axis in axes)
        seed = _plain(row, seed_column)
        lacking = [axis for axis, value in zip(axes, point, strict=True) if value is MISSING]
        if lacking or seed is MISSING:
            raise MeasurementError(f"row {at} lacks {lacking[0] if lacking else seed_column}")
        whole = _whole(seed)
        if whole is None:
            raise MeasurementError(f"row {at}: {seed_column} is {seed!r}, not a whole number")
        cells.append(Cell(_texts(point), whole, row))
    return cells


def _whole(seed: Any) -> int | None:
    """A seed in a table: a whole number, its float (pandas makes these) or its digits; None for anything else."""
    if isinstance(seed, float) and seed.is_integer():
        return int(seed)
    if isinstance(seed, str) and re.fullmatch(r"-?[0-9]{1,18}", seed):
        return int(seed)
    return seed if isinstance(seed, int) and not isinstance(seed, bool) else None


def _plain(row: Any, column: str) -> Any:
    value = field_of(row, column)
    return value if value is MISSING else plain(value)


def _texts(point: Sequence[Any]) -> tuple[str, ...]:
    return tuple(str(value) for value in point)


def _key(point: Sequence[Any]) -> str:
    return ",".join(_texts(point))
