"""The 13 tables of a nuScenes dataset, filled scene by scene, with every field of the published schema.

Schema: https://github.com/nutonomy/nuscenes-devkit/blob/master/docs/schema_nuscenes.md
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from video_ssl.files import write_json
from video_ssl.taxonomy import ATTRIBUTES, CATEGORIES, VISIBILITY
from video_ssl.world import CAMERA_HEIGHT, FOCAL, HORIZON, Scene, Track

Row = dict[str, Any]

CHANNEL = "CAM_FRONT"
MAP = "maps/generated.png"
VEHICLE = "n900"
NAMES = (
    "attribute",
    "calibrated_sensor",
    "category",
    "ego_pose",
    "instance",
    "log",
    "map",
    "sample",
    "sample_annotation",
    "sample_data",
    "scene",
    "sensor",
    "visibility",
)
AHEAD = [1.0, 0.0, 0.0, 0.0]
LEFTWARDS = [0.5**0.5, 0.0, 0.0, 0.5**0.5]
RIGHTWARDS = [0.5**0.5, 0.0, 0.0, -(0.5**0.5)]


class TableWriter:
    """Rows of all tables; tokens follow from ``seed`` and the thing that they identify."""

    def __init__(self, seed: int, width: int, height: int) -> None:
        self.seed = seed
        self.width = width
        self.height = height
        self.rows: dict[str, list[Row]] = {name: [] for name in NAMES}
        self._last_annotation: dict[str, Row] = {}
        self._instances: dict[str, Row] = {}
        self._add_fixed()

    def token(self, *parts: Any) -> str:
        """32 hex digits, the same for the same parts."""
        return hashlib.md5("/".join(map(str, (self.seed, *parts))).encode(), usedforsecurity=False).hexdigest()

    def write(self, folder: Path) -> None:
        """Write one JSON file for each table."""
        for name in NAMES:
            write_json(folder / f"{name}.json", self.rows[name], indent=0)

    def _add_fixed(self) -> None:
        """The rows that do not depend on any scene."""
        self.rows["sensor"].append({"token": self.token("sensor"), "channel": CHANNEL, "modality": "camera"})
        for name, description in ATTRIBUTES.items():
            self.rows["attribute"].append({"token": self.token(name), "name": name, "description": description})
        for index, category in enumerate(CATEGORIES):
            self.rows["category"].append(
                {
                    "token": self.token(category.name),
                    "name": category.name,
                    "description": category.description,
                    "index": index + 1,
                }
            )
        for token, level, description, _ in VISIBILITY:
            self.rows["visibility"].append({"token": token, "level": level, "description": description})
        self.rows["map"].append(
            {"token": self.token("map"), "log_tokens": [], "category": "semantic_prior", "filename": MAP}
        )

    def add_scene(self, scene: Scene, start: int, keyframes: int) -> str:
        """A scene that starts at ``start`` µs, with its log and calibration; the name of the log file is returned."""
        number = scene.number
        moment = datetime.fromtimestamp(start / 1e6, UTC)
        logfile = f"{VEHICLE}-{moment:%Y-%m-%d-%H-%M-%S}+0000"
        self.rows["log"].append(
            {
                "token": self.token("log", number),
                "logfile": logfile,
                "vehicle": VEHICLE,
                "date_captured": f"{moment:%Y-%m-%d}",
                "location": "generated-town",
            }
        )
        self.rows["map"][0]["log_tokens"].append(self.token("log", number))
        focal = FOCAL * self.width
        intrinsic = [[focal, 0.0, self.width / 2], [0.0, focal, HORIZON * self.height], [0.0, 0.0, 1.0]]
        self.rows["calibrated_sensor"].append(
            {
                "token": self.token("calibrated", number),
                "sensor_token": self.token("sensor"),
                "translation": [0.0, 0.0, CAMERA_HEIGHT],
                "rotation": [0.5, -0.5, 0.5, -0.5],
                "camera_intrinsic": intrinsic,
            }
        )
        self.rows["scene"].append(
            {
                "token": self.token("scene", number),
                "name": f"scene-{number + 1:04d}",
                "description": _describe(scene.tracks),
                "log_token": self.token("log", number),
                "nbr_samples": keyframes,
                "first_sample_token": self.token("sample", number, 0),
                "last_sample_token": self.token("sample", number, keyframes - 1),
            }
        )
        return logfile

    def add_sample(self, scene: Scene, index: int, keyframes: int, timestamp: int) -> None:
        """The ``index``-th sample of a scene."""
        self.rows["sample"].append(
            {
                "token": self.token("sample", scene.number, index),
                "timestamp": timestamp,
                "prev": self.token("sample", scene.number, index - 1) if index else "",
                "next": self.token("sample", scene.number, index + 1) if index + 1 < keyframes else "",
                "scene_token": self.token("scene", scene.number),
            }
        )

    def add_frame(
        self, scene: Scene, index: int, last: int, sample: int, key: bool, filename: str, timestamp: int, seconds: float
    ) -> None:
        """The ``index``-th picture of a scene, whose last is ``last``, with the pose that it is seen from."""
        number = scene.number
        token = self.token("sample_data", number, index)
        self.rows["ego_pose"].append(
            {
                "token": token,
                "timestamp": timestamp,
                "rotation": AHEAD,
                "translation": [*self._ego(scene, seconds), 0.0],
            }
        )
        self.rows["sample_data"].append(
            {
                "token": token,
                "sample_token": self.token("sample", number, sample),
                "ego_pose_token": token,
                "calibrated_sensor_token": self.token("calibrated", number),
                "timestamp": timestamp,
                "fileformat": "jpg",
                "is_key_frame": key,
                "height": self.height,
                "width": self.width,
                "filename": filename,
                "prev": self.token("sample_data", number, index - 1) if index else "",
                "next": self.token("sample_data", number, index + 1) if index < last else "",
            }
        )

    def add_annotation(self, scene: Scene, object_number: int, sample: int, share: float, seconds: float) -> None:
        """A track of the scene in one sample, of which that share is seen."""
        track = scene.tracks[object_number]
        width, _, tall = track.category.size
        instance = self.token("instance", scene.number, object_number)
        token = self.token("annotation", scene.number, object_number, sample)
        before = self._last_annotation.get(instance)
        x, y = self._ego(scene, 0.0)
        moving = track.category.moving
        row = {
            "token": token,
            "sample_token": self.token("sample", scene.number, sample),
            "instance_token": instance,
            "visibility_token": next(level for level, _, _, most in VISIBILITY if share <= most),
            "attribute_tokens": [self.token(moving)] if moving else [],
            "translation": [x + track.depth + width / 2, y + track.left_at(seconds), tall / 2],
            "size": list(track.category.size),
            "rotation": LEFTWARDS if track.speed >= 0 else RIGHTWARDS,
            "prev": before["token"] if before else "",
            "next": "",
            "num_lidar_pts": 1 + round(share * 2000 / track.depth),
            "num_radar_pts": 0,
        }
        if before:
            before["next"] = token
        self._last_annotation[instance] = row
        self.rows["sample_annotation"].append(row)
        self._count(track, instance, token)

    def _count(self, track: Track, instance: str, annotation: str) -> None:
        if instance not in self._instances:
            self._instances[instance] = {
                "token": instance,
                "category_token": self.token(track.category.name),
                "nbr_annotations": 0,
                "first_annotation_token": annotation,
                "last_annotation_token": annotation,
            }
            self.rows["instance"].append(self._instances[instance])
        self._instances[instance]["nbr_annotations"] += 1
        self._instances[instance]["last_annotation_token"] = annotation

    def _ego(self, scene: Scene, seconds: float) -> list[float]:
        """Where the ego vehicle is, in metres of the map."""
        return [100.0 * (scene.number + 1) + scene.ego_speed * seconds, 50.0]


def _describe(tracks: Iterable[Track]) -> str:
    return ", ".join(sorted({track.category.name.rsplit(".", 1)[-1] for track in tracks}))
