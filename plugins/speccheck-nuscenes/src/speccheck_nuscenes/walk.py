"""The walk over the keyframes of a channel, on the devkit's ``NuScenes`` object; nothing here imports the devkit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from speccheck.sdk import Finding, MeasurementError, Table
from speccheck_nuscenes.names import names_timestamp

Record = Mapping[str, Any]

FRAME_KINDS: dict[str, str] = {
    "sweeps_violations": "keyframes stored under sweeps/",
    "outside_samples": "keyframes stored under neither samples/ nor sweeps/",
    "timestamps_repeated": "frames with the timestamp of the frame before",
    "timestamps_backward": "frames earlier than the frame before",
    "filename_timestamps": "frames whose filename does not end in __TIMESTAMP.suffix with their timestamp",
}
"""Counted over the frames."""

SAMPLE_KINDS: dict[str, str] = {
    "not_keyframe": "records of the channel under samples/ that are not flagged as keyframe",
    "missing_frames": "samples without a keyframe of the channel",
    "several_frames": "samples with more than one keyframe of the channel",
    "other_scene": "samples that belong to another scene than the one walked; the walk ends there",
    "dangling_tokens": "first_sample_token and next that lead to no sample; the walk ends there",
    "circles": "walks that come back to a sample",
    "scene_mismatches": "scenes with another number of samples than nbr_samples, or another last sample than theirs",
}
"""Counted over the samples."""

KINDS = {**FRAME_KINDS, **SAMPLE_KINDS}


@dataclass
class Walk:
    """The findings of a walk over scenes; ``gaps`` are in µs, between frames of one scene."""

    most: int
    samples: int = 0
    frames: list[Record] = field(default_factory=list)
    per_scene: list[int] = field(default_factory=list)
    gaps: list[int] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    examples: list[tuple[str, str, str, str, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def violation(self, kind: str, scene: Record, record: Record, detail: str) -> None:
        """Count a violation, and keep it as an example unless there are enough of its kind."""
        self.counts[kind] += 1
        if self.counts[kind] > self.most:
            return
        name, token = str(scene.get("name", scene["token"])), str(record.get("token", ""))
        self.examples.append((kind, name, token, str(record.get("filename", "")), detail))
        self.findings.append(Finding(f"{kind}: {name}: {detail}", file=str(record.get("filename", "")), symbol=token))

    def tables(self, frames: int) -> dict[str, Table]:
        """Return the examples of violations, and the first frames walked."""
        shown = tuple((frame["token"], frame["filename"], frame["timestamp"]) for frame in self.frames[:frames])
        return {
            "examples": Table(("kind", "scene", "token", "filename", "detail"), tuple(self.examples), "Violations"),
            "frames": Table(("token", "filename", "timestamp"), shown, f"The first {len(shown)} frames"),
        }


def choose_scenes(nuscenes: Any, wanted: Sequence[int | str]) -> list[Record]:
    """Return scenes by name, token or number, all if none is wanted; MeasurementError for an unknown one."""
    scenes: list[Record] = list(nuscenes.scene)
    if not scenes:
        raise MeasurementError("the data set is without scenes")
    if not wanted:
        return scenes
    known: dict[int | str, Record] = dict(enumerate(scenes))
    for scene in scenes:
        known |= {scene["token"]: scene, scene.get("name", scene["token"]): scene}
    for name in wanted:
        if name not in known:
            raise MeasurementError(f"scene {name!r} is not among the {len(scenes)} scenes")
    return [known[name] for name in wanted]


def walk_channel(nuscenes: Any, scenes: Sequence[Record], channel: str, most_frames: int | None, most: int) -> Walk:
    """Walk the scenes; MeasurementError for a channel that no sensor has."""
    channels = sorted({sensor["channel"] for sensor in nuscenes.sensor})
    if channel not in channels:
        raise MeasurementError(f"no sensor has the channel {channel}; choose one of {', '.join(channels)}")
    records: dict[str, list[Record]] = {}
    for record in nuscenes.sample_data:
        if record["channel"] == channel and (record["is_key_frame"] or record["filename"].startswith("samples/")):
            records.setdefault(record["sample_token"], []).append(record)
    walk = Walk(most, counts=dict.fromkeys(KINDS, 0))
    for scene in scenes:
        samples = _walk_scene(nuscenes, scene, most_frames, walk)
        frames = [frame for sample in samples if (frame := _frame(nuscenes, scene, sample, channel, records, walk))]
        for frame in frames:
            _look_at(frame, scene, walk)
        for before, after in pairwise(frames):
            _compare(before, after, scene, walk)
        walk.samples += len(samples)
        walk.frames += frames
        walk.per_scene.append(len(frames))
    if not walk.samples:
        walk.counts = {kind: count for kind, count in walk.counts.items() if count}
    return walk


def _walk_scene(nuscenes: Any, scene: Record, most_frames: int | None, walk: Walk) -> list[Record]:
    """The samples of a scene in the order of ``next``, up to the first that cannot be its own."""
    samples: list[Record] = []
    seen: set[str] = set()
    token, before = scene["first_sample_token"], scene
    while token and (most_frames is None or len(samples) < most_frames):
        try:
            sample: Record = nuscenes.get("sample", token)
        except KeyError:
            walk.violation("dangling_tokens", scene, before, f"the next sample, {token}, is absent")
            return samples
        if token in seen:
            walk.violation("circles", scene, before, f"the next sample, {token}, was walked before")
            return samples
        if sample.get("scene_token", scene["token"]) != scene["token"]:
            walk.violation("other_scene", scene, before, f"the next sample, {token}, belongs to another scene")
            return samples
        seen.add(token)
        samples.append(sample)
        before, token = sample, sample["next"]
    if not token:
        _end(scene, samples, walk)
    return samples


def _end(scene: Record, samples: Sequence[Record], walk: Walk) -> None:
    """Compare a complete walk with the length and the last sample that the scene states."""
    count = scene.get("nbr_samples", len(samples))
    last = samples[-1]["token"] if samples else ""
    if count != len(samples):
        walk.violation("scene_mismatches", scene, scene, f"nbr_samples is {count}, {len(samples)} walked")
    elif scene.get("last_sample_token", last) != last:
        walk.violation("scene_mismatches", scene, scene, "its last sample is not that at the end of the walk")


def _frame(
    nuscenes: Any, scene: Record, sample: Record, channel: str, records: Mapping[str, Sequence[Record]], walk: Walk
) -> Record | None:
    """The frame that the devkit gives for the sample, or None."""
    of_sample = records.get(sample["token"], ())
    flagged = [record for record in of_sample if record["is_key_frame"]]
    for record in of_sample:
        if not record["is_key_frame"]:
            walk.violation("not_keyframe", scene, record, "under samples/ and not flagged as keyframe")
    if not flagged:
        walk.violation("missing_frames", scene, sample, f"no keyframe of {channel}")
    if len(flagged) > 1:
        walk.violation("several_frames", scene, sample, f"{len(flagged)} keyframes of {channel}")
    token = sample["data"].get(channel)
    if token is None:
        return None
    frame: Record = nuscenes.get("sample_data", token)
    return frame


def _look_at(frame: Record, scene: Record, walk: Walk) -> None:
    filename = frame["filename"]
    if filename.startswith("sweeps/"):
        walk.violation("sweeps_violations", scene, frame, "a keyframe stored under sweeps/")
    elif not filename.startswith("samples/"):
        walk.violation("outside_samples", scene, frame, "a keyframe that is not stored under samples/")
    if not names_timestamp(filename, frame["timestamp"]):
        detail = f"its timestamp is {frame['timestamp']}, its filename has another or none"
        walk.violation("filename_timestamps", scene, frame, detail)


def _compare(before: Record, after: Record, scene: Record, walk: Walk) -> None:
    gap = after["timestamp"] - before["timestamp"]
    walk.gaps.append(gap)
    if gap == 0:
        walk.violation("timestamps_repeated", scene, after, "it has the timestamp of the frame before it")
    elif gap < 0:
        walk.violation("timestamps_backward", scene, after, f"it is {-gap} µs earlier than the frame before it")
