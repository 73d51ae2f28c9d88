from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from speccheck.checks.series.trend import check
from speccheck.model.verdict import State
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext
from unit.judge.judging import judged

FALLING = (np.exp(-np.arange(50) / 20) + 0.1).tolist()


def test_the_figures_are_those_of_numpy(context: FakeContext) -> None:
    metrics = measured(check, context, series={"a": FALLING, "b": FALLING[::-1]}, window=7).metrics
    values = np.array(FALLING)
    assert metrics["count"] == 2
    assert metrics["length"] == {"a": 50, "b": 50}
    assert metrics["head_mean"]["a"] == pytest.approx(values[:7].mean(), rel=1e-12)
    assert metrics["tail_mean"]["a"] == pytest.approx(values[-7:].mean(), rel=1e-12)
    assert metrics["ratio"]["a"] == pytest.approx(values[-7:].mean() / values[:7].mean(), rel=1e-12)
    assert metrics["ratio"]["b"] == pytest.approx(1 / metrics["ratio"]["a"], rel=1e-12)
    assert (metrics["first"]["a"], metrics["last"]["a"]) == (values[0], values[-1])
    assert (metrics["min"]["b"], metrics["max"]["b"]) == (values.min(), values.max())
    assert metrics["distinct"]["a"] == 50


@pytest.mark.parametrize("values", [torch.tensor([3.0, 2.0, 1.0]), np.array([3, 2, 1]), (3, 2, 1)])
def test_tensors_arrays_and_tuples(context: FakeContext, values: Any) -> None:
    metrics = measured(check, context, series={"a": values}, window=1).metrics
    assert (metrics["ratio"]["a"], metrics["finite"]["a"]) == (pytest.approx(1 / 3), True)


def test_a_nan_in_the_middle_is_found(context: FakeContext) -> None:
    before = measured(check, context, series={"a": FALLING})
    after = measured(check, context, series={"a": [*FALLING[:20], math.nan, *FALLING[21:]]})
    assert changed(before, after) == {"finite", "min", "max"}
    assert after.metrics["finite"] == {"a": False}
    assert math.isnan(after.metrics["min"]["a"])
    assert after.series["a"].y[20] is None


def test_infinities_of_both_signs_have_no_mean(context: FakeContext) -> None:
    metrics = measured(check, context, series={"a": [math.inf, -math.inf] * 2}).metrics
    assert math.isnan(metrics["head_mean"]["a"])
    assert metrics["max"]["a"] == math.inf


def test_a_series_that_stands_still(context: FakeContext) -> None:
    metrics = measured(check, context, series={"a": [2.0] * 30}).metrics
    assert (metrics["ratio"]["a"], metrics["distinct"]["a"]) == (1.0, 1)


def test_of_an_empty_series_nothing_but_its_length_is_known(context: FakeContext) -> None:
    evidence = measured(check, context, series={"a": []})
    assert evidence.metrics == {"count": 1, "length": {"a": 0}, "distinct": {"a": 0}}
    assert evidence.artifacts == {}


def test_from_zero_there_is_no_ratio(context: FakeContext) -> None:
    assert "ratio" not in measured(check, context, series={"a": [0.0, 1.0]}, window=1).metrics


def test_the_picture_shows_the_line(context: FakeContext) -> None:
    evidence = measured(check, context, series={"a": FALLING})
    with Image.open(context.artifacts / evidence.artifacts["series"].path) as image:
        colours = {colour for _, colour in image.convert("RGB").getcolors(1 << 20) or []}
    assert (31, 119, 180) in colours


@pytest.mark.parametrize("series", [{}, [1.0], {"a": ["x"]}, {"a": [True]}, {"a": "12"}])
def test_what_is_no_series(context: FakeContext, series: Any) -> None:
    with pytest.raises(MeasurementError, match="series"):
        measured(check, context, series=series)


@pytest.mark.parametrize(
    ("values", "change"), [([-1.0, 2.0], 3.0), ([1.0, -2.0], -3.0), ([-1.0, -2.0], -1.0), ([1.0, 0.0], -1.0)]
)
def test_an_end_below_zero_has_a_change_and_no_ratio(context: FakeContext, values: Any, change: float) -> None:
    metrics = measured(check, context, series={"a": values}, window=1).metrics
    assert "ratio" not in metrics
    assert metrics["change"] == {"a": change}


def test_a_nan_at_the_end_leaves_no_ratio_to_pass(context: FakeContext) -> None:
    metrics = measured(check, context, series={"a": [2.0, math.nan], "b": [2.0, 1.0]}, window=1).metrics
    assert math.isnan(metrics["ratio"]["a"])
    assert metrics["change"]["b"] == -1


@pytest.mark.parametrize(
    "values", [[torch.tensor(3.0, requires_grad=True), torch.tensor(1)], [np.float32(3), np.int64(1)], [np.array(3), 1]]
)
def test_scalars_of_tensors_and_numpy_are_numbers(context: FakeContext, values: Any) -> None:
    metrics = measured(check, context, series={"a": values}, window=1).metrics
    assert (metrics["first"]["a"], metrics["ratio"]["a"]) == (3.0, pytest.approx(1 / 3))


@pytest.mark.parametrize("item", [torch.tensor(True), np.bool_(True), np.str_("1"), torch.tensor([1.0])])
def test_scalars_that_are_no_numbers(context: FakeContext, item: Any) -> None:
    with pytest.raises(MeasurementError, match="not a number"):
        measured(check, context, series={"a": [1.0, item]})


@pytest.mark.parametrize("length", [2, 3, 10, 15, 19])
def test_the_ends_of_a_short_series_do_not_overlap(context: FakeContext, length: int) -> None:
    metrics = measured(check, context, series={"a": [float(at + 1) for at in range(length)]}).metrics
    assert metrics["change"]["a"] >= length / 2 - 0.5
    assert metrics["ratio"]["a"] > 1
    one = measured(check, context, series={"a": [3.0]}).metrics
    assert (one["head_mean"], one["tail_mean"]) == ({"a": 3.0}, {"a": 3.0})
    assert not {"change", "ratio"} & set(one)


@pytest.mark.parametrize(
    ("metric", "constraint", "series"),
    [
        ("finite.*", {"equals": True}, {"a": [2.0, 1.0], "b": []}),
        ("change.*", {"max": 0}, {"a": [2.0, 1.0], "b": [5.0]}),
        ("ratio.*", {"max": 0.8}, {"a": [2.0, 1.0], "b": [-1.0, 5.0]}),
    ],
)
def test_a_wildcard_does_not_pass_over_a_series(
    context: FakeContext, metric: str, constraint: Any, series: Any
) -> None:
    def state(of: Any) -> State:
        metrics = measured(check, context, series=of).metrics
        return judged({metric: constraint}, metrics, declared=check.metrics).verdicts[0].state

    assert state({"a": [2.0, 1.0]}) is State.HELD
    assert state(series) is State.UNKNOWN


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"series": {"loss": [2.0, 1.5, 1.0], "rate": [0.1, 0.2]}, "window": 2}
