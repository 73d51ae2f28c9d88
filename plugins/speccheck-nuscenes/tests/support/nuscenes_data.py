"""A tiny data set in the layout of nuScenes, whole in memory, so that a test can break it before it is written."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from PIL import Image

VERSION = "v1.0-test"
CHANNELS = {"CAM_FRONT": ("camera", "jpg"), "CAM_BACK": ("camera", "jpg"), "LIDAR_TOP": ("lidar", "pcd.bin")}
SCENES, SAMPLES, SWEEPS = 3, 5, 2
WIDTH, HEIGHT = 16, 9

Row = dict[str, Any]


def token(*parts: object) -> str:
    """A token of 32 hexadecimal digits, the same for the same parts."""
    return hashlib.md5("/".join(map(str, parts)).encode()).hexdigest()


@dataclass
class Dataset:
    """The thirteen tables, and the bytes of the files by name."""

    tables: dict[str, list[Row]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)

    def row(self, table: str, *parts: object) -> Row:
        """The row whose token was made of these parts."""
        return next(row for row in self.tables[table] if row["token"] == token(table, *parts))

    def data(self, channel: str, scene: int, step: int) -> Row:
        """The sample_data row of a step; those that ``SWEEPS + 1`` divides are keyframes."""
        return self.row("sample_data", channel, scene, step)

    def rename(self, row: Row, filename: str) -> None:
        """Give a row another filename, and its file with it."""
        self.files[filename] = self.files.pop(row["filename"])
        row["filename"] = filename

    def write(self, root: Path, *, indent: int | None = 0) -> Path:
        """Write it all under ``root``, which is given back."""
        for name, data in self.files.items():
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        (root / VERSION).mkdir(parents=True, exist_ok=True)
        for name, rows in self.tables.items():
            (root / VERSION / f"{name}.json").write_text(json.dumps(rows, indent=indent), "utf-8")
        return root


def make() -> Dataset:
    """A data set without a fault: cameras in front and behind, a lidar, two instances a scene."""
    data = Dataset({"category": [], "attribute": [], "visibility": [], "log": [], "map": [], "sensor": []})
    _add_names(data)
    for name in ("calibrated_sensor", "ego_pose", "scene", "sample", "sample_data", "instance", "sample_annotation"):
        data.tables[name] = []
    for scene in range(SCENES):
        _add_scene(data, scene)
        for channel in CHANNELS:
            _add_channel(data, scene, channel)
        for number in range(2):
            _add_instance(data, scene, number)
    return data


def _add_names(data: Dataset) -> None:
    tables = data.tables
    tables["category"] = [
        {"token": token("category", name), "name": name, "description": ""} for name in ("car", "bus")
    ]
    tables["attribute"] = [{"token": token("attribute", name), "name": name, "description": ""} for name in ("a", "b")]
    tables["visibility"] = [{"token": str(level), "level": f"v{level}", "description": ""} for level in range(1, 5)]
    tables["log"] = [{"token": token("log", 0), "logfile": "n000", "vehicle": "n", "date_captured": "", "location": ""}]
    tables["map"] = [
        {"category": "", "token": token("map", 0), "filename": "maps/a.png", "log_tokens": [token("log", 0)]}
    ]
    tables["sensor"] = [
        {"token": token("sensor", channel), "channel": channel, "modality": modality}
        for channel, (modality, _) in CHANNELS.items()
    ]
    data.files["maps/a.png"] = _picture("PNG", 4, 4)


def _add_scene(data: Dataset, scene: int) -> None:
    samples = [token("sample", scene, number) for number in range(SAMPLES)]
    data.tables["scene"].append(
        {
            "token": token("scene", scene),
            "log_token": token("log", 0),
            "nbr_samples": SAMPLES,
            "first_sample_token": samples[0],
            "last_sample_token": samples[-1],
            "name": f"scene-{scene:04d}",
            "description": 'with "quotes" and {braces}',
        }
    )
    for number, own in enumerate(samples):
        data.tables["sample"].append(
            {
                "token": own,
                "timestamp": time_of(scene, number * (SWEEPS + 1)) + 1000,
                "prev": samples[number - 1] if number else "",
                "next": samples[number + 1] if number + 1 < SAMPLES else "",
                "scene_token": token("scene", scene),
            }
        )


def time_of(scene: int, step: int) -> int:
    """Timestamp in µs: keyframes near 2 Hz, not exactly."""
    return 1_531_883_530_412_470 + scene * 10**9 + step * 166_667 + step % 7


def _add_channel(data: Dataset, scene: int, channel: str) -> None:
    modality, suffix = CHANNELS[channel]
    calibration = token("calibrated_sensor", scene, channel)
    camera = modality == "camera"
    data.tables["calibrated_sensor"].append(
        {
            "token": calibration,
            "sensor_token": token("sensor", channel),
            "translation": [1.7, 0.0, 1.5],
            "rotation": [1.0, 0.0, 0.0, 0.0],
            "camera_intrinsic": [[1.0, 0.0, 0.5]] * 3 if camera else [],
        }
    )
    steps = (SAMPLES - 1) * (SWEEPS + 1) + 1
    own = [token("sample_data", channel, scene, step) for step in range(steps)]
    for step in range(steps):
        key = step % (SWEEPS + 1) == 0
        time = time_of(scene, step)
        filename = f"{'samples' if key else 'sweeps'}/{channel}/n000-2018+0800__{channel}__{time}.{suffix}"
        data.files[filename] = _picture("JPEG", WIDTH, HEIGHT, step) if camera else bytes(20 * 3)
        pose = token("ego_pose", channel, scene, step)
        data.tables["ego_pose"].append(
            {"token": pose, "timestamp": time, "rotation": [1.0, 0.0, 0.0, 0.0], "translation": [step / 2, 0.0, 0.0]}
        )
        data.tables["sample_data"].append(
            {
                "token": own[step],
                "sample_token": token("sample", scene, -(-step // (SWEEPS + 1))),
                "ego_pose_token": pose,
                "calibrated_sensor_token": calibration,
                "timestamp": time,
                "fileformat": suffix.partition(".")[0],
                "is_key_frame": key,
                "height": HEIGHT if camera else 0,
                "width": WIDTH if camera else 0,
                "filename": filename,
                "prev": own[step - 1] if step else "",
                "next": own[step + 1] if step + 1 < steps else "",
            }
        )


def _add_instance(data: Dataset, scene: int, number: int) -> None:
    instance = token("instance", scene, number)
    own = [token("sample_annotation", scene, number, sample) for sample in range(SAMPLES)]
    data.tables["instance"].append(
        {
            "token": instance,
            "category_token": token("category", ("car", "bus")[number]),
            "nbr_annotations": SAMPLES,
            "first_annotation_token": own[0],
            "last_annotation_token": own[-1],
        }
    )
    for sample in range(SAMPLES):
        data.tables["sample_annotation"].append(
            {
                "token": own[sample],
                "sample_token": token("sample", scene, sample),
                "instance_token": instance,
                "visibility_token": str(1 + sample % 4),
                "attribute_tokens": [token("attribute", name) for name in "ab"[: sample % 3]],
                "translation": [1.0, 2.0, 0.5],
                "size": [2.0, 4.0, 1.5],
                "rotation": [1.0, 0.0, 0.0, 0.0],
                "prev": own[sample - 1] if sample else "",
                "next": own[sample + 1] if sample + 1 < SAMPLES else "",
                "num_lidar_pts": 3,
                "num_radar_pts": 0,
            }
        )


def _picture(kind: str, width: int, height: int, shade: int = 0) -> bytes:
    stream = io.BytesIO()
    pixels = bytes((shade * 31 + place * place * 37) % 256 for place in range(3 * width * height))
    Image.frombytes("RGB", (width, height), pixels).save(stream, kind)
    return stream.getvalue()
