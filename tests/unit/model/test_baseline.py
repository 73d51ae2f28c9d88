"""The file of a baseline."""

from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.baseline import AcceptedEntry, Baseline, accepted_metrics
from speccheck.model.values import TensorDescription

METRICS: dict[str, Any] = {
    "snr_db": math.inf,
    "losses": [0.5, math.nan],
    "output": TensorDescription("float32", (8, 3)),
    "by_key": {"$tied": 1, "a.b": True},
}


def entry(metrics: dict[str, Any]) -> AcceptedEntry:
    return AcceptedEntry("ab" * 32, accepted_metrics(metrics), "run-1", "ana", "first", "2027-01-01")


def test_a_baseline_comes_back_from_its_file() -> None:
    made = Baseline(1, {"a": entry(METRICS)})
    read = Baseline.from_bytes(made.to_bytes())
    assert read == made
    assert repr(read.entries["a"].values()) == repr({name: METRICS[name] for name in sorted(METRICS)})


@given(st.permutations(sorted(METRICS)), st.permutations(["a", "b", "c"]))
def test_the_same_baseline_gives_the_same_bytes(names: list[str], ids: list[str]) -> None:
    made = Baseline(1, {one: entry({name: METRICS[name] for name in names}) for one in ids})
    assert made.to_bytes() == Baseline(1, {one: entry(METRICS) for one in "abc"}).to_bytes()


def test_the_file_is_plain_json_for_people() -> None:
    data = Baseline(1, {"a": entry({"snr_db": 24.3})}).to_bytes()
    assert json.loads(data)["entries"]["a"]["metrics"] == {"snr_db": 24.3}
    assert data.endswith(b"}\n")
    assert b'\n  "entries"' in data


@pytest.mark.parametrize(
    "data",
    [b"", b"[]", b'{"entries": {}}', b'{"speccheck_baseline": 2}', b'{"speccheck_baseline": 1, "entries": {"a": {}}}'],
)
def test_what_is_no_baseline_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Baseline.from_bytes(data)


def test_metrics_that_are_no_plain_data_are_not_accepted() -> None:
    with pytest.raises(TypeError):
        accepted_metrics({"a": object()})
