from __future__ import annotations

import math
from collections import namedtuple
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.sdk import Audio, MeasurementError
from speccheck.sdk.comparison import (
    differences,
    distinct,
    elements,
    equal,
    items,
    leaves,
    max_abs_difference,
    where,
)

Pair = namedtuple("Pair", "ids rate")
NAN = math.nan


@dataclass
class Codes:
    ids: list[int]
    note: str


class Held:
    def __init__(self, value: Any) -> None:
        self.value = value


class Odd:
    def __eq__(self, other: object) -> bool:
        raise TypeError("no order here")

    __hash__ = None  # type: ignore[assignment]


@pytest.mark.parametrize(
    ("value", "paths"),
    [
        (3, ["value"]),
        (None, ["value"]),
        ([1, 2, 3], ["value"]),
        ([[1, 2], [3]], ["value"]),
        (([1, 2], [3, 4]), ["value[0]", "value[1]"]),
        (([1, 2], 24000), ["value[0]", "value[1]"]),
        ([1, "a"], ["value[0]", "value[1]"]),
        ({"a": 1, "b.c": {"d": "x"}}, ["value.a", "value['b.c'].d"]),
        (Pair([1], 2), ["value.ids", "value.rate"]),
        (Codes([1], "n"), ["value.ids", "value.note"]),
        (SimpleNamespace(a=[1.0]), ["value.a"]),
        (Held(Held(1)), ["value.value.value"]),
        ([], ["value"]),
        ({}, ["value"]),
        (torch.zeros(2, 2), ["value"]),
        (Audio(torch.zeros(1, 4), 8000), ["value.samples", "value.rate"]),
        (np.array([1, None], dtype=object), ["value[0]", "value[1]"]),
    ],
)
def test_leaves_are_named_by_their_path(value: Any, paths: list[str]) -> None:
    assert list(leaves(value)) == paths


def test_an_object_that_holds_itself_is_walked_once() -> None:
    loop = Held(None)
    loop.value = loop
    assert equal(loop, loop)


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        (torch.tensor([1.0, NAN]), torch.tensor([1.0, NAN]), True),
        (torch.tensor([1.0, NAN]), torch.tensor([NAN, 1.0]), False),
        (torch.tensor([0.0]), torch.tensor([-0.0]), False),
        (torch.zeros(2), torch.zeros(2, dtype=torch.float64), False),
        (torch.zeros(2, 3), torch.zeros(3, 2), False),
        (torch.zeros(2), np.zeros(2, dtype=np.float32), True),
        (torch.zeros(2), [0.0, 0.0], False),
        (torch.tensor([1.0], dtype=torch.bfloat16), torch.tensor([1.0], dtype=torch.bfloat16), True),
        (torch.tensor([1.0], dtype=torch.bfloat16), torch.tensor([1.0078125], dtype=torch.bfloat16), False),
        (torch.tensor([1 + 2j]), torch.tensor([1 + 2j]), True),
        (torch.tensor([1 + 2j]), torch.tensor([1 - 2j]), False),
        (torch.tensor([2**53]), torch.tensor([2**53 + 1]), False),
        (torch.eye(2).to_sparse(), torch.eye(2).to_sparse(), True),
        ([1, 2], (1, 2), True),
        ([1, True], [1, 1], False),
        (4, 4.0, True),
        (0.0, -0.0, False),
        (NAN, NAN, True),
        (True, 1, False),
        ("a", "a", True),
        ([], {}, False),
        (None, [], False),
        (1, {"value": 1}, False),
        ({"a": 1}, {"a": 1, "b": 2}, False),
        (np.float32(0.1), 0.1, False),
    ],
)
def test_equal_is_bit_exact(a: Any, b: Any, same: bool) -> None:
    assert equal(a, b) is same
    assert equal(b, a) is same


def test_differences_name_missing_and_changed_paths_in_order() -> None:
    a = {"x": 1, "y": torch.zeros(3), "z": "only"}
    b = {"x": 2, "y": torch.zeros(3), "w": 0}
    assert differences(a, b) == ["value.x", "value.z", "value.w"]


def test_leaves_are_copies() -> None:
    buffer = torch.zeros(3)
    before = leaves({"a": buffer})
    buffer.add_(1)
    assert differences(before, {"a": buffer}) == ["value.a"]


def test_an_equality_that_gives_no_answer_is_said() -> None:
    with pytest.raises(MeasurementError, match="Odd"):
        equal(Odd(), Odd())


@pytest.mark.parametrize(
    ("a", "b", "gap"),
    [
        ([1, 5], [1, 2], 3.0),
        (torch.tensor([1.0, NAN]), torch.tensor([1.5, NAN]), 0.5),
        (torch.tensor([math.inf]), torch.tensor([math.inf]), 0.0),
        (torch.tensor([math.inf]), torch.tensor([1.0]), math.inf),
        (torch.tensor([NAN]), torch.tensor([1.0]), NAN),
        (torch.zeros(2), torch.zeros(3), NAN),
        (torch.zeros(0), torch.zeros(0), NAN),
        ("a", "b", NAN),
        (("a", 1), ("b", 4), 3.0),
        ({"a": 1}, {"b": 1}, NAN),
        (torch.tensor([-(2**62)]), torch.tensor([2**62]), 2.0**63),
        (torch.tensor([3], dtype=torch.uint8), torch.tensor([5], dtype=torch.uint8), 2.0),
        (torch.tensor([True]), torch.tensor([False]), 1.0),
        (torch.tensor([3 + 4j]), torch.tensor([0j]), 5.0),
    ],
)
def test_max_abs_difference(a: Any, b: Any, gap: float) -> None:
    assert max_abs_difference(a, b) == pytest.approx(gap, nan_ok=True)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ([7, 7, 7], 1),
        (([7, 7, 8], 24000), 2),
        ([[1, 2], [2, 3]], 3),
        (torch.tensor([1.0, NAN, NAN]), 2),
        ({"text": "a long note", "ids": [5, 5]}, 1),
        ("aab", 2),
        (3, 1),
        (None, 0),
        ([], 0),
        ([True, 1], 2),
    ],
)
def test_distinct_counts_the_largest_leaf(value: Any, number: int) -> None:
    assert distinct(value) == number


def test_elements_counts_all_leaves() -> None:
    assert elements({"a": torch.zeros(2, 3), "b": [1, 2], "c": "xyz", "d": None}) == 11
    assert items(leaves(torch.tensor([[1, 2], [3, 4]]))["value"]) == [1, 2, 3, 4]


def test_where_says_how_and_where() -> None:
    a, b = torch.zeros(2, 3), torch.zeros(2, 3)
    b[1, 2] = 5
    assert "1 of 6 elements differ, first at [1, 2]: 0.0, 5.0" in where("value", a, b)
    assert "float32[2] against int64[2]" in where("value", torch.zeros(2), torch.zeros(2, dtype=torch.int64))
    assert where("value.a", {"a": 1}, {"b": 1}) == "value.a is only in one result"
    assert where("value", [1, 2], [1]) == "value: 2 elements against 1"
    assert where("value", 1, 2) == "value: 1 against 2"
    assert "first at [1]" in where("value", "abc", "axc")


def test_a_module_that_a_result_refers_to_is_compared_as_itself() -> None:
    assert leaves(Held(math)) == {"value.value": math}
    assert equal(Held([np, torch]), Held([np, torch]))
    assert differences(Held([np, torch]), Held([np, math])) == ["value.value[1]"]


def test_an_object_with_a_dtype_is_no_number() -> None:
    wanted = SimpleNamespace(dtype=torch.float32, size=3)
    assert equal([wanted], [SimpleNamespace(dtype=torch.float32, size=3)])
    assert differences([wanted], [SimpleNamespace(dtype=torch.float32, size=4)]) == ["value[0].size"]


@pytest.mark.filterwarnings("ignore:torch.quantize_per_tensor:UserWarning")
def test_quantized_tensors_are_compared_by_their_values() -> None:
    one, two = (torch.quantize_per_tensor(torch.tensor([value]), value / 10, 0, torch.quint8) for value in (1.0, 2.0))
    assert one.int_repr().tolist() == two.int_repr().tolist() == [10]
    assert equal(one, one)
    assert differences(one, two) == ["value"]
