from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.tensor.contract import check
from speccheck.sdk import MeasurementError, TensorDescription
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

STATISTICS = {"finite", "min", "max", "mean", "std", "absmax", "nan_count", "inf_count"}


@pytest.mark.parametrize(
    "dtype",
    [torch.float32, torch.float16, torch.bfloat16, torch.float64, torch.int64, torch.uint8, torch.bool],
)
def test_statistics_agree_with_numpy(context: FakeContext, dtype: torch.dtype) -> None:
    x = (torch.arange(24).reshape(2, 3, 4) % 7).to(dtype)
    metrics = measured(check, context, tensors={"x": x}).metrics
    known = x.double().numpy()
    assert metrics["tensors"]["x"] == TensorDescription(str(dtype).removeprefix("torch."), (2, 3, 4))
    assert metrics["min"]["x"] == known.min()
    assert metrics["max"]["x"] == known.max()
    assert metrics["mean"]["x"] == pytest.approx(known.mean(), rel=1e-12)
    assert metrics["std"]["x"] == pytest.approx(math.sqrt(np.mean((known - known.mean()) ** 2)), rel=1e-12)
    assert metrics["distinct"]["x"] == len(set(known.reshape(-1).tolist()))
    assert (metrics["count"]["x"], metrics["finite"]["x"]) == (24, True)


@pytest.mark.parametrize(
    ("value", "described"),
    [
        (np.zeros((2, 3), dtype=np.uint8), "uint8[2,3]"),
        ([[1.0, 2.0], [3.0, 4.0]], "float64[2,2]"),
        ([1, 2, 3], "int64[3]"),
        (2.5, "float64[]"),
        (torch.tensor(3), "int64[]"),
        ([torch.zeros(2), torch.ones(2)], "float32[2,2]"),
        (torch.zeros(1, requires_grad=True), "float32[1]"),
        (torch.eye(3).to_sparse(), "float32[3,3]"),
    ],
)
def test_what_counts_as_a_tensor(context: FakeContext, value: Any, described: str) -> None:
    assert str(measured(check, context, tensors={"x": value}).metrics["tensors"]["x"]) == described


def test_one_nan_changes_what_it_should(context: FakeContext) -> None:
    x = torch.linspace(0, 1, 10)
    broken = x.clone()
    broken[3] = math.nan
    evidence = measured(check, context, tensors={"x": broken})
    sound = measured(check, context, tensors={"x": x})
    assert changed(sound, evidence) == {"finite", "min", "max", "mean", "std", "absmax", "nan_count", "sha256"}
    assert math.isnan(evidence.metrics["min"]["x"])
    assert math.isnan(evidence.metrics["mean"]["x"])
    assert (evidence.metrics["nan_count"]["x"], evidence.metrics["finite"]["x"]) == (1, False)
    assert "1 NaN and 0 infinite of 10" in evidence.findings[0].message


def test_infinities_are_counted(context: FakeContext) -> None:
    metrics = measured(check, context, tensors={"x": [1.0, math.inf, -math.inf]}).metrics
    assert (metrics["min"]["x"], metrics["max"]["x"], metrics["inf_count"]["x"]) == (-math.inf, math.inf, 2)


def test_an_empty_tensor_has_no_statistics(context: FakeContext) -> None:
    evidence = measured(check, context, tensors={"x": torch.zeros(0, 4), "y": torch.ones(2)})
    assert str(evidence.metrics["tensors"]["x"]) == "float32[0,4]"
    assert (evidence.metrics["count"]["x"], evidence.metrics["distinct"]["x"]) == (0, 0)
    assert all("x" not in evidence.metrics[name] for name in STATISTICS)
    assert evidence.findings[0].symbol == "x"
    alone = measured(check, context, tensors={"x": []})
    assert not STATISTICS & set(alone.metrics)


def test_complex_numbers_have_the_statistics_of_their_absolute_value(context: FakeContext) -> None:
    metrics = measured(check, context, tensors={"x": torch.tensor([3 + 4j, 0j])}).metrics
    assert str(metrics["tensors"]["x"]) == "complex64[2]"
    assert (metrics["min"]["x"], metrics["max"]["x"], metrics["mean"]["x"], metrics["std"]["x"]) == (0.0, 5.0, 2.5, 2.5)


def test_large_integers_keep_their_extremes(context: FakeContext) -> None:
    metrics = measured(check, context, tensors={"x": torch.tensor([2**53 + 1, 0])}).metrics
    assert metrics["max"]["x"] == 2**53 + 1


def test_the_mean_of_half_precision_does_not_overflow(context: FakeContext) -> None:
    x = torch.full((4096,), 60000.0, dtype=torch.float16)
    metrics = measured(check, context, tensors={"x": x}).metrics
    assert metrics["mean"]["x"] == float(x[0])
    assert metrics["std"]["x"] == 0.0


@pytest.mark.parametrize("bad", ["text", {"a": 1}, [[1], [2, 3]], ["a"], None, np.array(["a"]), object()])
def test_what_is_no_tensor_is_named(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="image"):
        measured(check, context, tensors={"image": bad})


def test_distinct_elements_are_counted_unless_told_not_to(context: FakeContext) -> None:
    metrics = measured(check, context, tensors={"x": torch.tensor([-3.0, 1.0, 1.0])}, distinct=False).metrics
    assert "distinct" not in metrics
    assert metrics["absmax"]["x"] == 3.0


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"tensors": {"batch": tiny.batch(), "layer.0 weight": [[1.0, 2.0]]}}


def test_a_digest_tells_values_dtypes_and_shapes_apart_and_not_strides(context: FakeContext) -> None:
    ids = torch.arange(6)
    across = ids.reshape(3, 2).T
    tensors = {"ids": ids, "same": ids.clone(), "across": across, "in_order": across.contiguous()}
    others = {"shape": ids.reshape(2, 3), "dtype": ids.to(torch.int32), "value": ids + 1}
    found = measured(check, context, tensors=tensors | others).metrics["sha256"]
    assert found["ids"] == found["same"]
    assert found["across"] == found["in_order"]
    assert len(set(found.values())) == 5
