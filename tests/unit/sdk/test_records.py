from __future__ import annotations

import time
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pytest
import torch

from speccheck.sdk import MeasurementError
from speccheck.sdk.records import MISSING, as_records, canonical, field, listed, plain, sampled

RECORD = {"frames": [{"t": 1}, {"t": 2}], "a.b": 3, "x": SimpleNamespace(y=torch.tensor([4, 5])), 0: "zero"}


@pytest.mark.parametrize(
    ("path", "value"),
    [("frames.t", [1, 2]), ("frames.-1.t", 2), ("frames.0", {"t": 1}), ("0", "zero"), ("", RECORD), ("a.b", MISSING)],
)
def test_paths(path: str, value: object) -> None:
    assert field(RECORD, path) == value


def test_what_is_not_there_is_missing() -> None:
    for path in ("none", "frames.5", "frames.none", "frames.t.none", "x.z"):
        assert field(RECORD, path) is MISSING
    assert int(field(RECORD, "x.y.1")) == 5


class Point(NamedTuple):
    index: int  # type: ignore[assignment]  # a field, which the tuple's method of that name must not hide
    x: float


class Track(list[dict[str, int]]):
    colour = "red"


def test_a_method_of_lists_and_texts_is_no_field() -> None:
    record = {"frames": [{"index": 3, "count": 1}, {"index": 2, "count": 1}], "name": "clip"}
    assert field(record, "frames.index") == [3, 2]
    assert field(record, "frames.count") == [1, 1]
    assert field({"frames": [{"t": 1}]}, "frames.index") is MISSING
    assert field(record, "name.title") is MISSING
    assert field({"p": Point(4, 0.5)}, "p.index") == 4
    assert field({"t": Track([{"copy": 1}])}, "t.colour") == "red"
    assert field({"t": Track([{"copy": 1}])}, "t.copy") == [1]


def test_plain_values_and_lists() -> None:
    assert plain({"a": np.float64(1.5), "b": (1, None), "c": torch.tensor(2)}) == {"a": 1.5, "b": [1, None], "c": 2}
    assert listed(torch.tensor([1, 2])) == [1, 2]
    assert listed("ab") == ["ab"]
    assert listed(np.array(3)) == [3]


def test_samples_are_seeded_and_in_order() -> None:
    assert sampled(5, None, 0) == sampled(5, 9, 0) == [0, 1, 2, 3, 4]
    assert sampled(100, 5, 1) == sorted(sampled(100, 5, 1)) != sampled(100, 5, 2)


@pytest.mark.parametrize("value", ["text", {"a": 1}, 3, iter([])])
def test_what_is_no_list_of_records(value: object) -> None:
    with pytest.raises(MeasurementError, match="`rows`"):
        as_records(value, "rows")


NAN = float("nan")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ([1, 2], (1.0, 2.0)),
        ([1, 2], np.array([1.0, 2.0])),
        (torch.tensor(3), np.int16(3)),
        (NAN, -NAN),
        ([NAN, 1.0], [np.float64("nan"), 1]),
        (True, np.bool_(True)),
        (Path("a/b"), "a/b"),
        ({"a": 1, "b": [2]}, {"b": (2.0,), "a": 1.0}),
    ],
)
def test_the_same_value_has_one_key(one: object, other: object) -> None:
    assert canonical(one, "x") == canonical(other, "x")
    assert hash(canonical(one, "x")) == hash(canonical(other, "x"))


def test_other_values_have_other_keys() -> None:
    values = [
        None,
        True,
        1,
        2,
        "1",
        "True",
        b"1",
        [1],
        ["1"],
        [True],
        [None],
        [[1]],
        [],
        {},
        {"a": 1},
        {"a": True},
        NAN,
    ]
    assert len({canonical(value, "x") for value in values}) == len(values)


@pytest.mark.parametrize("value", [object(), [object()], {"a": SimpleNamespace()}, {1}, np.array([SimpleNamespace()])])
def test_what_may_compare_by_its_address_has_no_key(value: object) -> None:
    with pytest.raises(MeasurementError, match="x holds a"):
        canonical(value, "x")


def test_long_lists_of_floats_are_taken_whole() -> None:
    values = np.random.default_rng(0).normal(size=1_000_000).tolist()
    began = time.perf_counter()
    assert canonical(values, "x") == canonical(list(values), "x")
    assert time.perf_counter() - began < 5
