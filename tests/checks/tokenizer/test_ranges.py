from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.tokenizer.ranges import check
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext

RANGES = {"text": [0, 99], "image": (100, 163), "audio": torch.tensor([164, 227])}


def test_ranges_that_meet(context: FakeContext) -> None:
    metrics = measured(check, context, ranges=RANGES).metrics
    assert metrics == {
        "count": 3,
        "disjoint": True,
        "contiguous": True,
        "overlaps": 0,
        "overlapping": [],
        "gaps": 0,
        "first": 0,
        "last": 227,
        "covered": 228,
        "empty": [],
        "size": {"text": 100, "image": 64, "audio": 64},
    }


def test_one_shared_id_is_seen(context: FakeContext) -> None:
    evidence = measured(check, context, ranges={**RANGES, "image": [99, 163]})
    sound = measured(check, context, ranges=RANGES)
    assert changed(sound, evidence) == {"disjoint", "overlaps", "overlapping", "size"}
    assert evidence.metrics["overlaps"] == 1
    assert evidence.metrics["overlapping"] == ["text and image: 99"]
    assert "text and image: 99" in evidence.findings[0].message


def test_an_exclusive_end_taken_for_inclusive_leaves_a_gap(context: FakeContext) -> None:
    evidence = measured(check, context, ranges={**RANGES, "image": [100, 162]})
    assert (evidence.metrics["gaps"], evidence.metrics["contiguous"], evidence.metrics["disjoint"]) == (1, False, True)


@pytest.mark.parametrize(
    ("total", "gaps", "outside"), [(228, 0, 0), (230, 2, 0), (227, 0, 1), (torch.tensor(228), 0, 0), (0, 0, 228)]
)
def test_the_vocabulary_bounds_the_gaps(context: FakeContext, total: Any, gaps: int, outside: int) -> None:
    metrics = measured(check, context, ranges=RANGES, total=total).metrics
    assert (metrics["gaps"], metrics["outside_total"]) == (gaps, outside)


def test_specials_fill_gaps_and_collide(context: FakeContext) -> None:
    ranges = {"text": [4, 99], "image": [100, 163]}
    filled = measured(check, context, ranges=ranges, special={"pad": 0, "end": 0, "bos": 1, "x": 2, "y": 3}, total=164)
    assert (filled.metrics["gaps"], filled.metrics["overlaps"], filled.metrics["first"]) == (0, 0, 0)
    collide = measured(check, context, ranges=ranges, special=[0, 1, 2, 3, 150])
    assert collide.metrics["overlapping"] == ["image and special 150: 150"]


@pytest.mark.parametrize("extra", [{}, {"total": 10}, {"special": [1]}, {"sizes": {}}])
def test_no_range_is_no_vacuous_truth(context: FakeContext, extra: dict[str, Any]) -> None:
    metrics = measured(check, context, ranges={}, **extra).metrics
    assert metrics["count"] == 0
    assert not {"disjoint", "contiguous", "overlaps", "overlapping", "empty", "gaps"} & set(metrics)
    assert "size_differences" not in metrics


def test_an_empty_range_is_named(context: FakeContext) -> None:
    metrics = measured(check, context, ranges={"text": [0, 9], "audio": [10, 9]}).metrics
    assert (metrics["empty"], metrics["size"]["audio"], metrics["covered"]) == (["audio"], 0, 10)
    alone = measured(check, context, ranges={"audio": [10, 9]}).metrics
    assert not {"first", "last", "gaps", "contiguous"} & set(alone)


def test_runtime_sizes(context: FakeContext) -> None:
    right = measured(check, context, ranges=RANGES, sizes={"image": 64, "audio": np.int64(64)}).metrics
    assert right["size_differences"] == []
    assert right["runtime_size"] == {"image": 64, "audio": 64}
    wrong = measured(check, context, ranges=RANGES, sizes={"image": 65, "video": 8})
    assert wrong.metrics["size_differences"] == ["image", "video"]
    assert "range image holds 64 ids, its codebook 65" in wrong.findings[0].message


def test_counts_agree_with_sets(context: FakeContext) -> None:
    chosen = random.Random(5)
    for _ in range(50):
        spans = {f"r{i}": (start := chosen.randrange(40), start + chosen.randrange(-1, 12)) for i in range(4)}
        special = [chosen.randrange(50) for _ in range(3)]
        total = chosen.randrange(1, 60)
        held = [i for start, end in spans.values() for i in range(start, end + 1)] + sorted(set(special))
        metrics = measured(check, context, ranges=spans, special=special, total=total).metrics
        assert metrics["covered"] == len(set(held))
        assert metrics["overlaps"] == sum(held.count(i) > 1 for i in set(held))
        assert metrics["gaps"] == len(set(range(total)) - set(held))
        assert metrics["outside_total"] == len(set(held) - set(range(total)))


@pytest.mark.parametrize("bad", [[1], [1, 2, 3], "0-9", 5, [0.5, 2], [True, 2], {"start": 0}])
def test_what_is_no_range_is_named(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="image"):
        measured(check, context, ranges={"image": bad})


def test_mappings_with_start_and_end(context: FakeContext) -> None:
    assert measured(check, context, ranges={"t": {"start": 2, "end": 3}}).metrics["size"] == {"t": 2}
    with pytest.raises(MeasurementError, match="mapping"):
        measured(check, context, ranges=[[0, 1]])


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"ranges": {"text": (0, 9), "image": (10, 19)}, "total": 20}
