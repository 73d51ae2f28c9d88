"""The spread of features, against numpy and against loops over pairs."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest
import torch

from speccheck.sdk import MeasurementError
from speccheck.sdk.features import SPREAD, spread

X = torch.randn(3, 7, 5, generator=torch.Generator().manual_seed(1)) + 0.5


def test_every_number_is_that_of_its_definition() -> None:
    rows = X.double().reshape(-1, 5).numpy()
    found = spread(X, "x")
    assert found["feature_std"] == pytest.approx(np.mean([np.std(row) for row in rows]), rel=1e-12)
    assert found["row_std"] == pytest.approx(np.sqrt(np.mean(np.var(rows, axis=0))), rel=1e-12)
    items = X.double().numpy().mean(axis=1)
    assert found["item_std"] == pytest.approx(np.sqrt(np.mean(np.var(items, axis=0))), rel=1e-12)
    cosines = [a @ b / np.linalg.norm(a) / np.linalg.norm(b) for a, b in combinations(rows, 2)]
    assert found["mean_cosine"] == pytest.approx(np.mean(cosines), rel=1e-10)
    eigenvalues = np.linalg.eigvalsh(np.cov(rows, rowvar=False))
    shares = np.sqrt(eigenvalues) / np.sqrt(eigenvalues).sum()
    assert found["effective_rank"] == pytest.approx(math.exp(-np.sum(shares * np.log(shares))), rel=1e-9)
    assert (found["rows"], found["features"]) == (21, 5)


def test_all_numbers_are_declared() -> None:
    assert set(spread(X, "x")) == set(SPREAD)


def test_rows_that_are_one_have_no_rank() -> None:
    found = spread(torch.ones(6, 4) / 3, "x")
    assert found["row_std"] == pytest.approx(0, abs=1e-8)
    assert found["effective_rank"] == 0
    assert found["mean_cosine"] == pytest.approx(1)


def test_rows_of_zeros_have_no_cosine() -> None:
    assert "mean_cosine" not in spread(torch.zeros(3, 2), "x")


def test_what_is_not_finite_gives_nan() -> None:
    features = X.clone()
    features[0, 0, 0] = math.inf
    found = spread(features, "x")
    assert math.isnan(found["effective_rank"])
    assert math.isnan(found["mean_cosine"])
    assert math.isnan(found["row_std"])


@pytest.mark.parametrize("features", [torch.zeros(1, 5), torch.zeros(5), torch.zeros(0, 5)])
def test_fewer_than_two_rows_are_not_measured(features: torch.Tensor) -> None:
    with pytest.raises(MeasurementError, match=r"latent has shape \["):
        spread(features, "latent")
