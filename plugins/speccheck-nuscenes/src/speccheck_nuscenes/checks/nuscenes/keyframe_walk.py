"""Keyframe walk of a camera channel: frames of a clip that are not the keyframes of their scene.

Walks each scene from its first sample by `sample.next` (the chain of `sample_data` leads through the sweeps) and takes
the frame that the devkit gives for the channel, `sample['data'][channel]`. Measures how many frames and the gaps
between them, and counts: files under `samples/` that are not flagged as keyframe, keyframes stored under `sweeps/` or
elsewhere, samples without a frame or with several, timestamps that repeat or go back, timestamps in filenames that are
not the record's, samples of another scene, tokens that lead nowhere, walks that run in a circle or do not end where the
scene states. All violations are counted, and the first `examples` of each kind shown.

It matters because each of these gives clips that train without an error: flag and path must both be tested, since a
sweep flagged as keyframe takes the keyframe's place in `sample['data']`. Gaps are near 500,000 µs and seldom exactly
that, so they are measured and not counted.

It cannot see whether the files are there or what they show; `nuscenes.tables` looks at the files, and at the tables as
a whole. Where no frame is found, what is counted over frames is absent.

```yaml
subjects:
  nusc: {nuscenes: {dataroot: "${vars.dataroot}", version: v1.0-mini}}
checks:
  - id: keyframes
    check: nuscenes.keyframe_walk
    with: {nuscenes: $nusc, channel: CAM_FRONT, scenes: [scene-0061]}
    expect:
      frames: {min: 38}
      violations: 0
      sweeps_violations: 0
      gap_us.min: {min: 400000}
      gap_us.max: {max: 600000}
```
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Live, Metric, param
from speccheck_nuscenes.walk import FRAME_KINDS, KINDS, choose_scenes, walk_channel


@dataclass(frozen=True)
class Params:
    """The data set, the channel, the scenes, and the length of the walk."""

    nuscenes: Live[Any] = param("the data set: a `nuscenes` subject")
    channel: str = param("channel of the sensor", default="CAM_FRONT", min_length=1)
    scenes: tuple[int | str, ...] = param("names, tokens or numbers (from 0) of scenes; all when left out", default=())
    most_frames: int | None = param("samples walked of each scene at most; all when left out", default=None, min=1)
    examples: int = param("violations of each kind, and frames, that are shown", default=5, min=0)


_NO_FRAME = "no frame is found"
_NO_GAP = "no scene has two frames"
_NO_SAMPLE = "no sample is found"

METRICS: Mapping[str, Metric] = {
    "scenes": Metric(kind="number", min=0, unit="scenes", doc="scenes walked"),
    "scene_names": Metric(kind="list", of="text", doc="their names, in the order walked"),
    "samples": Metric(kind="number", min=0, unit="samples", doc="samples walked"),
    "frames": Metric(kind="number", min=0, unit="frames", doc="frames found"),
    "frames_per_scene.min": Metric(kind="number", min=0, unit="frames", doc="frames of the scene that has the fewest"),
    "frames_per_scene.max": Metric(kind="number", min=0, unit="frames", doc="frames of the scene that has the most"),
    "first_token": Metric(kind="text", doc="token of the first frame", optional=_NO_FRAME),
    "violations": Metric(kind="number", min=0, doc="violations of all kinds together", optional=_NO_FRAME),
    **{
        kind: Metric(kind="number", min=0, doc=doc, optional=_NO_FRAME if kind in FRAME_KINDS else _NO_SAMPLE)
        for kind, doc in KINDS.items()
    },
    "gap_us.min": Metric(kind="number", unit="µs", doc="smallest gap between frames of a scene", optional=_NO_GAP),
    "gap_us.mean": Metric(kind="number", unit="µs", doc="mean gap between frames of a scene", optional=_NO_GAP),
    "gap_us.max": Metric(kind="number", unit="µs", doc="largest gap between frames of a scene", optional=_NO_GAP),
}


def measure(params: Params, context: Context) -> Evidence:
    """Walk every chosen scene to its end, or to `most_frames`. MeasurementError for an unknown scene or channel."""
    scenes = choose_scenes(params.nuscenes, params.scenes)
    walk = walk_channel(params.nuscenes, scenes, params.channel, params.most_frames, params.examples)
    metrics: dict[str, Any] = {
        "scenes": len(scenes),
        "scene_names": [str(scene.get("name", scene["token"])) for scene in scenes],
        "samples": walk.samples,
        "frames": len(walk.frames),
        "frames_per_scene": {"min": min(walk.per_scene), "max": max(walk.per_scene)},
        **{kind: count for kind, count in walk.counts.items() if walk.frames or kind not in FRAME_KINDS},
    }
    if walk.frames:
        metrics |= {"violations": sum(walk.counts.values()), "first_token": walk.frames[0]["token"]}
    if walk.gaps:
        metrics["gap_us"] = {
            "min": min(walk.gaps),
            "mean": sum(walk.gaps) / len(walk.gaps),
            "max": max(walk.gaps),
        }
    return Evidence(metrics, tables=walk.tables(params.examples), findings=tuple(walk.findings))


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
