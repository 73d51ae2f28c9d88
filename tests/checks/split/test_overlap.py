from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from speccheck.checks.split.overlap import check
from speccheck.sdk import MeasurementError
from support.checking import changed, measured
from support.context import FakeContext

KEYS = ("start", "scene", "frames.token")


def clip(scene: int, at: int) -> dict[str, Any]:
    pixels = torch.full((2, 2), float(scene * 100 + at))
    return {
        "start": f"{scene}-{at}",
        "scene": f"s{scene}",
        "frames": [{"token": f"{scene}-{at + i}"} for i in range(3)],
        "video": pixels,
    }


CLIPS = [clip(scene, at) for scene in range(4) for at in range(5)]
BY_SCENE = {"train": CLIPS[:15], "val": CLIPS[15:]}
BY_CLIP = {"train": [c for at, c in enumerate(CLIPS) if at % 5], "val": CLIPS[::5]}


def test_a_split_by_scene_shares_nothing(context: FakeContext) -> None:
    metrics = measured(check, context, splits=BY_SCENE, keys=KEYS, content=("video",)).metrics
    assert metrics["sizes"] == {"train": 15, "val": 5}
    assert metrics["overlap"] == dict.fromkeys(KEYS, 0)
    assert metrics["content_overlap"] == {"video": 0}
    assert metrics["distinct"]["scene"] == {"train": 3, "val": 1}


def test_records_without_a_key_are_told(context: FakeContext) -> None:
    without = [{key: value for key, value in record.items() if key != "scene"} for record in CLIPS[15:18]]
    evidence = measured(check, context, splits={**BY_SCENE, "val": [*without, *CLIPS[18:]]}, keys=KEYS)
    assert [finding.message for finding in evidence.findings] == [
        "3 records of all parts lack scene, and what they share is not seen"
    ]


def test_a_split_by_clip_leaks_scenes_and_frames_but_no_starts(context: FakeContext) -> None:
    evidence = measured(check, context, splits=BY_CLIP, keys=KEYS, content=("video",))
    assert evidence.metrics["overlap"] == {"start": 0, "scene": 4, "frames.token": 8}
    assert evidence.metrics["content_overlap"] == {"video": 0}
    assert evidence.metrics["examples"]["scene"] == ["s0", "s1", "s2", "s3"]
    assert "train and val share 4 values of scene" in evidence.findings[0].message


def test_the_same_pixels_under_another_name(context: FakeContext) -> None:
    copy = {**clip(9, 0), "video": CLIPS[0]["video"].clone()}
    sound = measured(check, context, splits=BY_SCENE, keys=KEYS, content=("video",))
    leaked = {"train": BY_SCENE["train"], "val": [*BY_SCENE["val"][1:], copy]}
    broken = measured(check, context, splits=leaked, keys=KEYS, content=("video",))
    assert broken.metrics["content_overlap"] == {"video": 1}
    assert changed(sound, broken) == {"content_overlap", "distinct", "examples"}
    (found,) = broken.findings
    assert found.message.endswith("share 1 value of content of video, such as item 0 of train and item 4 of val")


def test_three_parts_and_repeats_within_one(context: FakeContext) -> None:
    splits = {"a": [{"id": 1}, {"id": 1}], "b": [{"id": 2}], "c": [{"id": 1}]}
    metrics = measured(check, context, splits=splits, keys=("id",)).metrics
    assert metrics["overlap"] == {"id": 1}


def test_a_key_that_is_missing_is_counted_or_unknown(context: FakeContext) -> None:
    splits = {"train": [{"id": 1}, {}], "val": [{"id": 2}]}
    metrics = measured(check, context, splits=splits, keys=("id", "log")).metrics
    assert metrics["missing"] == {"id": 1, "log": 3}
    assert metrics["overlap"] == {"id": 0}


def test_nothing_to_compare(context: FakeContext) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, splits=BY_SCENE)
    with pytest.raises(MeasurementError):
        measured(check, context, splits={"a": [], "b": 3}, keys=("id",))


@pytest.mark.parametrize("val", [[], [{"log": 1}], [{"id": None}], [{"id": float("nan")}], [{"id": []}]])
def test_a_part_without_a_value_shares_an_unknown_number(context: FakeContext, val: list[Any]) -> None:
    metrics = measured(check, context, splits={"train": [{"id": 1}], "val": val}, keys=("id",)).metrics
    assert "overlap" not in metrics
    assert metrics["distinct"]["id"] == {"train": 1, "val": 0}
    assert metrics["missing"] == {"id": len(val)}


def test_a_part_without_contents_shares_an_unknown_number(context: FakeContext) -> None:
    splits = {"train": CLIPS[:2], "val": [{"scene": "s9"}]}
    metrics = measured(check, context, splits=splits, keys=("scene",), content=("video",)).metrics
    assert "content_overlap" not in metrics
    assert metrics["overlap"] == {"scene": 0}


def test_a_column_with_gaps_holds_the_same_numbers(context: FakeContext) -> None:
    splits = {"train": [{"id": 1}, {"id": 2}], "val": [{"id": 1.0}, {"id": float("nan")}]}
    evidence = measured(check, context, splits=splits, keys=("id",))
    assert (evidence.metrics["overlap"], evidence.metrics["missing"]) == ({"id": 1}, {"id": 1})
    assert evidence.metrics["examples"]["id"] == ["1"]


def test_lists_within_lists_and_mappings_count_as_values(context: FakeContext) -> None:
    splits = {"a": [{"ids": [(1, 2), {"x": 1, "y": 2}]}], "b": [{"ids": [[1, 2.0], {"y": 2, "x": 1}]}]}
    assert measured(check, context, splits=splits, keys=("ids",)).metrics["overlap"] == {"ids": 2}


def test_values_that_can_never_be_found_the_same(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="id holds a object"):
        measured(check, context, splits={"a": [{"id": object()}], "b": [{"id": object()}]}, keys=("id",))
    with pytest.raises(MeasurementError, match="id is text in one record and a number in another"):
        measured(check, context, splits={"a": [{"id": 1}], "b": [{"id": "1"}]}, keys=("id",))


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {
        "splits": {"train": [{"id": 1, "x": [1.0]}], "val": [{"id": 1, "x": [2.0]}]},
        "keys": ["id"],
        "content": ["x"],
    }
