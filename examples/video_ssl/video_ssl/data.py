"""Reading a dataset in nuScenes' layout, by nuscenes-devkit or by a small reader with the same attributes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Protocol

Row = dict[str, Any]


class Database(Protocol):
    """The used part of ``nuscenes.NuScenes``; samples have ``data`` (tokens by channel) and ``anns`` (tokens)."""

    scene: list[Row]

    def get(self, table_name: str, token: str) -> Row:
        """The record with that token; KeyError if it does not exist."""


class TableReader:
    """The tables that clips and labels need, read from JSON; the same answers as ``nuscenes.NuScenes`` for them."""

    TABLES = (
        "calibrated_sensor",
        "category",
        "instance",
        "sample",
        "sample_annotation",
        "sample_data",
        "scene",
        "sensor",
    )

    def __init__(self, dataroot: str | Path, version: str) -> None:
        folder = Path(dataroot) / version
        rows = {name: json.loads((folder / f"{name}.json").read_text(encoding="utf-8")) for name in self.TABLES}
        self._by_token = {name: {row["token"]: row for row in table} for name, table in rows.items()}
        self.scene: list[Row] = rows["scene"]
        for sample in rows["sample"]:
            sample["data"], sample["anns"] = {}, []
        for record in rows["sample_data"]:
            if record["is_key_frame"]:
                sensor = self.get("calibrated_sensor", record["calibrated_sensor_token"])["sensor_token"]
                channel = self.get("sensor", sensor)["channel"]
                self.get("sample", record["sample_token"])["data"][channel] = record["token"]
        for annotation in rows["sample_annotation"]:
            instance = self.get("instance", annotation["instance_token"])
            annotation["category_name"] = self.get("category", instance["category_token"])["name"]
            self.get("sample", annotation["sample_token"])["anns"].append(annotation["token"])

    def get(self, table_name: str, token: str) -> Row:
        """The record with that token; KeyError if it does not exist."""
        row: Row = self._by_token[table_name][token]
        return row


def open_database(dataroot: str | Path, version: str, devkit: bool = False) -> Database:
    """The dataset at ``dataroot``; with ``devkit``, by nuscenes-devkit, which must then be installed."""
    if not devkit:
        return TableReader(dataroot, version)
    from nuscenes.nuscenes import NuScenes

    database: Database = NuScenes(version=version, dataroot=str(dataroot), verbose=False)
    return database


def keyframes(database: Database, scene: Row, channel: str) -> list[Row]:
    """The keyframes of a camera in a scene, in time, as records of ``sample_data``.

    KeyError where a token leads nowhere; ValueError where the samples of the scene do not end.
    """
    found: list[Row] = []
    token, seen = scene["first_sample_token"], set()
    while token:
        if token in seen:
            raise ValueError(f"the samples of scene {scene['token']} run in a circle at {token}")
        seen.add(token)
        sample = database.get("sample", token)
        found.append(database.get("sample_data", sample["data"][channel]))
        token = sample["next"]
    return found
