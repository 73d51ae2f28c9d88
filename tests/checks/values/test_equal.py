from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from speccheck.checks.values.equal import check
from support.checking import changed, measured
from support.context import FakeContext

CONFIG = {"image": {"size": 8192}, "audio": {"size": 1024, "books": 4}, "mode": "deterministic"}


def test_two_that_agree(context: FakeContext) -> None:
    other = {"mode": "deterministic", "audio": {"books": 4, "size": 1024.0}, "image": {"size": 8192}}
    metrics = measured(check, context, left=CONFIG, right=other).metrics
    assert metrics == {"equal": True, "differing": [], "count": 4, "distinct_values": 12 - 3}


def test_one_value_that_differs_is_named(context: FakeContext) -> None:
    other = {**CONFIG, "image": {"size": 8191}}
    evidence = measured(check, context, left=CONFIG, right=other)
    assert changed(measured(check, context, left=CONFIG, right=CONFIG), evidence) == {"equal", "differing"}
    assert evidence.metrics["differing"] == ["value.image.size"]
    assert evidence.findings[0].message == "value.image.size: 8192 against 8191"


def test_a_path_that_one_side_lacks_differs(context: FakeContext) -> None:
    less = {key: value for key, value in CONFIG.items() if key != "mode"}
    assert measured(check, context, left=CONFIG, right=less).metrics["differing"] == ["value.mode"]
    assert measured(check, context, left=less, right=CONFIG).metrics["differing"] == ["value.mode"]


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (4, 4, True),
        (0, False, False),
        ([1, 2], (1, 2), True),
        (torch.tensor([1, 2]), [1, 2], False),
        (torch.arange(5), torch.arange(5), True),
        (torch.arange(5), torch.arange(5).int(), False),
        ("a", "b", False),
        (None, 4, False),
        ([], [1], False),
    ],
)
def test_scalars_lists_and_tensors(context: FakeContext, left: Any, right: Any, same: bool) -> None:
    assert measured(check, context, left=left, right=right).metrics["equal"] is same


@pytest.mark.parametrize("nothing", [None, [], {}, "", torch.zeros(0)])
def test_two_nothings_are_unknown(context: FakeContext, nothing: Any) -> None:
    metrics = measured(check, context, left=nothing, right=nothing).metrics
    assert metrics == {"count": 0, "distinct_values": 0}


def test_two_different_nothings_do_not_agree(context: FakeContext) -> None:
    metrics = measured(check, context, left=None, right=[]).metrics
    assert metrics["differing"] == ["value"]
    assert "equal" not in metrics


@pytest.mark.parametrize(
    ("value", "count"),
    [
        ([1, 2, 3], 3),
        ([1, "b", 2.5], 3),
        (["a", "bc", "def"], 3),
        ([[1, 2], [3]], 3),
        ({"a": 1, "b": "text", "c": None}, 2),
        (torch.zeros(2, 3), 6),
        ([torch.zeros(2), "x"], 3),
        ("text", 1),
    ],
)
def test_elements_are_counted(context: FakeContext, value: Any, count: int) -> None:
    assert measured(check, context, left=value, right=value).metrics["count"] == count


def test_elements_that_one_side_has_count(context: FakeContext) -> None:
    assert measured(check, context, left=[1, 2, 3], right=[1, 2]).metrics["count"] == 3
    assert measured(check, context, left={"a": 1}, right={"b": [1, 2]}).metrics["count"] == 3


def test_distinct_values_are_those_of_the_largest_part(context: FakeContext) -> None:
    same = torch.zeros(100)
    assert measured(check, context, left=(same, 1), right=(same.clone(), 1)).metrics["distinct_values"] == 1


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"left": {"a": [1, 2]}, "right": {"a": [1, 3]}}
