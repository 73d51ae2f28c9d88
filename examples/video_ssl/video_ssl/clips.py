"""Clips as tensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset

from video_ssl.index import ClipIndex


def read_frame(path: Path, height: int, width: int, shrink: int = 1) -> Tensor:
    """A picture -> uint8[3,height/shrink,width/shrink], red first.

    Resized to ``height`` by ``width`` pixels unless it has that size, then reduced by means over squares of ``shrink``
    pixels. OSError for a file that is missing or truncated.
    """
    with Image.open(path) as image:
        picture = image.convert("RGB")
    if picture.size != (width, height):
        picture = picture.resize((width, height), Image.Resampling.BICUBIC)
    if shrink > 1:
        picture = picture.reduce(shrink)
    return torch.from_numpy(np.array(picture)).permute(2, 0, 1).contiguous()


class ClipDataset(Dataset[dict[str, Any]]):
    """An item has ``video`` float32[T,3,height,width] in [0,1], red first, and the index's data of the clip."""

    def __init__(self, index: ClipIndex, dataroot: str | Path, height: int = 360, width: int = 640) -> None:
        self.index = index
        self.dataroot = Path(dataroot)
        self.height = height
        self.width = width

    def __len__(self) -> int:
        return len(self.index.clips)

    def __getitem__(self, number: int) -> dict[str, Any]:
        """The clip of that number; IndexError beyond the last."""
        return {"video": self.video(number), **self.record(number)}

    def video(self, number: int) -> Tensor:
        """float32[T,3,height,width] in [0,1]."""
        frames = [self.read(frame["filename"]) for frame in self.index.clips[number]["frames"]]
        return torch.stack(frames).float() / 255

    def read(self, filename: str) -> Tensor:
        """uint8[3,height,width] of a file of the dataset."""
        return read_frame(self.dataroot / filename, self.height, self.width)

    def record(self, number: int) -> dict[str, Any]:
        """The index's data: tokens and files of the frames, their times in µs, the scene."""
        clip = self.index.clips[number]
        frames = clip["frames"]
        return {
            "clip": number,
            "start_token": clip["start_token"],
            "scene_token": clip["scene_token"],
            "log_token": clip["log_token"],
            "tokens": [frame["token"] for frame in frames],
            "sample_tokens": [frame["sample_token"] for frame in frames],
            "filenames": [frame["filename"] for frame in frames],
            "timestamps": [frame["timestamp"] for frame in frames],
        }


class SmallClips:
    """All clips of an index, reduced by means over squares of ``shrink`` pixels, and held in memory."""

    def __init__(self, dataset: ClipDataset, shrink: int) -> None:
        names = sorted({frame["filename"] for clip in dataset.index.clips for frame in clip["frames"]})
        place = {name: number for number, name in enumerate(names)}
        size = dataset.height, dataset.width
        self._frames = torch.stack([read_frame(dataset.dataroot / name, *size, shrink) for name in names])
        rows = [[place[frame["filename"]] for frame in clip["frames"]] for clip in dataset.index.clips]
        self._rows = torch.tensor(rows)

    def __len__(self) -> int:
        return len(self._rows)

    def clips(self, numbers: Sequence[int] | Tensor) -> Tensor:
        """float32[B,T,3,height/shrink,width/shrink] in [0,1]."""
        return self._frames[self._rows[torch.as_tensor(numbers)]].float() / 255

    def windows(self, numbers: Tensor, tops: Tensor, lefts: Tensor, height: int, width: int) -> Tensor:
        """float32[B,T,3,height,width] in [0,1]: of each clip the part whose corner is given, in its own pixels."""
        places = zip(self._rows[numbers], tops.tolist(), lefts.tolist(), strict=True)
        parts = [self._frames[rows, :, top : top + height, left : left + width] for rows, top, left in places]
        return torch.stack(parts).float() / 255
