from __future__ import annotations

import itertools
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from speccheck.checks.probe._noise import best_of, sign_flips
from speccheck.checks.probe.compare import METRICS, check
from speccheck.sdk import MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support.checking import changed, measured
from support.context import FakeContext
from support.trees import ROOT

ROWS = json.loads((ROOT / "examples" / "reported_probe" / "runs.json").read_text("utf-8"))
GRID = {"pooling": ("mean_visible", "mean_all", "mean_excluding_cls"), "optimizer": ("adamw", "sgd")}
GATE = "mean_excluding_cls,adamw"
COLUMNS = {
    "grid": GRID,
    "seeds": (1, 2, 3),
    "treated": "pre_mAP",
    "reference": "rand_mAP",
    "difference": "delta_mAP",
    "others": ("pre_bestF1", "rand_bestF1"),
}


def _metrics(context: FakeContext, rows: Any = ROWS, **more: Any) -> dict[str, Any]:
    return measured(check, context, rows=rows, **{**COLUMNS, **more}).metrics


def test_the_report_s_rows(context: FakeContext) -> None:
    metrics = _metrics(context)
    assert metrics["delta"][GATE] == [0.0125, 0.0125, 0.0637]
    gate = metrics["configurations"][GATE]
    assert round(gate["delta_mean"], 4) == 0.0296
    assert round(gate["delta_population_std"], 4) == 0.0241
    assert round(gate["treated_population_std"], 4) == 0.0465
    assert gate["delta_sample_std"] == pytest.approx(np.std([0.0125, 0.0125, 0.0637], ddof=1), rel=1e-12)
    assert (metrics["best"], metrics["complete"], metrics["rows"]) == (GATE, True, 18)
    assert metrics["degenerate"] == ["pre_bestF1", "rand_bestF1"]
    assert (metrics["missing"], metrics["duplicates"], metrics["unexpected"]) == ([], [], [])


def test_the_best_of_six_without_effect_looks_this_good_once_in_four(context: FakeContext) -> None:
    evidence = measured(check, context, rows=ROWS, **COLUMNS)
    best = evidence.metrics["best_of_k"]
    assert best["k"] == 6
    assert best["p"] == pytest.approx(0.259, abs=0.001)
    table = np.array(list(evidence.metrics["delta"].values()))
    spread = math.sqrt(table.var(axis=1, ddof=1).mean())
    assert best["pooled_std"] == pytest.approx(spread, rel=1e-12)
    alone = stats.norm.sf(table.mean(axis=1).max(), scale=spread / math.sqrt(3))
    assert best["p"] == pytest.approx(1 - (1 - alone) ** 6, rel=1e-10)
    drawn = np.random.default_rng(0).normal(0, spread, (200_000, 6, 3)).mean(axis=2).max(axis=1)
    assert best["expected"] == pytest.approx(drawn.mean(), rel=0.01)
    assert best["p"] == pytest.approx((drawn >= table.mean(axis=1).max()).mean(), abs=0.005)
    assert (
        "about once in 4 (p = 0.259; with the chance of the spread itself, p = 0.301)" in evidence.findings[0].message
    )
    assert "best of 6 configurations without any effect" in evidence.findings[0].message


def test_the_chance_of_the_spread_itself_is_counted(context: FakeContext) -> None:
    table = np.array(list(_metrics(context)["delta"].values()))
    found = best_of(table.tolist())
    assert found is not None
    freedom = 12
    scales = np.sqrt(stats.chi2.ppf((np.arange(20_000) + 0.5) / 20_000, freedom) / freedom)
    below = stats.norm.cdf(table.mean(axis=1).max() * scales * math.sqrt(3) / found.spread) ** 6
    assert found.studentised == pytest.approx(1 - below.mean(), abs=2e-6)
    assert round(found.studentised, 3) == 0.301


@pytest.mark.parametrize("count", [2, 3, 8, 300])
def test_with_one_configuration_it_is_the_t_test(count: int) -> None:
    values = list(np.random.default_rng(count).normal(0.3, 1, count))
    found = best_of([values])
    assert found is not None
    assert found.studentised == pytest.approx(stats.ttest_1samp(values, 0, alternative="greater").pvalue, rel=1e-6)


def test_without_an_effect_it_is_below_a_twentieth_once_in_twenty() -> None:
    drawn = np.random.default_rng(0).normal(0, 1, (400, 4, 3)).tolist()
    found = [best_of(table) for table in drawn]
    assert 0.03 < np.mean([each is not None and each.studentised <= 0.05 for each in found]) < 0.07
    assert np.mean([each is not None and each.p <= 0.05 for each in found]) > 0.07


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite_leaves_chance_unknown(context: FakeContext, wrong: float) -> None:
    rows = [{**row, "delta_mAP": wrong} if at == 3 else row for at, row in enumerate(ROWS)]
    metrics = _metrics(context, rows)
    assert metrics["best_of_k"] == {"k": 6}
    assert "best" not in metrics and "best_mean" not in metrics
    spoilt = metrics["configurations"]["mean_visible,sgd"]
    assert "sign_flip_p" not in spoilt
    assert metrics["configurations"][GATE]["sign_flip_p"] == 0.125
    assert math.isnan(metrics["difference_error"])


def test_a_difference_that_is_not_that_of_the_scores_is_measured(context: FakeContext) -> None:
    assert _metrics(context)["difference_error"] == pytest.approx(1e-4, abs=1e-9)
    rows = [{**row, "delta_mAP": 0.3} if at == 3 else row for at, row in enumerate(ROWS)]
    assert _metrics(context, rows)["difference_error"] == pytest.approx(0.3345)
    assert "difference_error" not in _metrics(context, difference=None)


@pytest.mark.parametrize("seed", [1.5, True, " 1\n", "one", math.inf, None])
def test_a_seed_is_a_whole_number(context: FakeContext, seed: Any) -> None:
    with pytest.raises(MeasurementError, match="not a whole number"):
        _metrics(context, [{**ROWS[0], "seed": seed}, *ROWS[1:]])


@pytest.mark.parametrize("seed", [1.0, "1"])
def test_a_seed_as_tables_write_it(context: FakeContext, seed: Any) -> None:
    assert _metrics(context, [{**ROWS[0], "seed": seed}, *ROWS[1:]])["complete"]


@pytest.mark.parametrize("score", [1e308, -1e101, 10**400])
def test_a_score_that_no_statistic_holds(context: FakeContext, score: Any) -> None:
    with pytest.raises(MeasurementError, match="beyond 1e"):
        _metrics(context, [{**ROWS[0], "pre_mAP": score}, *ROWS[1:]])


def test_commas_in_values_make_no_other_configuration(context: FakeContext) -> None:
    rows = [{"x": "a,b", "y": "c", "seed": 1, "treated": 1.0, "reference": 0.0}]
    with pytest.raises(MeasurementError, match="no result is on the grid"):
        measured(check, context, rows=rows, grid={"x": ("a",), "y": ("b,c",)}, seeds=(1,))
    with pytest.raises(MeasurementError, match="commas"):
        measured(check, context, rows=rows, grid={"x": ("a", "a,b"), "y": ("c", "b,c")}, seeds=(1,))


def test_sign_flips_agree_with_scipy(context: FakeContext) -> None:
    metrics = _metrics(context)
    for key, values in metrics["delta"].items():
        theirs = stats.permutation_test(
            (np.array(values),), np.mean, permutation_type="samples", alternative="greater", n_resamples=np.inf
        )
        assert metrics["configurations"][key]["sign_flip_p"] == pytest.approx(theirs.pvalue, abs=1e-12)


def test_joint_flips_are_those_counted_by_hand(context: FakeContext) -> None:
    metrics = _metrics(context)
    table = np.array(list(metrics["delta"].values()))
    best = [(table * np.array(signs)).mean(axis=1).max() for signs in itertools.product((1, -1), repeat=3)]
    assert metrics["best_of_k"]["flip_p"] == np.mean(np.array(best) >= table.mean(axis=1).max() - 1e-12) == 0.375
    assert metrics["best_of_k"]["flip_vectors"] == 8


def test_many_replicates_are_drawn_and_say_so() -> None:
    values = [list(np.random.default_rng(1).normal(0.5, 1, 25))]
    flips = sign_flips(values, seed=3)
    assert not flips.exact
    assert flips.p == pytest.approx(stats.ttest_1samp(values[0], 0, alternative="greater").pvalue, abs=0.02)
    assert sign_flips(values, seed=3) == flips


def test_no_spread_has_no_null_distribution(context: FakeContext) -> None:
    rows = [{**row, "delta_mAP": 0.02} for row in ROWS]
    metrics = _metrics(context, rows)
    assert "p" not in metrics["best_of_k"]
    assert best_of([[0.1], [0.2]]) is None
    assert "delta_mAP" in metrics["degenerate"]


def test_a_missing_a_repeated_and_a_strange_row_are_named(context: FakeContext) -> None:
    missing = _metrics(context, ROWS[:-1])
    assert missing["missing"] == ["mean_excluding_cls,sgd, seed 3"]
    assert not missing["complete"]
    assert "p" not in missing["best_of_k"]
    twice = _metrics(context, [*ROWS, ROWS[0]])
    assert twice["duplicates"] == ["mean_visible,adamw, seed 1"]
    strange = _metrics(context, [*ROWS, {**ROWS[0], "seed": 9}])
    assert strange["unexpected"] == ["mean_visible,adamw, seed 9"]
    assert (twice["complete"], strange["complete"]) == (False, False)


def test_two_configurations_that_are_one_are_named(context: FakeContext) -> None:
    copies = [
        {**row, "pooling": "mean_all"} if row["pooling"] == "mean_visible" else row
        for row in [
            *(r for r in ROWS if r["pooling"] != "mean_all"),
            *(r for r in ROWS if r["pooling"] == "mean_visible"),
        ]
    ]
    copies += [row for row in ROWS if row["pooling"] == "mean_visible"]
    copies = [row for at, row in enumerate(copies) if row not in copies[:at]]
    assert _metrics(context, copies)["identical_configurations"] == [
        "mean_visible,adamw = mean_all,adamw",
        "mean_visible,sgd = mean_all,sgd",
    ]


def test_running_gives_what_reading_does(context: FakeContext) -> None:
    def run(pooling: str, optimizer: str, seed: int) -> Any:
        return next(r for r in ROWS if (r["pooling"], r["optimizer"], r["seed"]) == (pooling, optimizer, seed))

    def filled(how: Any, seed: int) -> Any:
        return run(how.pooling, how.optimizer, seed)

    read = measured(check, context, rows=ROWS, **COLUMNS)
    assert changed(read, measured(check, context, run=run, **COLUMNS)) == set()
    bound = PartialCall(filled, (Placeholder("input"), Placeholder("seed")), {})
    assert changed(read, measured(check, context, run=bound, **COLUMNS)) == set()
    assert context.messages[0] == "mean_visible,adamw, seed 1: 1 of 18"


def test_differences_are_computed_where_the_table_has_none(context: FakeContext) -> None:
    assert _metrics(context, difference=None)["delta"][GATE] == pytest.approx([0.0125, 0.0124, 0.0637])


def test_trivial_baselines_are_paired_too(context: FakeContext) -> None:
    rows = [{**row, "prevalence": 0.576} for row in ROWS]
    metrics = _metrics(context, rows, trivial=("prevalence",))
    assert metrics["over_trivial"]["prevalence"][GATE] == pytest.approx([-0.0173, 0.0037, 0.0901])


def test_what_cannot_be_compared(context: FakeContext) -> None:
    for wrong in (
        {"rows": None},
        {"run": len},
        {"grid": {"pooling": ("a",)}},
        {"treated": "pooling"},
        {"seed": "epoch"},
    ):
        with pytest.raises(MeasurementError):
            measured(check, context, **{"rows": ROWS, **COLUMNS, **wrong})
    with pytest.raises(MeasurementError):
        _metrics(context, grid={**GRID, "optimizer": ()})


def test_delta_is_declared_as_replicates() -> None:
    assert METRICS["delta"].replicates


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""

    def run(pooling: str, seed: int) -> dict[str, float]:
        return {"treated": 0.5 + seed / 10 + len(pooling), "reference": 0.4 + seed / 20, "prevalence": 0.3}

    return {"grid": {"pooling": ["a", "bc"]}, "seeds": [1, 2, 3], "run": run, "trivial": ["prevalence"]}
