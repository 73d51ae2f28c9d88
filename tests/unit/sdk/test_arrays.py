"""Tensors and arrays of any library as numpy arrays."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.sdk import MeasurementError, TensorDescription
from speccheck.sdk.arrays import (
    absolute_difference,
    description,
    distinct_count,
    is_array,
    is_tensor,
    magnitude,
    numbers,
    to_numpy,
)

NAN, INF = math.nan, math.inf


class Foreign:
    """An array of a library that is neither numpy nor torch."""

    dtype, shape = "float64", (2,)

    def __array__(self, *args: Any, **kwargs: Any) -> Any:
        return np.array([1.0, 2.0])


@pytest.mark.parametrize(
    ("value", "tensor", "array"),
    [
        (torch.zeros(2), True, True),
        (np.zeros(2), False, True),
        (Foreign(), False, True),
        (np.float64(1), False, False),
        ([1.0, 2.0], False, False),
        (1.0, False, False),
        ("text", False, False),
    ],
)
def test_what_counts_as_a_tensor_and_as_an_array(value: Any, tensor: bool, array: bool) -> None:
    assert (is_tensor(value), is_array(value)) == (tensor, array)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (torch.zeros(2, 3, dtype=torch.bfloat16), "bfloat16[2,3]"),
        (np.zeros((4,), np.int16), "int16[4]"),
        (torch.tensor(True), "bool[]"),
        (Foreign(), "float64[2]"),
    ],
)
def test_descriptions_have_the_bare_name_of_the_dtype(value: Any, text: str) -> None:
    assert str(description(value)) == text


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (torch.tensor([1.5, 2.0], requires_grad=True), np.array([1.5, 2.0], np.float32)),
        (torch.tensor([1.5, -0.25], dtype=torch.bfloat16), np.array([1.5, -0.25], np.float32)),
        (torch.eye(2).to_sparse(), np.eye(2, dtype=np.float32)),
        (torch.tensor([1 + 2j]).conj(), np.array([1 - 2j], np.complex64)),
        (torch.tensor([1 + 2j]).conj().imag, np.array([-2.0], np.float32)),
        ([1, 2], np.array([1, 2])),
    ],
)
def test_elements_come_over_exactly(value: Any, expected: Any) -> None:
    found = to_numpy(value)
    assert found.dtype == expected.dtype
    assert np.array_equal(found, expected)


@pytest.mark.filterwarnings("ignore:.*quantized tensor creation functions:UserWarning")
def test_a_quantized_tensor_gives_its_integers() -> None:
    quantized = torch.quantize_per_tensor(torch.tensor([0.5, 1.0]), 0.5, 0, torch.qint8)
    assert to_numpy(quantized).tolist() == [1, 2]


def test_a_numpy_array_is_handed_on_without_a_copy() -> None:
    array = np.zeros(3)
    assert to_numpy(array) is array


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        (torch.zeros(2, 3), (2, 3)),
        ([[1, 2], [3, 4]], (2, 2)),
        ([torch.zeros(3), torch.ones(3)], (2, 3)),
        ((1.0, 2.0), (2,)),
        (2.5, ()),
        (np.float32(2.5), ()),
        (True, ()),
    ],
)
def test_numbers_and_even_lists_are_arrays(value: Any, shape: tuple[int, ...]) -> None:
    array, described = numbers(value, "x")
    assert array.shape == shape
    assert described.shape == shape


def test_the_description_is_that_of_the_value_and_not_of_its_copy() -> None:
    array, described = numbers(torch.zeros(2, dtype=torch.bfloat16), "x")
    assert described == TensorDescription("bfloat16", (2,))
    assert array.dtype == np.float32


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("text", "x is a str, not a tensor"),
        ({"a": 1}, "x is a dict"),
        (["a", "b"], "x holds"),
        ([[1, 2], [3]], "rows differ in length"),
        (np.array([object()]), "x holds object, not numbers"),
    ],
)
def test_anything_else_is_not_measured(value: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        numbers(value, "x")


@pytest.mark.parametrize(
    ("values", "count"),
    [([1, 1, 2], 2), ([NAN, NAN, 1.0], 2), ([0.0, -0.0], 1), ([], 0), ([[True, False], [True, True]], 2)],
)
def test_distinct_values(values: Any, count: int) -> None:
    assert distinct_count(np.array(values)) == count


def test_magnitudes_are_absolute_values_in_float64() -> None:
    assert magnitude(np.array([3 + 4j, 0])).tolist() == [5.0, 0.0]
    assert magnitude(np.array([-128], np.int8)).tolist() == [128.0]
    assert magnitude(np.array([-INF, NAN])).tolist()[0] == INF


def test_differences_of_integers_are_those_of_exact_arithmetic() -> None:
    rng = np.random.default_rng(0)
    edges = [-(2**63), -(2**63) + 1, -1, 0, 1, 2**62 + 1, 2**63 - 1]
    a = np.array([*edges, *rng.integers(-(2**63), 2**63 - 1, 200)], np.int64)
    b = np.array([*edges[::-1], *rng.integers(-(2**63), 2**63 - 1, 200)], np.int64)
    exact = [float(Fraction(abs(int(x) - int(y)))) for x, y in zip(a, b, strict=True)]
    assert absolute_difference(a, b).tolist() == exact
    assert absolute_difference(np.array([3], np.uint8), np.array([5], np.uint8)).tolist() == [2.0]


def test_differences_where_one_is_not_finite() -> None:
    found = absolute_difference(np.array([INF, INF, NAN, 1.0]), np.array([INF, -INF, 1.0, 3.5]))
    assert found.tolist()[1::2] == [INF, 2.5]
    assert np.isnan(found[[0, 2]]).all()


def test_differences_of_mixed_kinds() -> None:
    assert absolute_difference(np.array([True, False]), np.array([1.0, 1.0])).tolist() == [0.0, 1.0]
    assert absolute_difference(np.array([3j]), np.array([4.0])).tolist() == [5.0]


@pytest.mark.parametrize(
    ("a", "b", "difference"),
    [
        (np.array([2**53 + 1]), np.array([2.0**53]), 1.0),  # as floats they are one
        (np.array([2**63], np.uint64), np.array([2**63 - 1], np.int64), 1.0),
        (np.array([[-(2**60) - 1]]), np.array([[-(2.0**60)]]), 1.0),
        (np.array([2**60]), np.array([True]), 2.0**60 - 1),
        (np.array([2**60]), np.array([math.inf]), math.inf),
    ],
)
def test_integers_that_floats_do_not_tell_apart_differ(a: Any, b: Any, difference: float) -> None:
    assert absolute_difference(a, b).tolist() == np.full(a.shape, difference).tolist()
    assert absolute_difference(b, a).tolist() == np.full(a.shape, difference).tolist()
    assert math.isnan(absolute_difference(np.array([2**60]), np.array([math.nan])).item())


def test_masked_elements_are_not_taken_for_their_values() -> None:
    assert to_numpy(np.ma.array([1, 2], mask=[False, False])).tolist() == [1, 2]
    hidden = np.ma.array([1, 2], mask=[False, True])
    for value in (hidden, [hidden, hidden]):
        with pytest.raises(MeasurementError, match=r"masked elements: give its `filled\(\.\.\.\)` or"):
            numbers(value, "x")
