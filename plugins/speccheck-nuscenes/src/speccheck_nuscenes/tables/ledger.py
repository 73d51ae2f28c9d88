"""Findings of the rules: counts of each kind, and the first few examples of each with their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speccheck.sdk import Finding
from speccheck.sdk import Table as EvidenceTable
from speccheck_nuscenes.tables.database import Database

_SHOWN = ("filename", "timestamp", "is_key_frame", "sample_token", "prev", "next", "name", "channel")


@dataclass(frozen=True)
class Example:
    """One violation: a row of a table, and what is wrong with it."""

    kind: str
    table: str
    row: int
    detail: str


@dataclass
class Ledger:
    """Counts by kind. A kind is known when every rule that feeds it could look, and at least one of them saw a row.

    ``most`` bounds the examples of each kind, not the counts.
    """

    database: Database
    most: int
    counts: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    examples: list[Example] = field(default_factory=list)

    def looked(self, kind: str, rows: int) -> None:
        """A rule looked at that many rows for this kind."""
        if rows:
            self.counts.setdefault(kind, 0)

    def found(self, kind: str, table: str, rows: NDArray[Any] | Sequence[int], detail: str | Sequence[str]) -> None:
        """These rows of the table are violations; the detail is one for all, or one for each."""
        if not len(rows):
            return
        held = sum(example.kind == kind for example in self.examples)
        self.counts[kind] = self.counts.get(kind, 0) + len(rows)
        for number, row in enumerate(rows[: max(0, self.most - held)]):
            text = detail if isinstance(detail, str) else detail[number]
            self.examples.append(Example(kind, table, int(row), text))

    def known(self, kinds: Iterable[str]) -> dict[str, int]:
        """The counts of the kinds that are known."""
        return {kind: self.counts[kind] for kind in kinds if kind in self.counts and kind not in self.unknown}

    def evidence(self) -> tuple[EvidenceTable, tuple[Finding, ...]]:
        """The examples as a table, and as findings that name the file of the table and the token."""
        rows, findings = [], []
        for example in self.examples:
            file = self.database.tables[example.table].file
            record = file.row(example.row)
            token = str(record.get("token", ""))
            shown = ", ".join(f"{key} {record[key]!r}" for key in _SHOWN if key in record)
            rows.append((example.kind, example.table, example.row, token, example.detail, shown))
            message = f"{example.kind}: row {example.row} of {example.table}: {example.detail}"
            findings.append(Finding(message, file=f"{self.database.folder.name}/{file.label}", symbol=token))
        columns = ("kind", "table", "row", "token", "detail", "record")
        title = f"Violations, {self.most} of each kind at most"
        return EvidenceTable(columns, tuple(rows), title), tuple(findings)


def unique_rows(duplicates: NDArray[np.int64], rows: int) -> NDArray[np.bool_]:
    """Return which rows count: one that repeats a token counts as a duplicate and as nothing else."""
    kept = np.ones(rows, np.bool_)
    kept[duplicates] = False
    return kept
