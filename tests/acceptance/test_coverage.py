"""The tables of coverage_*.yaml: every row of a replaced report has its entries, and every entry can fail."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest

from speccheck.model.baseline import Baseline
from speccheck.store import BaselineFile, load_baseline
from support import day7, stage3
from support.audits import Auditor
from support.coverage import Coverage
from support.runs import differing, outcomes
from support.stage3 import BASELINE, SPEC

pytestmark = pytest.mark.slow

STAGE3 = Coverage("002", 45, SPEC, {**stage3.FAULTS, **stage3.OVERRIDES})
DAY7 = Coverage("001", 36, day7.SPEC, {**day7.FAULTS, **day7.OVERRIDES})
TABLES = pytest.mark.parametrize("table", [STAGE3, DAY7], ids=lambda table: table.report)


@TABLES
def test_every_row_is_there_once(table: Coverage) -> None:
    assert table.wrong_rows() == []


@pytest.mark.parametrize(
    ("table", "row"), [pytest.param(table, row, id=row) for table in (STAGE3, DAY7) for row in table.covered]
)
def test_a_row_names_entries_and_what_flips_each(table: Coverage, row: str) -> None:
    assert table.wrong_in(row) == {}


@TABLES
def test_every_entry_answers_to_a_row_or_says_why_it_is_there(table: Coverage) -> None:
    assert table.wrong_entries() == {}


@TABLES
def test_every_entry_can_go_wrong(table: Coverage) -> None:
    assert table.never_changed() == set()


def test_every_judged_entry_can_be_failed_by_what_is_measured() -> None:
    """Failed or xpassed, not merely unknown or blocked. The two others: one is not judged; one warns, see below."""
    assert STAGE3.never_failed() == {"config-sizes", "token-hashes"}
    assert DAY7.never_failed() == set()


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
    edited = msgspec.structs.replace(accepted, metrics={**accepted.metrics, **metrics})
    for entry, outcome in ((edited.sealed(), "warned"), (edited, "error")):  # accepted, and edited by hand
        changed = BaselineFile("other.json", Baseline(1, {**stored.entries, "token-hashes": entry}))
        assert differing(auditor.run(only=only, baseline=changed), good) == {"token-hashes": outcome}
