"""Splits of an index into clips to train on and clips to validate on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import torch

from video_ssl.index import Clip, ClipIndex

By = Literal["scene", "log", "clip"]


@dataclass(frozen=True)
class Split:
    """Numbers of clips in the index, in order."""

    train: list[int]
    val: list[int]

    def records(self, index: ClipIndex) -> dict[str, list[Clip]]:
        """The clips of both parts, as the index has them."""
        return {name: [index.clips[number] for number in getattr(self, name)] for name in ("train", "val")}


def split(index: ClipIndex, by: By = "scene", seed: int = 0, val_share: float = 0.4) -> Split:
    """Hold out about ``val_share`` of the scenes, or logs, with all their clips, or of the clips.

    A split by clip leaks: neighbouring clips share all but one of their frames. ValueError where a part is empty.
    """
    key = {"scene": "scene_token", "log": "log_token", "clip": "start_token"}[by]
    groups = list(dict.fromkeys(clip[key] for clip in index.clips))
    order = torch.randperm(len(groups), generator=torch.Generator().manual_seed(seed)).tolist()
    held = {groups[number] for number in order[: round(val_share * len(groups))]}
    numbers = range(len(index.clips))
    parts = Split(
        train=[number for number in numbers if index.clips[number][key] not in held],
        val=[number for number in numbers if index.clips[number][key] in held],
    )
    if not parts.train or not parts.val:
        raise ValueError(f"{len(groups)} groups by {by} leave nothing for one part of the split")
    return parts
