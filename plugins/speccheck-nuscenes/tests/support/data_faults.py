"""Faults of a data set, one at a time, and the metrics of the tables and of the walk that each must change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from support.nuscenes_data import SWEEPS, Dataset, Row, token

KEY = 2 * (SWEEPS + 1)
"""The step of a keyframe in the middle of a scene."""
NEXT = KEY + SWEEPS + 1
"""That of the keyframe behind it."""


@dataclass(frozen=True)
class Fault:
    """A function that breaks the data set, and the increase of each violation; ``walk`` is None where nothing loads."""

    breaks: Callable[[Dataset], None]
    tables: dict[str, int]
    walk: dict[str, int] | None


def _front(data: Dataset, step: int = KEY) -> Row:
    return data.data("CAM_FRONT", 1, step)


def _missing_file(data: Dataset) -> None:
    del data.files[_front(data)["filename"]]


def _empty_file(data: Dataset) -> None:
    data.files[_front(data)["filename"]] = b""


def _truncated(data: Dataset) -> None:
    name = _front(data)["filename"]
    data.files[name] = data.files[name][:-10]


def _broken_points(data: Dataset) -> None:
    name = data.data("LIDAR_TOP", 1, KEY)["filename"]
    data.files[name] = data.files[name][:-1]


def _retime(data: Dataset, row: Row, time: int) -> None:
    name = row["filename"].replace(str(row["timestamp"]), str(time))
    data.rename(row, name)
    row["timestamp"] = time


def _duplicate_timestamp(data: Dataset) -> None:
    row, before = _front(data, KEY), _front(data, KEY - 1)
    _retime(data, row, before["timestamp"])


def _duplicate_keyframe_time(data: Dataset) -> None:
    """Two keyframes of one time, whose files have different names."""
    row, before = _front(data, NEXT), _front(data, KEY)
    time = before["timestamp"]
    data.rename(row, f"samples/CAM_FRONT/other__CAM_FRONT__{time}.jpg")
    row["timestamp"] = time


def _reversed_pair(data: Dataset) -> None:
    first, second = _front(data, KEY), _front(data, NEXT)
    times = first["timestamp"], second["timestamp"]
    first["timestamp"], second["timestamp"] = times[1], times[0]
    first["filename"], second["filename"] = second["filename"], first["filename"]


def _keyframe_in_sweeps(data: Dataset) -> None:
    row = _front(data)
    data.rename(row, row["filename"].replace("samples/", "sweeps/"))


def _sweep_flagged(data: Dataset) -> None:
    _front(data, KEY - 1)["is_key_frame"] = True


def _keyframe_unflagged(data: Dataset) -> None:
    _front(data)["is_key_frame"] = False


def _dangling_next(data: Dataset) -> None:
    data.row("sample", 1, 2)["next"] = token("nothing")


def _dangling_pose(data: Dataset) -> None:
    _front(data)["ego_pose_token"] = token("nothing")


def _empty_reference(data: Dataset) -> None:
    data.row("calibrated_sensor", 1, "CAM_BACK")["sensor_token"] = ""


def _duplicate_token(data: Dataset) -> None:
    data.tables["sample_data"].append(dict(_front(data)))


def _next_scene(data: Dataset) -> None:
    """The last sample of a scene leads to the first of the next one, and back."""
    data.row("sample", 0, 4)["next"] = token("sample", 1, 0)
    data.row("sample", 1, 0)["prev"] = token("sample", 0, 4)


def _next_scene_one_way(data: Dataset) -> None:
    data.row("sample", 0, 4)["next"] = token("sample", 1, 0)


def _wrong_sample(data: Dataset) -> None:
    """The keyframe of a sample is given to the sample before it."""
    _front(data)["sample_token"] = token("sample", 1, 1)


def _wrong_sample_later(data: Dataset) -> None:
    """A sweep is given to the last sample of its scene."""
    _front(data, 1)["sample_token"] = token("sample", 1, 4)


def _wrong_sensor(data: Dataset) -> None:
    """A sweep of the lidar in the chain is one of a camera."""
    row = data.data("LIDAR_TOP", 1, 1)
    row["calibrated_sensor_token"] = token("calibrated_sensor", 1, "CAM_BACK")
    row["width"], row["height"] = 16, 9


def _wrong_instance(data: Dataset) -> None:
    data.row("sample_annotation", 1, 0, 2)["instance_token"] = token("instance", 1, 1)


def _asymmetric(data: Dataset) -> None:
    _front(data, KEY)["next"] = ""


def _broken_chain(data: Dataset) -> None:
    _front(data, KEY)["next"] = ""
    _front(data, KEY + 1)["prev"] = ""


def _two_keyframes(data: Dataset) -> None:
    """A sweep becomes a keyframe of the sample behind it, flag and path."""
    row = _front(data, KEY - 1)
    row["is_key_frame"] = True
    data.rename(row, row["filename"].replace("sweeps/", "samples/"))


def _wrong_size(data: Dataset) -> None:
    _front(data)["width"] += 1


def _wrong_name(data: Dataset) -> None:
    row = _front(data)
    data.rename(row, row["filename"].replace(str(row["timestamp"]), str(row["timestamp"] + 1)))


def _wrong_count(data: Dataset) -> None:
    data.row("scene", 1)["nbr_samples"] += 1


def _wrong_first_annotation(data: Dataset) -> None:
    data.row("instance", 1, 0)["first_annotation_token"] = token("sample_annotation", 1, 1, 0)


def _circle(data: Dataset) -> None:
    first, last = data.row("sample", 1, 0), data.row("sample", 1, 4)
    first["prev"], last["next"] = last["token"], first["token"]


FAULTS: dict[str, Fault] = {
    "missing file": Fault(_missing_file, {"missing_files": 1}, {}),
    "empty file": Fault(_empty_file, {"missing_files": 1}, {}),
    "truncated JPEG": Fault(_truncated, {"undecodable_files": 1}, {}),
    "broken points": Fault(_broken_points, {"undecodable_files": 1}, {}),
    "duplicate timestamp": Fault(_duplicate_timestamp, {"timestamps_repeated": 1}, {}),
    "two keyframes of one time": Fault(
        _duplicate_keyframe_time, {"timestamps_backward": 1}, {"timestamps_repeated": 1}
    ),
    "reversed pair": Fault(_reversed_pair, {"timestamps_backward": 2}, {"timestamps_backward": 1}),
    "keyframe under sweeps": Fault(_keyframe_in_sweeps, {"keyframes_outside_samples": 1}, {"sweeps_violations": 1}),
    "sweep flagged as keyframe": Fault(
        _sweep_flagged, {"keyframes_outside_samples": 1, "several_keyframes": 1}, {"several_frames": 1}
    ),
    "keyframe not flagged": Fault(
        _keyframe_unflagged,
        {"samples_not_keyframe": 1, "missing_keyframes": 1},
        {"not_keyframe": 1, "missing_frames": 1},
    ),
    "dangling next": Fault(_dangling_next, {"dangling_tokens": 1}, {"dangling_tokens": 1}),
    "dangling pose": Fault(_dangling_pose, {"dangling_tokens": 1}, {}),
    "empty reference": Fault(_empty_reference, {"dangling_tokens": 1}, None),
    "duplicate token": Fault(_duplicate_token, {"duplicate_tokens": 1}, {"several_frames": 1}),
    "next into another scene": Fault(_next_scene, {"links_to_other_scene": 1}, {"other_scene": 1}),
    "next into another scene, one way": Fault(
        _next_scene_one_way, {"links_to_other_scene": 1, "asymmetric_links": 1}, {"other_scene": 1}
    ),
    "wrong sample": Fault(
        _wrong_sample,
        {"several_keyframes": 1, "missing_keyframes": 1, "samples_backward": 1},
        {"several_frames": 1, "missing_frames": 1},
    ),
    "wrong sample of a sweep": Fault(_wrong_sample_later, {"samples_backward": 1}, {}),
    "wrong sensor": Fault(_wrong_sensor, {"links_to_other_sensor": 2}, {}),
    "wrong instance": Fault(_wrong_instance, {"links_to_other_instance": 2, "instance_mismatches": 2}, {}),
    "asymmetric link": Fault(_asymmetric, {"asymmetric_links": 1}, {}),
    "broken chain": Fault(_broken_chain, {"broken_chains": 1}, {}),
    "two keyframes of a sample": Fault(_two_keyframes, {"several_keyframes": 1}, {"several_frames": 1}),
    "wrong size": Fault(_wrong_size, {"wrong_sizes": 1}, {}),
    "wrong time in filename": Fault(_wrong_name, {"filename_timestamps": 1}, {"filename_timestamps": 1}),
    "wrong number of samples": Fault(_wrong_count, {"scene_mismatches": 1}, {"scene_mismatches": 1}),
    "wrong first annotation": Fault(_wrong_first_annotation, {"instance_mismatches": 1}, {}),
    "circle": Fault(_circle, {"broken_chains": 1, "timestamps_backward": 1}, {"circles": 1}),
}
