"""Tables that hold a replaced report against the spec that replaces it: coverage_NNN.yaml.

Each row of the report names the entries that replace it and the faults that flip each of them, or the reason why it
names none. A fault is a key of the table of changes that the audit's own tests keep true.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from speccheck.loading import load_spec
from speccheck.registry import discover

FOLDER = Path(__file__).parents[1] / "acceptance"


def base(entry: str) -> str:
    """The id as the spec writes it, without the cell."""
    return entry.partition("[")[0]


@dataclass(frozen=True)
class Coverage:
    """The table of one report of ``size`` rows; ``changes`` are outcomes by entry, by fault."""

    report: str
    size: int
    spec: Path
    changes: Mapping[str, Mapping[str, str]]

    @cached_property
    def path(self) -> Path:
        """The table's file."""
        return FOLDER / f"coverage_{self.report}.yaml"

    @cached_property
    def table(self) -> dict[str, Any]:
        """``rows``, and ``beyond``: entries that belong to no row, each with its reason."""
        found: dict[str, Any] = yaml.safe_load(self.path.read_text("utf-8"))
        return found

    @cached_property
    def rows(self) -> dict[str, dict[str, Any]]:
        """All rows, by number."""
        return dict(self.table["rows"])

    @cached_property
    def covered(self) -> dict[str, dict[str, Any]]:
        """Those that have entries."""
        return {number: row for number, row in self.rows.items() if "entries" in row}

    @cached_property
    def entries(self) -> dict[str, str]:
        """The check of every entry of the spec, by the id of its cell."""
        loaded = load_spec(str(self.spec), discover(), environ={}, overrides=())
        assert loaded.spec is not None, loaded.diagnostics
        return {entry.id: entry.check for entry in loaded.spec.entries}

    def flipped(self, faults: list[str]) -> set[str]:
        """The entries that any of these faults changes."""
        return {base(entry) for fault in faults for entry in self.changes[fault]}

    def wrong_rows(self) -> list[str]:
        """Rows that do not occur exactly once, or have neither entries with faults nor a reason."""
        lines = self.path.read_text("utf-8").splitlines()
        numbers = [f"{self.report}.{number}" for number in range(1, self.size + 1)]
        wrong = [number for number in numbers if sum(line.startswith(f"  '{number}'") for line in lines) != 1]
        wrong += [number for number in self.rows if number not in numbers]
        for number, row in self.rows.items():
            wanted = {"of", "entries", "flip"} if number in self.covered else {"of", "why"}
            if set(row) != wanted or not all(row.values()):
                wrong.append(number)
        return wrong

    def wrong_in(self, row: str) -> dict[str, set[str]]:
        """Of one row: entries and faults that do not exist, entries that no fault flips, faults that flip none."""
        entries, faults = set(self.covered[row]["entries"]), flips(self.covered[row])
        unknown = set(faults) - set(self.changes)
        found = {
            "no entry": entries - {base(entry) for entry in self.entries},
            "no fault": unknown,
            "not flipped": entries - self.flipped([fault for fault in faults if fault not in unknown]),
            "flips nothing": {fault for fault in faults if not unknown and not self.flipped([fault]) & entries},
        }
        return {what: names for what, names in found.items() if names}

    def wrong_entries(self) -> dict[str, set[str]]:
        """Entries that belong to no row and give no reason, and names in the table that are not entries."""
        named = {entry for row in self.covered.values() for entry in row["entries"]}
        beyond: dict[str, Any] = self.table.get("beyond") or {}
        there = {base(entry) for entry in self.entries}
        found = {
            "in no row": there - named - set(beyond),
            "in a row and beyond": named & set(beyond),
            "no entry": (named | set(beyond)) - there,
            "not flipped": {entry for entry, row in beyond.items() if entry not in self.flipped(flips(row))},
            "without a reason": {entry for entry, row in beyond.items() if not row.get("why")},
        }
        return {what: names for what, names in found.items() if names}

    def never_failed(self) -> set[str]:
        """Cells that no fault makes fail by a measured value: they are at most unknown or blocked, or never change."""
        failed = {
            entry
            for change in self.changes.values()
            for entry, outcome in change.items()
            if outcome in ("failed", "xpassed")
        }
        return set(self.entries) - failed

    def never_changed(self) -> set[str]:
        """Cells that no fault changes."""
        return set(self.entries) - {entry for change in self.changes.values() for entry in change}


def flips(row: Mapping[str, Any]) -> list[str]:
    """The faults that a row names."""
    flip = row["flip"]
    return [flip] if isinstance(flip, str) else list(flip)
