"""Costly pure functions of examples/video_ssl, and the content that each of them depends on (see support.memo)."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

from support.memo import Memo

MADE = frozenset({"config", "dataroot", "database", "index", "dataset", "small"})
"""The attributes that a pipeline sets itself; one with others was changed from outside."""


def _frame(path: Path, height: int, width: int, shrink: int = 1) -> bytes | None:
    """``clips.read_frame``: the file's bytes and the sizes."""
    return pickle.dumps((path.read_bytes(), height, width, shrink)) if path.is_file() else None


def _features(model: Any, pipeline: Any) -> bytes | None:
    """``probe.features``: weights, configuration, and all frames as training sees them."""
    own = (type(model).__module__, type(pipeline).__module__) == ("video_ssl.model", "video_ssl.pipeline")
    if not own or not set(vars(pipeline)) <= MADE or {"forward", "latent"} & set(vars(model)):
        return None
    model.eval()  # as the function leaves it
    weights = {name: value.numpy().tobytes() for name, value in model.state_dict().items()}
    small = pipeline.small
    frames = small._frames.numpy().tobytes(), small._rows.tolist(), type(small).__qualname__
    return pickle.dumps((repr(pipeline.config), weights, frames))


def _probe(values: Any, truth: Any, optimizer: str, settings: Any, seed: int = 0) -> bytes:
    """``probe.train_probe``: features, labels, settings and seed."""
    tensors = [(tuple(value.shape), str(value.dtype), value.numpy().tobytes()) for value in (values, truth)]
    return pickle.dumps((tensors, optimizer, repr(settings), seed))


def shared_parts() -> Memo:
    """A memo of these functions, for the runs of one auditor."""
    return Memo(
        {"video_ssl.clips": {"read_frame": _frame}, "video_ssl.probe": {"features": _features, "train_probe": _probe}}
    )
