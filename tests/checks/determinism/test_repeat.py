from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch

from speccheck.checks.determinism.repeat import check
from speccheck.sdk import MeasurementError, PartialCall
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext


def encode(x: torch.Tensor) -> dict[str, Any]:
    return {"ids": (x * 10).long(), "rate": 24000}


X = torch.arange(12.0).reshape(3, 4)


def test_a_pure_function_repeats(context: FakeContext) -> None:
    metrics = measured(check, context, call=encode, args=(X,)).metrics
    assert metrics == {
        "identical": True,
        "differing": [],
        "distinct_values": 12,
        "elements": 13,
        "max_abs_difference": 0.0,
        "calls": 2,
    }


def test_hidden_randomness_shows_and_is_named(context: FakeContext) -> None:
    def noisy(x: torch.Tensor) -> dict[str, Any]:
        return {**encode(x), "rate": 24000 + random.random()}

    evidence = measured(check, context, call=noisy, args=(X,), times=4)
    assert evidence.metrics["identical"] is False
    assert evidence.metrics["differing"] == ["value.rate"]
    assert 0 < evidence.metrics["max_abs_difference"] < 1
    assert "value.rate" in evidence.findings[0].message
    sound = measured(check, context, call=encode, args=(X,), times=4)
    assert changed(sound, evidence) == {"identical", "differing", "max_abs_difference"}


def test_only_the_last_of_several_calls_differs(context: FakeContext) -> None:
    calls = iter([1, 1, 9])
    metrics = measured(check, context, call=lambda: next(calls), times=3).metrics
    assert (metrics["identical"], metrics["max_abs_difference"], metrics["calls"]) == (False, 8.0, 3)


def test_a_buffer_returned_again_does_not_pass(context: FakeContext) -> None:
    buffer = torch.zeros(3)
    metrics = measured(check, context, call=lambda: buffer.add_(1)).metrics
    assert metrics["identical"] is False
    assert metrics["max_abs_difference"] == 1.0


def test_metadata_alone_counts(context: FakeContext) -> None:
    kinds = iter([torch.float32, torch.float64])
    metrics = measured(check, context, call=lambda: torch.zeros(3, dtype=next(kinds))).metrics
    assert metrics["identical"] is False


def test_a_constant_code_is_seen_by_its_distinct_values(context: FakeContext) -> None:
    metrics = measured(check, context, call=lambda: torch.full((100,), 7)).metrics
    assert (metrics["identical"], metrics["distinct_values"]) == (True, 1)


@pytest.mark.parametrize("nothing", [None, [], "", torch.zeros(0)])
def test_nothing_returned_is_not_identical_but_unknown(context: FakeContext, nothing: Any) -> None:
    metrics = measured(check, context, call=lambda: nothing).metrics
    assert not {"identical", "differing"} & set(metrics)
    assert metrics["elements"] == 0
    assert math.isnan(metrics["max_abs_difference"])


def test_different_nothings_differ(context: FakeContext) -> None:
    results: Any = iter([[], {}])
    metrics = measured(check, context, call=lambda: next(results)).metrics
    assert metrics["differing"] == ["value"]
    assert "identical" not in metrics


def test_nan_at_the_same_place_is_identical(context: FakeContext) -> None:
    metrics = measured(check, context, call=lambda: [math.nan, 1.0]).metrics
    assert (metrics["identical"], metrics["max_abs_difference"], metrics["distinct_values"]) == (True, 0.0, 2)


def test_shapes_that_differ_have_no_number(context: FakeContext) -> None:
    sizes = iter([3, 3, 4])
    metrics = measured(check, context, call=lambda: torch.zeros(next(sizes)), times=3).metrics
    assert metrics["identical"] is False
    assert math.isnan(metrics["max_abs_difference"])


def test_changed_arguments_are_a_finding(context: FakeContext) -> None:
    x = torch.zeros(2)
    evidence = measured(check, context, call=lambda t: t.add_(1), args=(x,))
    assert evidence.metrics["identical"] is False
    assert "in place" in evidence.findings[-1].message


@pytest.mark.parametrize("mode", [None, "train", "eval"])
def test_dropout_repeats_in_eval_alone_and_flags_come_back(context: FakeContext, mode: Any) -> None:
    net = torch.nn.Sequential(torch.nn.Dropout(0.5))
    metrics = measured(check, context, call=PartialCall(net, (torch.ones(64),), {}), mode=mode).metrics
    assert metrics["identical"] is (mode == "eval")
    assert net.training
    assert net[0].training


def test_a_mode_reaches_a_module_in_a_closure(context: FakeContext) -> None:
    net = torch.nn.Dropout(0.5)
    assert measured(check, context, call=lambda: net(torch.ones(64)), mode="eval").metrics["identical"]


def test_a_mode_without_a_module_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="no torch module"):
        measured(check, context, call=lambda: 1, mode="eval")


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"call": tiny.ids, "args": ("abc",)}
