from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from speccheck.checks.index.records import check
from speccheck.sdk import Evidence, MeasurementError
from support.checking import changed, measured
from support.context import FakeContext

HOW: dict[str, Any] = {
    "length": {"frames": 4},
    "increasing": ("frames.timestamp",),
    "all_true": ("frames.is_key_frame",),
    "one_group": ("frames.scene",),
    "files": ("frames.filename",),
    "root": Path("data"),
    "decode": True,
    "required": ("start_token", "frames.scene"),
    "unique": ("start_token",),
}


@pytest.fixture
def index(context: FakeContext) -> list[dict[str, Any]]:
    """Ten clips of four frames each, one clip per start."""
    folder = context.folder / "data"
    folder.mkdir()
    frames = []
    for at in range(13):
        Image.new("RGB", (32, 16), (at * 9, 0, 90)).save(folder / f"{at}.jpg")
        frames.append({"timestamp": 100 + at, "is_key_frame": True, "scene": "s", "filename": f"{at}.jpg"})
    return [{"start_token": f"t{at}", "frames": copy.deepcopy(frames[at : at + 4])} for at in range(10)]


def _violations(evidence: Evidence) -> dict[str, int]:
    return {kind: count for kind, count in evidence.metrics["violations"].items() if count}


def test_of_no_record_nothing_is_known(context: FakeContext) -> None:
    metrics = measured(check, context, records=[], required=("a",)).metrics
    assert (metrics["count"], metrics["examined"]) == (0, 0)
    assert not {"bad", "bad_count", "violations"} & set(metrics)


def test_a_sound_index(context: FakeContext, index: list[Any]) -> None:
    metrics = measured(check, context, records=index, **HOW).metrics
    assert (metrics["count"], metrics["examined"], metrics["bad_count"], metrics["bad"]) == (10, 10, 0, [])
    assert metrics["files"] == 13
    assert len(metrics["violations"]) == 8
    assert set(metrics["violations"].values()) == {0}


def test_fields_to_show_stand_in_a_table(context: FakeContext, index: list[Any]) -> None:
    del index[1]["start_token"]
    shown = ("start_token", "frames.timestamp")
    tables = measured(check, context, records=index, length={"frames": 4}, show=shown).tables
    assert list(tables) == ["records"]
    assert tables["records"].columns == ("record", "start_token", "frames.timestamp")
    assert tables["records"].rows[:2] == ((0, "t0", [100, 101, 102, 103]), (1, "(missing)", [101, 102, 103, 104]))
    assert len(tables["records"].rows) == 10


def test_only_examined_records_are_shown(context: FakeContext, index: list[Any]) -> None:
    evidence = measured(check, context, records=index, length={"frames": 4}, show=("start_token",), sample=3, seed=1)
    assert [row[0] for row in evidence.tables["records"].rows] == evidence.metrics["sampled"]


def _swap(frames: list[Any]) -> None:
    frames[0], frames[1] = frames[1], frames[0]


@pytest.mark.parametrize(
    ("kind", "spoil"),
    [
        ("length", lambda clip: clip["frames"].pop()),
        ("increasing", lambda clip: _swap(clip["frames"])),
        ("increasing", lambda clip: clip["frames"][1].update(timestamp=clip["frames"][0]["timestamp"])),
        ("all_true", lambda clip: clip["frames"][2].update(is_key_frame=False)),
        ("one_group", lambda clip: clip["frames"][3].update(scene="other")),
        ("missing_files", lambda clip: clip["frames"][3].update(filename="none.jpg")),
        ("unique", lambda clip: clip.update(start_token="t1")),
    ],
)
def test_each_invariant_alone(context: FakeContext, index: list[Any], kind: str, spoil: Any) -> None:
    sound = measured(check, context, records=copy.deepcopy(index), **HOW)
    spoil(index[6])
    broken = measured(check, context, records=index, **HOW)
    assert _violations(broken) == {kind: 1}
    assert broken.metrics["bad"] == [6]
    assert changed(sound, broken) <= {"bad", "bad_count", "violations", "files"}
    assert broken.findings[0].message.startswith("record 6: ")


def test_a_truncated_picture_is_bad_in_every_clip_that_has_it(context: FakeContext, index: list[Any]) -> None:
    path = context.folder / "data" / "5.jpg"
    path.write_bytes(path.read_bytes()[:-60])
    metrics = measured(check, context, records=index, **HOW).metrics
    assert metrics["bad"] == [2, 3, 4, 5]
    assert metrics["violations"]["undecodable_files"] == 4
    without = measured(check, context, records=index, **{**HOW, "decode": False}).metrics
    assert without["bad_count"] == 0
    assert "undecodable_files" not in without["violations"]


def test_a_field_that_is_not_there_violates_what_names_it(context: FakeContext, index: list[Any]) -> None:
    del index[3]["frames"]
    del index[3]["start_token"]
    evidence = measured(check, context, records=index, **HOW)
    assert evidence.metrics["bad"] == [3]
    kinds = {"length", "increasing", "all_true", "one_group", "missing_files", "required", "unique"}
    assert set(_violations(evidence)) == kinds


def test_a_sample_is_seeded_and_recorded(context: FakeContext, index: list[Any]) -> None:
    metrics = measured(check, context, records=index, sample=4, seed=3, **HOW).metrics
    assert (metrics["examined"], metrics["seed"], len(metrics["sampled"])) == (4, 3, 4)
    assert metrics["sampled"] == measured(check, context, records=index, sample=4, seed=3, **HOW).metrics["sampled"]
    others = {
        tuple(measured(check, context, records=index, sample=4, seed=s, **HOW).metrics["sampled"]) for s in range(9)
    }
    assert len(others) > 1


def test_nothing_examined_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, records=[], **HOW).metrics
    assert (metrics["examined"], "bad_count" in metrics, "violations" in metrics) == (0, False, False)


def test_empty_fields_keep_no_invariant(context: FakeContext) -> None:
    given = {name: HOW[name] for name in ("increasing", "all_true", "one_group", "files")}
    evidence = measured(check, context, records=[{"frames": []}], **given)
    assert evidence.metrics["violations"] == {"increasing": 1, "all_true": 1, "one_group": 1, "missing_files": 1}


@pytest.mark.parametrize("given", [{"records": [{"a": 1}]}, {"records": {"a": 1}, "required": ("a",)}])
def test_what_cannot_be_examined(context: FakeContext, given: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, **given)


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), ([1, 2], [1.0, 2]), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (Path("a"), "a")]
)
def test_equal_values_written_otherwise_repeat(context: FakeContext, one: Any, other: Any) -> None:
    metrics = measured(check, context, records=[{"key": one}, {"key": other}], unique=("key",)).metrics
    assert (metrics["violations"], metrics["bad"]) == ({"unique": 1}, [1])
    metrics = measured(check, context, records=[{"key": [one, other]}], one_group=("key",)).metrics
    assert metrics["bad_count"] == 0


def test_objects_without_a_value_cannot_be_told_apart(context: FakeContext) -> None:
    for kind in ("unique", "one_group"):
        with pytest.raises(MeasurementError, match="key holds a object"):
            measured(check, context, records=[{"key": object()}, {"key": object()}], **{kind: ("key",)})


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    (folder / "frames").mkdir(exist_ok=True)
    for name in ("a.json", "b.json"):
        (folder / "frames" / name).write_text("{}")
    frames = [
        {"file": "a.json", "time": 1, "key": True, "scene": "s"},
        {"file": "b.json", "time": 2, "key": 1, "scene": "s"},
    ]
    return {
        "records": [{"id": "x", "frames": frames}, {"id": "y", "frames": frames[::-1]}, {"id": "x", "frames": []}],
        "length": {"frames": 2},
        "increasing": ["frames.time"],
        "all_true": ["frames.key"],
        "one_group": ["frames.scene"],
        "files": ["frames.file"],
        "root": "frames",
        "decode": True,
        "required": ["id"],
        "unique": ["id"],
        "sample": 2,
    }
