"""Token ids and inclusive ranges of ids, in the forms that audited code uses."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.sdk import MeasurementError
from speccheck.sdk.tokens import flat_ids, id_range, integer


@pytest.mark.parametrize(
    "value",
    [
        (3, 9),
        [3, 9.0],
        {"start": 3, "end": 9},
        SimpleNamespace(start=np.int64(3), end=torch.tensor(9)),
        torch.tensor([3, 9]),
        np.array([[3, 9]]),
    ],
)
def test_the_forms_of_a_range(value: Any) -> None:
    assert id_range(value, "text") == (3, 9)


def test_an_empty_range_is_a_range() -> None:
    assert id_range((5, 4), "text") == (5, 4)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (5, "text is 5, not an inclusive range"),
        ((1, 2, 3), "not an inclusive range"),
        ({"start": 1}, "the end of text is None"),
        ((0, 1.5), "the end of text is 1.5, not an integer"),
        ((False, 1), "the start of text is False"),
    ],
)
def test_what_is_no_range(value: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        id_range(value, "text")


@pytest.mark.parametrize("value", [7, 7.0, np.uint8(7), np.float64(7), torch.tensor(7), torch.tensor([[7]])])
def test_integers(value: Any) -> None:
    found = integer(value, "x")
    assert (found, type(found)) == (7, int)


@pytest.mark.parametrize("value", [True, 7.5, "7", None, torch.tensor([7, 8]), np.bool_(True), float("nan")])
def test_what_is_no_integer(value: Any) -> None:
    with pytest.raises(MeasurementError, match=r"x is .*, not an integer"):
        integer(value, "x")


@pytest.mark.parametrize(
    ("value", "ids"),
    [
        ([1, 2, 3], [1, 2, 3]),
        ([[1, 2], [3]], [1, 2, 3]),
        ([torch.tensor([1, 2]), np.array([[3], [4]])], [1, 2, 3, 4]),
        (torch.tensor([[1, 2], [3, 4]]), [1, 2, 3, 4]),
        (5, [5]),
        ([], []),
        ([[], [1]], [1]),
        (torch.zeros(0), []),
    ],
)
def test_ids_in_one_row(value: Any, ids: list[int]) -> None:
    found = flat_ids(value, "ids")
    assert found.ndim == 1
    assert found.dtype.kind in "iu"
    assert found.tolist() == ids


@pytest.mark.parametrize("value", [[1.0, 2.0], torch.zeros(2), "ab", [True], [[1, 2], 3]])
def test_what_is_no_row_of_ids(value: Any) -> None:
    with pytest.raises(MeasurementError, match="ids"):
        flat_ids(value, "ids")
