"""``audio: clip.wav``: a sound file as :class:`speccheck.sdk.Audio`, at its own rate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.sdk import Audio, BuildContext, Loader, SubjectError
from speccheck.sdk.loading import PATH
from speccheck.sdk.sounds import cut_off
from speccheck.subjects.loader_support import file_at, require, unreadable


def load(definition: Mapping[str, Any], context: BuildContext) -> Audio:
    """Return the samples, float32 [channels, frames]; integer formats are scaled by full scale to -1..1.

    SubjectError for a file that was cut off, of which only the beginning could be read.
    """
    path = file_at(definition["audio"], context)
    soundfile, torch = require("soundfile", "media"), require("torch", "media")
    try:
        with soundfile.SoundFile(str(path)) as sound:
            declared, rate = sound.frames, sound.samplerate
            samples = sound.read(dtype="float32", always_2d=True)
        lost = cut_off(path) or (f"{len(samples)} frames of {declared}" if len(samples) < declared else "")
    except (RuntimeError, OSError) as error:  # soundfile.LibsndfileError is a RuntimeError
        raise unreadable(path, "audio", error) from error
    if lost:
        raise SubjectError(f"{path} was cut off: it holds {lost}")
    return Audio(torch.from_numpy(samples.T.copy()), int(rate))


loader = Loader(
    name="audio", load=load, schema=PATH, doc="A sound file: samples float32 [channels, frames] and the rate in Hz."
)
