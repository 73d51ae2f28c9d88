"""The table of coverage_002.yaml: every row of the replaced report has its entries, and every entry can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from speccheck.model.baseline import Baseline
from speccheck.registry import discover
from speccheck.spec import load_spec
from speccheck.store import BaselineFile, load_baseline
from support.audits import Auditor
from support.runs import differing, outcomes
from support.stage3 import BASELINE, FAULTS, OVERRIDES, SPEC

TABLE: dict[str, Any] = yaml.safe_load((Path(__file__).parent / "coverage_002.yaml").read_text("utf-8"))
ROWS: dict[str, dict[str, Any]] = TABLE["rows"]
COVERED = {row: told for row, told in ROWS.items() if "entries" in told}
CHANGES = {**FAULTS, **OVERRIDES}


def _flips(told: dict[str, Any]) -> list[str]:
    flip = told["flip"]
    return [flip] if isinstance(flip, str) else list(flip)


def _base(entry: str) -> str:
    """The id as the spec writes it, without the cell."""
    return entry.partition("[")[0]


def _flipped(names: list[str]) -> set[str]:
    return {_base(entry) for name in names for entry in CHANGES[name]}


@pytest.fixture(scope="module")
def entries() -> dict[str, str]:
    """The check of every entry of the spec, by the id of its cell."""
    loaded = load_spec(str(SPEC), discover(), environ={}, overrides=())
    assert loaded.spec is not None
    return {entry.id: entry.check for entry in loaded.spec.entries}


def test_every_row_is_there_once() -> None:
    assert [str(row) for row in ROWS] == [f"002.{number}" for number in range(1, 46)]
    for row, told in ROWS.items():
        wanted = {"of", "entries", "flip"} if row in COVERED else {"of", "why"}
        assert set(told) == wanted, row
        assert all(told.values()), row


def test_no_row_is_written_twice() -> None:
    lines = (Path(__file__).parent / "coverage_002.yaml").read_text("utf-8").splitlines()
    assert sum(line.startswith("  '002.") for line in lines) == 45


@pytest.mark.parametrize("row", COVERED)
def test_a_row_names_entries_and_what_flips_each(entries: dict[str, str], row: str) -> None:
    told = COVERED[row]
    assert set(told["entries"]) <= {_base(entry) for entry in entries}
    assert set(_flips(told)) <= set(CHANGES)
    assert set(told["entries"]) <= _flipped(_flips(told))
    assert [flip for flip in _flips(told) if not _flipped([flip]) & set(told["entries"])] == []


def test_every_entry_answers_to_a_row_or_says_why_it_is_there(entries: dict[str, str]) -> None:
    named = {entry for told in COVERED.values() for entry in told["entries"]}
    assert named | set(TABLE["beyond"]) == {_base(entry) for entry in entries}
    assert not named & set(TABLE["beyond"])
    for entry, told in TABLE["beyond"].items():
        assert entry in _flipped(_flips(told))
        assert told["why"]


def test_every_entry_can_go_wrong(entries: dict[str, str]) -> None:
    changed = {entry for change in CHANGES.values() for entry in change}
    assert set(entries) - changed == set()


def test_every_judged_entry_can_be_failed_by_what_is_measured(entries: dict[str, str]) -> None:
    """Failed or xpassed, not merely unknown or blocked. The two others: one is not judged; one warns, see below."""
    failed = {
        entry for change in CHANGES.values() for entry, outcome in change.items() if outcome in ("failed", "xpassed")
    }
    assert set(entries) - failed == {"config-sizes", "token-hashes"}


def test_ids_that_differ_from_the_baseline_are_a_warning(tmp_path: Path) -> None:
    auditor = Auditor(SPEC, tmp_path)
    only = ("export", "token-hashes")
    good = auditor.run(only=only)
    assert set(outcomes(good).values()) == {"passed"}
    stored = load_baseline("stage3.json", BASELINE.parent).baseline
    assert stored is not None
    accepted = stored.entries["token-hashes"]
    metrics: Any = {
        name: dict.fromkeys(value, "0" * 64) if isinstance(value, dict) else "0" * 64
        for name, value in accepted.metrics.items()
        if name.startswith("sha256")
    }
    entry = msgspec.structs.replace(accepted, metrics={**accepted.metrics, **metrics})
    changed = BaselineFile("other.json", Baseline(1, {**stored.entries, "token-hashes": entry}))
    assert differing(auditor.run(only=only, baseline=changed), good) == {"token-hashes": "warned"}
