"""``audio: clip.wav``: a sound file as :class:`speccheck.sdk.Audio`, at its own rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import Audio, BuildContext, Loader
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import file_at, require, unreadable


def load(definition: Mapping[str, Any], context: BuildContext) -> Audio:
    """Return the samples, float32 [channels, frames]; integer formats are scaled by full scale to -1..1."""
    path = file_at(definition["audio"], context)
    soundfile, torch = require("soundfile", "media"), require("torch", "media")
    try:
        samples, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except (RuntimeError, OSError) as error:  # soundfile.LibsndfileError is a RuntimeError
        raise unreadable(path, "audio", error) from error
    return Audio(torch.from_numpy(samples.T.copy()), int(rate))


loader = Loader(
    name="audio", load=load, schema=PATH, doc="A sound file: samples float32 [channels, frames] and the rate in Hz."
)
