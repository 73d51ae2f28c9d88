from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.tokenizer.ids import check
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext

BOOKS = [[100, 109], [110, 119], [120, 129]]
FRAMES = [[100, 110, 120], [109, 119, 129], [105, 115, 125]]


@pytest.mark.parametrize("ids", [FRAMES, torch.tensor(FRAMES), np.array(FRAMES), [i for f in FRAMES for i in f]])
def test_ids_in_range(context: FakeContext, ids: Any) -> None:
    metrics = measured(check, context, ids=ids, range=[100, 129], codebooks=BOOKS).metrics
    assert metrics == {
        "count": 9,
        "min": 100,
        "max": 129,
        "start": 100,
        "end": 129,
        "outside": 0,
        "outside_fraction": 0.0,
        "distinct": 9,
        "out_of_codebook": 0,
        "codebooks": 3,
        "frames": 3,
        "remainder": 0,
    }


def test_the_end_is_inclusive_and_one_beyond_is_outside(context: FakeContext) -> None:
    inside = measured(check, context, ids=[100, 129], range=[100, 129])
    beyond = measured(check, context, ids=[100, 130], range=[100, 129])
    assert changed(inside, beyond) == {"max", "outside", "outside_fraction", "first_outside"}
    assert (beyond.metrics["outside"], beyond.metrics["outside_fraction"], beyond.metrics["first_outside"]) == (
        1,
        0.5,
        1,
    )
    assert "id 130 at position 1" in beyond.findings[0].message
    assert measured(check, context, ids=[99], range=[100, 129]).metrics["outside"] == 1


def test_codebooks_one_after_the_other_are_seen(context: FakeContext) -> None:
    blocked = torch.tensor(FRAMES).T.contiguous()
    alternating = measured(check, context, ids=FRAMES, range=[100, 129], codebooks=BOOKS)
    evidence = measured(check, context, ids=blocked, range=[100, 129], codebooks=BOOKS)
    assert changed(alternating, evidence) == {"out_of_codebook"}
    assert evidence.metrics["out_of_codebook"] == 6
    assert "id 109 at position 1 is outside codebook 1, 110 to 119" in evidence.findings[0].message


def test_a_broken_frame_leaves_a_remainder(context: FakeContext) -> None:
    metrics = measured(check, context, ids=[100, 110, 120, 100], range=[100, 129], codebooks=BOOKS).metrics
    assert (metrics["frames"], metrics["remainder"]) == (1, 1)


def test_a_constant_code_is_in_range_and_not_distinct(context: FakeContext) -> None:
    metrics = measured(check, context, ids=torch.full((50,), 100), range=[100, 129]).metrics
    assert (metrics["outside"], metrics["distinct"]) == (0, 1)


@pytest.mark.parametrize("none", [[], torch.zeros(0), np.zeros((0, 4), dtype=np.int64)])
def test_no_id_is_unknown(context: FakeContext, none: Any) -> None:
    metrics = measured(check, context, ids=none, range=[0, 9], codebooks=BOOKS).metrics
    assert metrics["count"] == 0
    assert not {"min", "max", "outside", "outside_fraction", "out_of_codebook"} & set(metrics)
    assert (metrics["frames"], metrics["remainder"]) == (0, 0)


def test_one_id_and_narrow_dtypes(context: FakeContext) -> None:
    metrics = measured(check, context, ids=torch.tensor(7, dtype=torch.uint8), range=[1000, 2000]).metrics
    assert (metrics["count"], metrics["outside"]) == (1, 1)


def test_ragged_lists(context: FakeContext) -> None:
    assert measured(check, context, ids=[[1, 2, 3], [4]], range=[1, 4]).metrics["count"] == 4


@pytest.mark.parametrize("bad", [[1.0, 2.0], torch.tensor([1.5]), [True], ["a"], "abc", None])
def test_ids_that_are_no_integers_are_refused(context: FakeContext, bad: Any) -> None:
    with pytest.raises(MeasurementError, match="ids"):
        measured(check, context, ids=bad, range=[0, 9])


def test_no_codebook_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="codebooks is empty"):
        measured(check, context, ids=[1], range=[0, 9], codebooks=[])


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"ids": [0, 5, 1, 6], "range": (0, 7), "codebooks": [(0, 3), (4, 7)]}
