"""Each fault changes exactly the metrics that it should, in the tables and in the walk."""

from __future__ import annotations

from pathlib import Path
from typing import Any, cast

import pytest
from support.data_faults import FAULTS
from support.nuscenes_data import SAMPLES, SCENES, VERSION, make

from speccheck.sdk import BuildContext, MeasurementError, SubjectError
from speccheck.testing import RecordingContext
from speccheck_nuscenes.checks.nuscenes import keyframe_walk, tables
from speccheck_nuscenes.loaders import load
from speccheck_nuscenes.tables.kinds import KINDS
from speccheck_nuscenes.walk import KINDS as WALK_KINDS


def _subject(root: Path) -> Any:
    class Build:
        def path(self, text: str) -> Path:
            return root / text

    return load({"nuscenes": {"dataroot": ".", "version": VERSION}}, cast(BuildContext, Build()))


def _tables(root: Path, **params: Any) -> Any:
    given = {"files": "decode", **params}
    return tables.measure(tables.Params(root, VERSION, **given), RecordingContext.under(root / "context"))


def _walk(root: Path, **params: Any) -> Any:
    context = RecordingContext.under(root / "context")
    return keyframe_walk.measure(keyframe_walk.Params(_subject(root), **params), context)


def test_a_data_set_without_a_fault(tmp_path: Path) -> None:
    root = make().write(tmp_path)
    found = _tables(root).metrics
    assert {kind: found[kind] for kind in KINDS} == dict.fromkeys(KINDS, 0)
    assert (found["tables"], found["violations"]) == (13, 0)
    assert found["missing_tables"] == found["unreadable_tables"] == []
    assert found["rows"]["sample"] == SCENES * SAMPLES and found["keyframe_offset_us"] == 1000
    walked = _walk(root).metrics
    assert {kind: walked[kind] for kind in WALK_KINDS} == dict.fromkeys(WALK_KINDS, 0)
    assert (walked["frames"], walked["samples"], walked["scenes"], walked["violations"]) == (15, 15, 3, 0)
    assert 499_990 < walked["gap_us"]["min"] < walked["gap_us"]["mean"] < walked["gap_us"]["max"] < 500_010


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_changes_exactly_its_metrics(name: str, tmp_path: Path) -> None:
    fault = FAULTS[name]
    data = make()
    fault.breaks(data)
    root = data.write(tmp_path)
    evidence = _tables(root)
    assert {kind: evidence.metrics[kind] for kind in KINDS if evidence.metrics[kind]} == fault.tables
    assert evidence.metrics["violations"] == sum(fault.tables.values())
    assert {row[0] for row in evidence.tables["examples"].rows} == set(fault.tables)
    assert len(evidence.findings) == sum(fault.tables.values())
    if fault.walk is None:
        with pytest.raises(SubjectError, match="lists all faults"):
            _subject(root)
        return
    walked = _walk(root)
    assert {kind: walked.metrics[kind] for kind in WALK_KINDS if walked.metrics[kind]} == fault.walk
    assert len(walked.findings) == sum(fault.walk.values()) == walked.metrics["violations"]


def test_a_sweep_that_takes_the_keyframes_place_is_seen_in_the_walk(tmp_path: Path) -> None:
    """The devkit returns the last flagged record; here the flagged sweep follows the keyframe."""
    data = make()
    sweep = data.data("CAM_FRONT", 1, 5)
    sweep["is_key_frame"] = True
    data.tables["sample_data"].remove(sweep)
    data.tables["sample_data"].append(sweep)
    walked = _walk(data.write(tmp_path)).metrics
    assert (walked["sweeps_violations"], walked["several_frames"], walked["violations"]) == (1, 1, 2)


@pytest.mark.parametrize("name", sorted(make().tables))
def test_a_missing_table_is_told_and_what_needs_it_is_unknown(name: str, tmp_path: Path) -> None:
    data = make()
    del data.tables[name]
    found = _tables(data.write(tmp_path)).metrics
    assert (found["missing_tables"], found["tables"], found["unreadable_tables"]) == ([name], 12, [])
    assert not {"violations", "dangling_tokens", "duplicate_tokens"} & set(found)
    assert not [kind for kind in KINDS if found.get(kind)]
    with pytest.raises(SubjectError, match=f"{name}.json"):
        _subject(tmp_path)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("[{}]", "Object missing required field token - at row 0"),
        ('[{"token": 3}]', "Expected str, got int - at row 0.token"),
        ('[{"token": "a"}', "cut off"),
        ('[{"token": "a"},]', "malformed"),
        ('{"token": "a"}', "not a JSON list"),
        ("", "not a JSON list"),
    ],
)
def test_an_unreadable_table_is_told(text: str, reason: str, tmp_path: Path) -> None:
    root = make().write(tmp_path)
    (root / VERSION / "category.json").write_text(text)
    evidence = _tables(root)
    assert evidence.metrics["unreadable_tables"] == ["category"] and evidence.metrics["missing_tables"] == []
    assert "violations" not in evidence.metrics and "dangling_tokens" not in evidence.metrics
    assert reason in evidence.findings[0].message


def test_all_violations_are_counted_and_some_shown(tmp_path: Path) -> None:
    data = make()
    for row in data.tables["sample_data"]:
        row["ego_pose_token"] = "0" * 32
    evidence = _tables(data.write(tmp_path), examples=3)
    assert evidence.metrics["dangling_tokens"] == len(data.tables["sample_data"])
    assert len(evidence.tables["examples"].rows) == len(evidence.findings) == 3


def test_files_are_looked_at_as_far_as_asked(tmp_path: Path) -> None:
    data = make()
    cameras = 2 * len(data.tables["sample_data"]) // 3
    root = data.write(tmp_path)
    for files, counts in {
        "none": (0, 0, 0),
        "exist": (118, 0, 0),
        "size": (118, cameras, 0),
        "decode": (118, cameras, 118),
    }.items():
        found = _tables(root, files=files).metrics
        assert tuple(found[f"files_{name}"] for name in ("checked", "sized", "decoded")) == counts
        assert [kind in found for kind in ("missing_files", "wrong_sizes", "undecodable_files")] == [
            bool(count) for count in counts
        ]
    assert _tables(root, channels=("CAM_BACK",)).metrics["files_sized"] == cameras // 2
    with pytest.raises(MeasurementError, match="no sensor has the channel CAM_LEFT"):
        _tables(root, channels=("CAM_LEFT",))


def test_without_rows_nothing_is_zero(tmp_path: Path) -> None:
    data = make()
    for rows in data.tables.values():
        rows.clear()
    found = _tables(data.write(tmp_path)).metrics
    assert not [kind for kind in KINDS if kind in found]
    assert found["violations"] == 0 and found["tables"] == 13


def test_scenes_are_chosen_by_name_token_and_number(tmp_path: Path) -> None:
    root = make().write(tmp_path)
    whole = _walk(root)
    assert whole.tables["frames"].rows[0][0] == whole.metrics["first_token"]
    chosen = _walk(root, scenes=("scene-0002", 0), most_frames=3).metrics
    assert chosen["scene_names"] == ["scene-0002", "scene-0000"]
    assert (chosen["frames"], chosen["samples"], chosen["violations"]) == (6, 6, 0)
    for wrong, words in (({"scenes": (9,)}, "scene 9 is not"), ({"channel": "CAM_LEFT"}, "choose one of CAM_BACK")):
        with pytest.raises(MeasurementError, match=words):
            _walk(root, **wrong)


def test_a_channel_without_frames_is_unknown(tmp_path: Path) -> None:
    data = make()
    data.tables["sensor"].append({"token": "9" * 32, "channel": "CAM_LEFT", "modality": "camera"})
    found = _walk(data.write(tmp_path), channel="CAM_LEFT").metrics
    assert (found["frames"], found["missing_frames"]) == (0, 15)
    assert not {"violations", "sweeps_violations", "timestamps_backward", "first_token", "gap_us"} & set(found)


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="is not a folder"):
        _tables(tmp_path / "none")
    with pytest.raises(SubjectError, match="is not a folder"):
        _subject(tmp_path / "none")
