from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from speccheck.checks.values.differ import check
from support.checking import changed, measured
from support.context import FakeContext


def _features() -> dict[str, torch.Tensor]:
    x = torch.randn(4, 6, 3, generator=torch.Generator().manual_seed(0))
    return {"mean_all": x.mean(1), "mean_visible": x[:, :3].mean(1), "max": x.amax(1)}


def test_three_that_differ(context: FakeContext) -> None:
    metrics = measured(check, context, values=_features()).metrics
    assert (metrics["differ"], metrics["identical"], metrics["distinct"], metrics["values"]) == (True, [], 3, 3)
    assert metrics["nearest"] > 0.01


def test_two_names_for_one_thing_are_named(context: FakeContext) -> None:
    features = _features()
    broken = measured(check, context, values={**features, "mean_visible": features["mean_all"].clone()})
    assert changed(measured(check, context, values=features), broken) == {"differ", "identical", "distinct", "nearest"}
    assert broken.metrics["identical"] == ["mean_all = mean_visible"]
    assert (broken.metrics["distinct"], broken.metrics["nearest"]) == (2, 0.0)


def test_rounding_apart_is_near(context: FakeContext) -> None:
    x = torch.ones(3, dtype=torch.float64)
    metrics = measured(check, context, values={"a": x, "b": x + 1e-15}).metrics
    assert metrics["differ"]
    assert metrics["nearest"] < 2e-15


def test_nothing_cannot_differ(context: FakeContext) -> None:
    assert "differ" not in measured(check, context, values={"a": [], "b": [1]}).metrics
    assert "nearest" not in measured(check, context, values={"a": "x", "b": [1]}).metrics


def test_three_that_are_one(context: FakeContext) -> None:
    metrics = measured(check, context, values={"a": 1, "b": 1, "c": 1}).metrics
    assert (metrics["distinct"], len(metrics["identical"])) == (1, 3)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"values": {"a": [1.0, 2.0], "b": [1.0, 3.0]}}
