"""The index of clips: which keyframes make up each clip, one scene per clip."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from video_ssl.config import Config, as_config
from video_ssl.data import Database, keyframes, open_database
from video_ssl.files import write_json
from video_ssl.generate import ensure_config

Clip = dict[str, Any]


@dataclass(frozen=True)
class ClipIndex:
    """Clips in the order of scenes and time, and the settings that they were cut with.

    A clip has ``start_token``, ``scene_token``, ``log_token`` and ``frames``, each of which has ``token``,
    ``sample_token``, ``scene_token``, ``filename``, ``timestamp`` (µs) and ``is_key_frame``.
    """

    settings: dict[str, Any]
    clips: list[Clip]

    def __len__(self) -> int:
        return len(self.clips)


def cut(database: Database, channel: str = "CAM_FRONT", frames: int = 8, stride: int = 1) -> list[Clip]:
    """All clips of ``frames`` consecutive keyframes, one starting at every ``stride``-th keyframe of a scene."""
    clips = []
    for scene in database.scene:
        records = [_frame(database, record) for record in keyframes(database, scene, channel)]
        for start in range(0, len(records) - frames + 1, stride):
            clips.append(
                {
                    "start_token": records[start]["token"],
                    "scene_token": scene["token"],
                    "log_token": scene["log_token"],
                    "frames": records[start : start + frames],
                }
            )
    return clips


def _frame(database: Database, record: dict[str, Any]) -> dict[str, Any]:
    """Of a record of ``sample_data`` what an index holds, with the scene that its own sample is in."""
    found = {name: record[name] for name in ("token", "sample_token", "filename", "timestamp", "is_key_frame")}
    return {**found, "scene_token": database.get("sample", record["sample_token"])["scene_token"]}


def index_path(config: str | Path | Config) -> Path:
    """Where the index of a configuration is written."""
    return as_config(config).work / "clip_index.json"


def build_index(config: str | Path | Config, devkit: bool = False) -> ClipIndex:
    """Cut the clips of a configuration, generating the dataset first where need be, and write them to a JSON file."""
    config = as_config(config)
    dataroot = ensure_config(config)
    clips = config.clips
    settings = {
        "dataroot": str(dataroot),
        "version": config.data.version,
        "channel": clips.channel,
        "frames": clips.frames,
        "stride": clips.stride,
        "keyframes_only": True,
    }
    database = open_database(dataroot, config.data.version, devkit)
    index = ClipIndex(settings, cut(database, clips.channel, clips.frames, clips.stride))
    write_json(index_path(config), {"settings": index.settings, "clips": index.clips})
    return index


def load_index(path: str | Path) -> ClipIndex:
    """Read an index that ``build_index`` wrote."""
    raw = json.loads(Path(path).read_text(encoding="utf-8"))
    return ClipIndex(raw["settings"], raw["clips"])
