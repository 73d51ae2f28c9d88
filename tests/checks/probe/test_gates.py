"""The report's gate, judged: what the mean alone says, and what a confidence says."""

from __future__ import annotations

import datetime
import json
from typing import Any

import numpy as np
import pytest
from scipy import stats

from speccheck.checks.probe.compare import check
from speccheck.judge import judge, minimum_detectable_effect
from speccheck.model.baseline import BaselineEntry
from speccheck.model.evidence import Evidence
from speccheck.model.spec import Entry, Measurement
from speccheck.model.verdict import ConstraintVerdict, State
from speccheck.sdk import verdict_text
from support.checking import measured
from support.context import FakeContext
from support.trees import ROOT

ROWS = json.loads((ROOT / "examples" / "reported_probe" / "runs.json").read_text("utf-8"))
GATE = "delta['mean_excluding_cls,adamw']"
PAIRS = np.array([0.0125, 0.0125, 0.0637])


def _evidence(context: FakeContext) -> Evidence:
    grid = {"pooling": ("mean_visible", "mean_all", "mean_excluding_cls"), "optimizer": ("adamw", "sgd")}
    names = {"treated": "pre_mAP", "reference": "rand_mAP", "difference": "delta_mAP"}
    return measured(check, context, rows=ROWS, grid=grid, seeds=(1, 2, 3), **names)


def _judged(evidence: Evidence, path: str, constraint: Any) -> ConstraintVerdict:
    entry = Entry("gate", "gate", "probe.compare", Measurement("probe.compare", 1), expect={path: constraint})
    today = datetime.date(2026, 6, 30)
    return judge(entry, evidence, {}, BaselineEntry(), today, check.metrics).verdicts[0].worst


def test_the_mean_gate_holds(context: FakeContext) -> None:
    verdict = _judged(_evidence(context), GATE, {"mean": {"min": 0.01}})
    assert verdict.state is State.HELD
    assert round(verdict.observed, 4) == 0.0296


def test_the_confident_gate_is_inconclusive_and_says_what_would_settle_it(context: FakeContext) -> None:
    verdict = _judged(_evidence(context), GATE, {"mean": {"min": 0.01, "confidence": 0.95}})
    assert verdict.state is State.INCONCLUSIVE
    p = stats.ttest_1samp(PAIRS, 0.01, alternative="greater").pvalue
    assert round(p, 3) == 0.185
    assert "one-sided p = 0.185" in verdict_text(verdict)
    ratio = (PAIRS.mean() - 0.01) / PAIRS.std(ddof=1)
    least = next(n for n in range(2, 1000) if stats.t.sf(ratio * n**0.5, n - 1) <= 0.05)
    assert f"n = {least} would tell" in verdict_text(verdict)
    effect = (stats.t.ppf(0.95, 2) + stats.t.ppf(0.8, 2)) * PAIRS.std(ddof=1) / 3**0.5
    assert effect == pytest.approx(minimum_detectable_effect(3, PAIRS.std(ddof=1), 0.95))
    assert f"{effect:.6g} beyond it (minimum detectable effect)" in verdict_text(verdict)


def test_corrected_for_all_six_it_needs_more(context: FakeContext) -> None:
    verdict = _judged(_evidence(context), GATE, {"mean": {"min": 0.01, "confidence": 0.95, "correct_for": "delta"}})
    assert verdict.state is State.INCONCLUSIVE
    assert "after Holm's correction for 6 keys" in verdict_text(verdict)
    ratio = (PAIRS.mean() - 0.01) / PAIRS.std(ddof=1)
    least = next(n for n in range(2, 1000) if stats.t.sf(ratio * n**0.5, n - 1) <= 0.05 / 6)
    assert f"n = {least} would tell, corrected for 6 keys" in verdict_text(verdict)
    effect = (stats.t.ppf(1 - 0.05 / 6, 2) + stats.t.ppf(0.8, 2)) * PAIRS.std(ddof=1) / 3**0.5
    assert f"{effect:.6g} beyond it" in verdict_text(verdict)


def test_chance_can_be_gated_as_well(context: FakeContext) -> None:
    assert _judged(_evidence(context), "best_of_k.p", {"max": 0.05}).state is State.VIOLATED


@pytest.mark.parametrize(("shift", "state"), [(0.3, State.HELD), (-0.3, State.VIOLATED)])
def test_an_effect_that_is_there_is_told(context: FakeContext, shift: float, state: State) -> None:
    evidence = _evidence(context)
    evidence.metrics["delta"] = {
        key: [value + shift for value in values] for key, values in evidence.metrics["delta"].items()
    }
    gate = {"mean": {"min": 0.01, "confidence": 0.95}}
    assert _judged(evidence, GATE, gate).state is state


def test_a_gate_that_holds_says_how_surely(context: FakeContext) -> None:
    verdict = _judged(_evidence(context), GATE, {"mean": {"min": -0.1, "confidence": 0.95}})
    assert verdict.state is State.HELD
    p = stats.ttest_1samp(PAIRS, -0.1, alternative="greater").pvalue
    assert f"of n = 3 (standard deviation 0.0295603) against min -0.1: one-sided p = {p:.3g}" in verdict_text(verdict)
