from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.tensor.spread import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import measured
from support.context import FakeContext

X = torch.randn(4, 30, 16, generator=torch.Generator().manual_seed(0))


def _spread(context: FakeContext, x: Any) -> dict[str, float]:
    found: dict[str, float] = measured(check, context, features={"x": x}).metrics["spread"]["x"]
    return found


def test_the_imaginary_part_is_not_dropped(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match=r"x is complex64.*: give its real and imaginary parts"):
        _spread(context, torch.complex(X, X))


def test_features_that_spread(context: FakeContext) -> None:
    found, rows = _spread(context, X), X.double().reshape(-1, 16).numpy()
    assert found["row_std"] == pytest.approx(math.sqrt(rows.var(axis=0).mean()), rel=1e-12)
    assert found["feature_std"] == pytest.approx(rows.std(axis=1).mean(), rel=1e-12)
    assert found["item_std"] == pytest.approx(math.sqrt(X.double().mean(1).numpy().var(axis=0).mean()), rel=1e-12)
    units = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    cosines = (units @ units.T)[~np.eye(len(rows), dtype=bool)]
    assert found["mean_cosine"] == pytest.approx(cosines.mean(), abs=1e-12)
    assert 14 < found["effective_rank"] <= 16
    assert (found["rows"], found["features"]) == (120, 16)


def test_a_point_behind_a_layer_norm(context: FakeContext) -> None:
    point = torch.nn.functional.layer_norm(X[0, 0], (16,)).expand(4, 30, 16)
    found = _spread(context, point)
    assert found["feature_std"] == pytest.approx(1, abs=1e-3)
    assert found["row_std"] == pytest.approx(0, abs=1e-7)
    assert found["effective_rank"] == 0
    assert found["mean_cosine"] == pytest.approx(1)


def test_a_line_has_rank_one(context: FakeContext) -> None:
    found = _spread(context, torch.randn(50, 1) * X[0, 0])
    assert found["effective_rank"] == pytest.approx(1, abs=1e-3)
    assert found["row_std"] > 0.1
    assert "item_std" not in found


def test_items_that_look_alike(context: FakeContext) -> None:
    found = _spread(context, X[:1].expand(4, 30, 16))
    assert found["item_std"] == pytest.approx(0, abs=1e-12)
    assert found["row_std"] > 0.9


def test_nan_stays_nan_and_zero_rows_point_nowhere(context: FakeContext) -> None:
    broken = X.clone()
    broken[0, 0, 0] = math.nan
    assert math.isnan(_spread(context, broken)["effective_rank"])
    assert "mean_cosine" not in _spread(context, torch.zeros(3, 4))


def test_what_has_no_rows(context: FakeContext) -> None:
    for wrong in (torch.zeros(4), torch.zeros(1, 4), torch.zeros(3, 0), "text"):
        with pytest.raises(MeasurementError):
            _spread(context, wrong)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"features": {"latent": tiny.pairs()}}
