"""Synthetic nuScenes tables of any size: every field of the schema, random tokens, all rules kept."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TextIO

VERSION = "v1.0-trainval"
SCENES, SAMPLES, LOGS = 850, 34_149, 68
INSTANCES, ANNOTATIONS = 76, 18
"""Instances of a scene, and annotations of each: 64,600 and 1.16 million at full size."""
CHANNELS: Mapping[str, tuple[str, str, int]] = {
    "CAM_FRONT": ("camera", "jpg", 6),
    "CAM_FRONT_RIGHT": ("camera", "jpg", 6),
    "CAM_BACK_RIGHT": ("camera", "jpg", 6),
    "CAM_BACK": ("camera", "jpg", 6),
    "CAM_BACK_LEFT": ("camera", "jpg", 6),
    "CAM_FRONT_LEFT": ("camera", "jpg", 6),
    "LIDAR_TOP": ("lidar", "pcd.bin", 10),
    "RADAR_FRONT": ("radar", "pcd", 6),
    "RADAR_FRONT_LEFT": ("radar", "pcd", 6),
    "RADAR_FRONT_RIGHT": ("radar", "pcd", 6),
    "RADAR_BACK_LEFT": ("radar", "pcd", 6),
    "RADAR_BACK_RIGHT": ("radar", "pcd", 7),
}
"""Modality, suffix and records per sample of each channel: 77 records, 2.63 million at full size."""

_PERIOD = 500_000
_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg=="
)
_POSE = (
    '{\n"token": "%s",\n"timestamp": %d,\n"rotation": [\n0.5720320396729045,\n-0.0016977771610471074,\n'
    "0.011798001930183783,\n-0.8201446642457809\n],\n"
    '"translation": [\n411.3039349319818,\n1180.8903791765097,\n0.0\n]\n}'
)
_DATA = (
    '{\n"token": "%s",\n"sample_token": "%s",\n"ego_pose_token": "%s",\n"calibrated_sensor_token": "%s",\n'
    '"timestamp": %d,\n"fileformat": "%s",\n"is_key_frame": %s,\n"height": %d,\n"width": %d,\n'
    '"filename": "%s/%s/n015-2018-07-24-11-22-45+0800__%s__%d.%s",\n"prev": "%s",\n"next": "%s"\n}'
)
_ANNOTATION = (
    '{\n"token": "%s",\n"sample_token": "%s",\n"instance_token": "%s",\n"visibility_token": "%d",\n'
    '"attribute_tokens": [%s],\n"translation": [\n373.214,\n1130.48,\n1.25\n],\n"size": [\n0.621,\n0.669,\n1.642\n],\n'
    '"rotation": [\n0.9831098797903927,\n0.0,\n0.0,\n-0.18301629506281616\n],\n"prev": "%s",\n"next": "%s",\n'
    '"num_lidar_pts": 5,\n"num_radar_pts": 0\n}'
)


class _Tokens:
    """Random tokens, many at a time."""

    def __init__(self) -> None:
        self._random = random.Random(0)

    def __call__(self, count: int) -> list[str]:
        text = self._random.randbytes(16 * count).hex()
        return [text[place : place + 32] for place in range(0, 32 * count, 32)]


class _Lists:
    """Open files that each become one JSON list."""

    def __init__(self, folder: Path, names: Sequence[str]) -> None:
        self._files: dict[str, TextIO] = {name: (folder / f"{name}.json").open("w", encoding="ascii") for name in names}
        self.rows = dict.fromkeys(names, 0)

    def add(self, name: str, rows: Sequence[str]) -> None:
        self._files[name].write((",\n" if self.rows[name] else "[\n") + ",\n".join(rows))
        self.rows[name] += len(rows)

    def close(self) -> None:
        for file in self._files.values():
            file.write("\n]")
            file.close()


def write_dataset(root: Path, scale: float) -> dict[str, int]:
    """Write tables of ``scale`` times the scenes of v1.0-trainval, and their maps; return the rows by table."""
    folder = root / VERSION
    folder.mkdir(parents=True)
    tokens = _Tokens()
    fixed = _small_tables(tokens)
    for record in fixed["map"]:
        (root / str(record["filename"])).parent.mkdir(exist_ok=True)
        (root / str(record["filename"])).write_bytes(_PIXEL)
    for name, records in fixed.items():
        (folder / f"{name}.json").write_text(json.dumps(records, indent=0), "ascii")
    large = ("calibrated_sensor", "ego_pose", "scene", "sample", "instance", "sample_data", "sample_annotation")
    lists = _Lists(folder, large)
    for scene in range(max(1, round(SCENES * scale))):
        samples = SAMPLES // SCENES + (scene < SAMPLES % SCENES)
        own = tokens(samples)
        _write_scene(lists, fixed, tokens(1)[0], scene, own)
        for record in fixed["sensor"]:
            _write_channel(lists, tokens, record, scene, own)
        _write_instances(lists, tokens, fixed, own)
    lists.close()
    return {**{name: len(records) for name, records in fixed.items()}, **lists.rows}


def _small_tables(tokens: _Tokens) -> dict[str, list[dict[str, object]]]:
    def named(count: int, **fields: object) -> list[dict[str, object]]:
        return [{"token": own, "name": f"name.{number}", **fields} for number, own in enumerate(tokens(count))]

    logs = named(LOGS, logfile="n015", vehicle="n015", date_captured="2018-07-24", location="singapore-onenorth")
    maps = [{"token": own, "category": "semantic_prior", "filename": f"maps/{own}.png"} for own in tokens(4)]
    return {
        "log": logs,
        "map": [{**record, "log_tokens": [log["token"] for log in logs[n::4]]} for n, record in enumerate(maps)],
        "category": named(23, description=""),
        "attribute": named(8, description=""),
        "visibility": [{"token": str(level), "level": f"v{level}", "description": ""} for level in range(1, 5)],
        "sensor": [
            {"token": own, "channel": channel, "modality": CHANNELS[channel][0]}
            for own, channel in zip(tokens(len(CHANNELS)), CHANNELS, strict=True)
        ],
    }


def _write_scene(
    lists: _Lists, fixed: Mapping[str, list[dict[str, object]]], own: str, scene: int, samples: Sequence[str]
) -> None:
    record = {
        "token": own,
        "log_token": fixed["log"][scene % LOGS]["token"],
        "nbr_samples": len(samples),
        "first_sample_token": samples[0],
        "last_sample_token": samples[-1],
        "name": f"scene-{scene:04d}",
        "description": "Parked truck, construction, intersection, turn left",
    }
    lists.add("scene", [json.dumps(record, indent=0)])
    text = '{\n"token": "%s",\n"timestamp": %d,\n"prev": "%s",\n"next": "%s",\n"scene_token": "%s"\n}'
    chain = _chain(samples)
    rows = [text % (now, _start(scene) + n * _PERIOD, prev, then, own) for n, (prev, now, then) in enumerate(chain)]
    lists.add("sample", rows)


def _start(scene: int) -> int:
    return 1_531_883_530_412_470 + scene * 100_000_000


def _chain(tokens: Sequence[str]) -> Iterator[tuple[str, str, str]]:
    """Return each token with the one before and the one after."""
    return zip(["", *tokens[:-1]], tokens, [*tokens[1:], ""], strict=True)


def _write_channel(
    lists: _Lists, tokens: _Tokens, sensor: Mapping[str, object], scene: int, samples: Sequence[str]
) -> None:
    channel = str(sensor["channel"])
    modality, suffix, each = CHANNELS[channel]
    calibration = tokens(1)[0]
    record = {
        "token": calibration,
        "sensor_token": sensor["token"],
        "translation": [1.70079118954, 0.0159456324149, 1.51095763913],
        "rotation": [0.4998015430569128, -0.5030316162024876, 0.4997798114386805, -0.49737083824542755],
        "camera_intrinsic": [[1266.4, 0.0, 816.3], [0.0, 1266.4, 491.5], [0.0, 0.0, 1.0]]
        if modality == "camera"
        else [],
    }
    lists.add("calibrated_sensor", [json.dumps(record, indent=0)])
    size = (900, 1600) if modality == "camera" else (0, 0)
    own, poses = tokens(each * len(samples)), tokens(each * len(samples))
    data, pose_rows = [], []
    for step, (prev, now, then) in enumerate(_chain(own)):
        time = _start(scene) + step * _PERIOD // each + 17
        key = step % each == 0
        beside = (samples[step // each], poses[step], calibration, time, suffix[:3], "true" if key else "false", *size)
        path = ("samples" if key else "sweeps", channel, channel, time, suffix)
        data.append(_DATA % (now, *beside, *path, prev, then))
        pose_rows.append(_POSE % (poses[step], time))
    lists.add("sample_data", data)
    lists.add("ego_pose", pose_rows)


def _write_instances(
    lists: _Lists, tokens: _Tokens, fixed: Mapping[str, list[dict[str, object]]], samples: Sequence[str]
) -> None:
    attributes = ["", *(f'\n"{record["token"]}"\n' for record in fixed["attribute"])]
    for number, instance in enumerate(tokens(INSTANCES)):
        own = tokens(ANNOTATIONS)
        record = {
            "token": instance,
            "category_token": fixed["category"][number % 23]["token"],
            "nbr_annotations": ANNOTATIONS,
            "first_annotation_token": own[0],
            "last_annotation_token": own[-1],
        }
        lists.add("instance", [json.dumps(record, indent=0)])
        first = number % (len(samples) - ANNOTATIONS)
        rows = [
            _ANNOTATION % (now, samples[first + n], instance, 1 + n % 4, attributes[number % 9], prev, then)
            for n, (prev, now, then) in enumerate(_chain(own))
        ]
        lists.add("sample_annotation", rows)
