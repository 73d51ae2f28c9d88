from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.tensor.compare import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

X = torch.linspace(-3, 3, 24).reshape(2, 3, 4)
ERRORS = {"max_abs_error", "mean_abs_error", "max_relative_error"}


def test_an_exact_copy(context: FakeContext) -> None:
    metrics = measured(check, context, reference=X, estimate=X.clone()).metrics
    assert metrics == {
        "equal": True,
        "same_shape": True,
        "same_dtype": True,
        "max_abs_error": 0.0,
        "mean_abs_error": 0.0,
        "max_relative_error": 0.0,
        "nan_count": 0,
        "distinct_values": 24,
        "count": 24,
    }


def test_errors_agree_with_numpy(context: FakeContext) -> None:
    noise = torch.randn(2, 3, 4, generator=torch.Generator().manual_seed(0)) * 0.01
    evidence = measured(check, context, reference=X, estimate=X + noise)
    a, b = X.double().numpy(), (X + noise).double().numpy()
    assert evidence.metrics["max_abs_error"] == np.abs(a - b).max()
    assert evidence.metrics["mean_abs_error"] == pytest.approx(np.abs(a - b).mean(), rel=1e-12)
    assert evidence.metrics["max_relative_error"] == pytest.approx((np.abs(a - b) / np.abs(a)).max(), rel=1e-12)
    place = ", ".join(str(i) for i in np.unravel_index(np.abs(a - b).argmax(), a.shape))
    assert f"at [{place}]" in evidence.findings[0].message
    sound = measured(check, context, reference=X, estimate=X.clone())
    assert changed(sound, evidence) == {"equal", *ERRORS}


def test_one_last_bit_is_an_error(context: FakeContext) -> None:
    estimate = X.clone()
    estimate[0, 0, 0] = torch.nextafter(estimate[0, 0, 0], torch.tensor(0.0))
    metrics = measured(check, context, reference=X, estimate=estimate).metrics
    assert metrics["equal"] is False
    assert metrics["max_abs_error"] == pytest.approx(2**-22, rel=1e-9)


@pytest.mark.parametrize("estimate", [X[0], X.reshape(4, 3, 2), X[:, :, :1]])
def test_shapes_are_never_broadcast(context: FakeContext, estimate: torch.Tensor) -> None:
    evidence = measured(check, context, reference=X, estimate=estimate)
    assert (evidence.metrics["same_shape"], evidence.metrics["equal"]) == (False, False)
    assert not ERRORS & set(evidence.metrics)
    assert "float32[2,3,4]" in evidence.findings[0].message


def test_another_dtype_is_not_equal(context: FakeContext) -> None:
    metrics = measured(check, context, reference=X, estimate=X.double()).metrics
    assert (metrics["same_dtype"], metrics["equal"], metrics["max_abs_error"]) == (False, False, 0.0)


@pytest.mark.parametrize(("a", "b"), [([math.nan], [math.nan]), ([1.0], [math.nan]), ([math.inf], [math.inf])])
def test_nan_makes_the_errors_unknown(context: FakeContext, a: list[float], b: list[float]) -> None:
    metrics = measured(check, context, reference=a, estimate=b).metrics
    assert all(math.isnan(metrics[name]) for name in ERRORS)
    assert metrics["nan_count"] == sum(map(math.isnan, a + b))
    assert metrics["equal"] is (a != [1.0])


def test_infinite_errors_and_zero_references(context: FakeContext) -> None:
    metrics = measured(check, context, reference=[1.0, 2.0], estimate=[1.0, math.inf]).metrics
    assert metrics["max_abs_error"] == math.inf
    zero = measured(check, context, reference=[0.0, 0.0], estimate=[0.0, 1e-9]).metrics
    assert (zero["max_abs_error"], zero["max_relative_error"]) == (1e-9, math.inf)
    assert measured(check, context, reference=[0.0], estimate=[0.0]).metrics["max_relative_error"] == 0.0


def test_nothing_to_compare_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, reference=torch.zeros(0), estimate=torch.zeros(0)).metrics
    assert metrics["count"] == 0
    assert not {"equal", *ERRORS} & set(metrics)


def test_unsigned_bools_and_complex(context: FakeContext) -> None:
    small = torch.tensor([3, 250], dtype=torch.uint8)
    assert measured(check, context, reference=small, estimate=small.flip(0)).metrics["max_abs_error"] == 247.0
    assert measured(check, context, reference=[True, False], estimate=[True, True]).metrics["mean_abs_error"] == 0.5
    metrics = measured(check, context, reference=torch.tensor([0j]), estimate=torch.tensor([3 + 4j])).metrics
    assert metrics["max_abs_error"] == 5.0


@pytest.mark.parametrize("bad", ["a", None, {"x": 1}])
def test_what_is_no_tensor_is_named(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="estimate"):
        measured(check, context, reference=X, estimate=bad)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"reference": tiny.batch(), "estimate": tiny.batch() * 1.5}
