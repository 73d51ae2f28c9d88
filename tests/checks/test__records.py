from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch

from speccheck.checks._records import MISSING, as_records, field, listed, plain, sampled
from speccheck.sdk import MeasurementError

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
