from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from speccheck.checks.metric.degenerate import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext
from support.trees import ROOT

ROWS = json.loads((ROOT / "examples" / "reported_probe" / "runs.json").read_text("utf-8"))
COLUMNS = ("pre_mAP", "rand_mAP", "pre_bestF1", "rand_bestF1")


def test_the_report_s_f1_tells_nothing(context: FakeContext) -> None:
    evidence = measured(check, context, rows=ROWS, columns=COLUMNS, within=("seed",))
    metrics = evidence.metrics
    assert metrics["degenerate"] == ["pre_bestF1", "rand_bestF1"]
    assert metrics["twins"] == ["pre_bestF1 = rand_bestF1"]
    assert (metrics["rows"], metrics["groups"], metrics["distinct"]["pre_bestF1"]) == (18, 3, 3)
    assert "0.6803, 0.6827, 0.6602" in evidence.findings[0].message


def test_one_other_value_is_enough(context: FakeContext) -> None:
    rows: list[Any] = [{**row, "pre_bestF1": 0.7} if at == 4 else row for at, row in enumerate(ROWS)]
    before = measured(check, context, rows=ROWS, columns=COLUMNS, within=("seed",))
    after = measured(check, context, rows=rows, columns=COLUMNS, within=("seed",))
    assert changed(before, after) == {"degenerate", "twins", "distinct", "varying_groups"}
    assert after.metrics["degenerate"] == ["rand_bestF1"]


def test_across_seeds_it_varies(context: FakeContext) -> None:
    assert measured(check, context, rows=ROWS, columns=COLUMNS).metrics["degenerate"] == []


def test_groups_of_one_row_cannot_tell(context: FakeContext) -> None:
    metrics = measured(check, context, rows=ROWS, columns=COLUMNS, within=("seed", "pooling", "optimizer")).metrics
    assert "degenerate" not in metrics
    assert "twins" not in measured(check, context, rows=[], columns=COLUMNS).metrics


def test_a_column_that_is_not_there(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="row 0 has no mAP"):
        measured(check, context, rows=ROWS, columns=("mAP",))


def test_two_columns_of_nan_are_twins(context: FakeContext) -> None:
    rows = [{"a": float("nan"), "b": float("nan"), "c": at} for at in range(3)]
    assert measured(check, context, rows=rows, columns=("a", "b", "c")).metrics["twins"] == ["a = b"]


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"rows": tiny.ROWS, "columns": ["x", "y"], "within": ["group"]}
