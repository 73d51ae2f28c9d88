from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from speccheck.checks.table.aggregate import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext
from support.trees import ROOT

FOLDER = ROOT / "examples" / "reported_probe"
RUNS = json.loads((FOLDER / "runs.json").read_text("utf-8"))
ABLATION = json.loads((FOLDER / "ablation.json").read_text("utf-8"))
HOW: dict[str, Any] = {
    "by": ("pooling", "optimizer"),
    "aggregates": {"pre_mean": "mean pre_mAP", "rand_mean": "mean rand_mAP", "delta_mean": "mean delta_mAP"},
    "derived": {"delta_mAP": "pre_mAP - rand_mAP"},
    "decimals": 4,
}


def _altered(rows: list[dict[str, Any]], at: int, **values: Any) -> list[dict[str, Any]]:
    return [{**row, **values} if index == at else row for index, row in enumerate(rows)]


def test_the_report_s_tables_follow_within_rounding(context: FakeContext) -> None:
    metrics = measured(check, context, rows=RUNS, summary=ABLATION, **HOW).metrics
    assert (metrics["checked"], metrics["mismatches"], metrics["groups"]) == (36, 0, 6)
    assert 1e-4 <= metrics["largest_difference"] <= 1.5e-4 + 1e-9


def test_without_rounding_they_do_not(context: FakeContext) -> None:
    metrics = measured(check, context, rows=RUNS, summary=ABLATION, **{**HOW, "decimals": None}).metrics
    assert metrics["mismatches"] > 5


def test_one_figure_that_was_edited_is_named(context: FakeContext) -> None:
    sound = measured(check, context, rows=RUNS, summary=ABLATION, **HOW)
    edited = measured(check, context, rows=RUNS, summary=_altered(ABLATION, 4, delta_mean=0.0298), **HOW)
    assert changed(sound, edited) == {"mismatches", "mismatched", "largest_difference"}
    assert edited.metrics["mismatched"] == ["mean_excluding_cls,adamw: delta_mean"]
    derived = measured(check, context, rows=_altered(RUNS, 3, delta_mAP=-0.0348), summary=ABLATION, **HOW)
    assert derived.metrics["mismatched"] == ["row 3: delta_mAP"]
    assert "row 3: delta_mAP is -0.0348, and -0.0345 when computed" in derived.findings[0].message


def test_groups_that_are_missing_strange_or_twice(context: FakeContext) -> None:
    metrics = measured(check, context, rows=RUNS, summary=ABLATION[1:], **HOW).metrics
    assert metrics["missing_groups"] == ["mean_visible,adamw"]
    metrics = measured(check, context, rows=RUNS, summary=[*ABLATION, ABLATION[0]], **HOW).metrics
    assert metrics["duplicate_groups"] == ["mean_visible,adamw"]
    metrics = measured(check, context, rows=RUNS, summary=_altered(ABLATION, 0, pooling="max"), **HOW).metrics
    assert (metrics["missing_groups"], metrics["extra_groups"]) == (["mean_visible,adamw"], ["max,adamw"])


@pytest.mark.parametrize(
    ("text", "stated"),
    [("std x", 2.0), ("pstd x", 1.633), ("sum x", 12), ("count x", 3), ("median x", 4), ("max x", 6)],
)
def test_each_function(context: FakeContext, text: str, stated: float) -> None:
    rows = [{"x": 2}, {"x": 4}, {"x": 6}]
    for value, wrong in ((stated, 0), (stated + 4, 1)):
        metrics = measured(
            check, context, rows=rows, summary=[{"y": value}], aggregates={"y": text}, decimals=3
        ).metrics
        assert metrics["mismatches"] == wrong


def test_nan_never_follows(context: FakeContext) -> None:
    metrics = measured(check, context, rows=[{"a": 1, "b": 0, "c": 7}], derived={"c": "a / b"}).metrics
    assert metrics["mismatches"] == 1


def test_nothing_to_compute(context: FakeContext) -> None:
    assert "mismatches" not in measured(check, context, rows=[], derived={"c": "a - b"}).metrics
    for wrong in ({}, {"derived": {"c": "a minus b"}}, {"derived": {"c": "a - z"}}, {"aggregates": {"c": "mode a"}}):
        with pytest.raises(MeasurementError):
            measured(check, context, **{"rows": [{"a": 1, "b": 2, "c": 3}], "summary": [{"c": 1}], **wrong})


def test_nothing_computed_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, rows=[], summary=[], **HOW).metrics
    assert not {"mismatched", "mismatches"} & set(metrics)
    assert metrics["missing_groups"] == []
    alone = measured(check, context, rows=RUNS, derived=HOW["derived"], decimals=4).metrics
    assert not {"missing_groups", "extra_groups", "duplicate_groups"} & set(alone)
    assert alone["mismatched"] == []


def test_aggregates_without_a_summary_are_not_passed_over(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="`aggregates` are computed for a `summary`"):
        measured(check, context, rows=RUNS, **HOW)


@pytest.mark.parametrize("stated", [0.5, float("inf"), float("nan")])
def test_rounding_does_not_explain_infinity(context: FakeContext, stated: float) -> None:
    rows = [{"g": "a", "x": 1.0}, {"g": "a", "x": float("inf")}]
    summary = [{"g": "a", "m": stated}]
    metrics = measured(check, context, rows=rows, summary=summary, by=("g",), aggregates={"m": "mean x"}).metrics
    assert metrics["mismatches"] == 1


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {
        "rows": tiny.ROWS,
        "summary": [{"group": "a", "x": 1.5}],
        "by": ["group"],
        "aggregates": {"x": "mean x"},
        "derived": {"z": "x - y"},
        "decimals": 1,
    }
