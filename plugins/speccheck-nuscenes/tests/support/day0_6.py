"""The entries whose outcome each fault of data and code must change in the audit of days 0 to 6, and to what.

The data set has ten scenes in place of forty: nothing here depends on their number.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[4]
SPEC = ROOT / "specs" / "day0_6.yaml"
EXAMPLE = ROOT / "examples" / "video_ssl"
SCENES = 10

INDEXED = (
    "clip-index",
    "clip-index-frames",
    "clip-index-complete",
    "clip-index-file",
    "clip-index-settings",
    "dataset",
    "pixels",
    "clip-pixels",
    "frames-differ",
    "training-sees",
    "colours",
    "tubelets",
    "tubelets-in-place",
    "token-order",
    "forward",
    "depends",
    "positions",
    "gradients",
    "update",
    "steps",
    "training-loss",
    "resume",
    "overfit",
    "recorder-modules",
    "recorder",
    "latent-spread",
)
"""Entries that need the clip index."""

BAD_FILE = {
    "tables": "failed",
    "clip-index": "failed",
    **dict.fromkeys(("training-sees", "steps", "training-loss", "resume"), "error"),
}
"""Training reads every frame."""

FAILED_BY_NO_LEARNING = dict.fromkeys(("gradients", "update", "steps", "overfit"), "failed")

DATA: dict[str, dict[str, str]] = {
    "missing_file": BAD_FILE,
    "truncated_jpeg": BAD_FILE,
    "duplicate_timestamp": dict.fromkeys(("tables", "keyframes", "clip-index"), "failed"),
    "reversed_pair": dict.fromkeys(("tables", "keyframes", "clip-index", "clip-index-complete"), "failed"),
    "keyframe_under_sweeps": dict.fromkeys(("tables", "keyframes"), "failed"),
    "sweep_flagged": dict.fromkeys(("tables", "keyframes", "clip-index-complete"), "failed"),
    "dangling_token": {"tables": "failed", "keyframes": "failed", **dict.fromkeys(INDEXED, "error")},
    "next_into_other_scene": dict.fromkeys(("tables", "keyframes", "clip-index", "clip-index-complete"), "failed"),
    "wrong_sample_token": {"tables": "failed", "keyframes": "failed", **dict.fromkeys(INDEXED, "error")},
}
"""By fault of examples/video_ssl/broken/datasets.py."""

CODE: dict[str, dict[str, str]] = {
    "range_255": dict.fromkeys(("dataset", "pixels", "clip-pixels", "training-sees"), "failed"),
    "normalised_twice": dict.fromkeys(("dataset", "pixels", "clip-pixels", "training-sees", "latent-spread"), "failed"),
    "bgr": dict.fromkeys(("pixels", "clip-pixels", "training-sees"), "failed"),
    "token_permutation": {"tubelets-in-place": "failed", "token-order": "failed"},
    "exchanged_t_p": {"tubelets-in-place": "failed", "token-order": "failed"},
    "free_mask": dict.fromkeys(("mask-seeded", "steps", "resume"), "failed"),
    "loss_over_all": {"masked-loss": "failed"},
    "loss_of_first_clip": {"masked-loss": "failed"},
    "timestamps_in_ms": dict.fromkeys(("clip-index", "clip-index-frames", "clip-index-file"), "failed"),
    "dropped_clips": dict.fromkeys(("clip-index", "clip-index-complete", "clip-index-file"), "failed"),
    "frames_reversed": {"clip-pixels": "failed", "training-sees": "failed"},
    "small_off_by_one": {"training-sees": "failed"},
    "colours_first": {"token-order": "failed"},
    "no_positions": {"positions": "failed"},
    "loss_over_all_in_training": {"training-loss": "failed"},
    "gradients_kept": {"resume": "failed"},
    "frozen_encoder": FAILED_BY_NO_LEARNING,
    "detached_loss": {"masked-loss": "failed", **FAILED_BY_NO_LEARNING},
    "dropout_on": dict.fromkeys(("forward", "depends", "training-loss", "recorder"), "failed"),
    "wrong_module": {"recorder": "failed"},
    "nan_at_step_3": {"steps": "failed", "resume": "failed"},
}
"""By module of examples/video_ssl/broken that takes the place of the pipeline."""

OVERRIDES: dict[str, dict[str, str]] = {
    "vars.dataroot=${vars.work}/absent\nvars.generate=false": {
        "data": "failed",
        **dict.fromkeys(("tables", "keyframes", *INDEXED), "blocked"),
    },
    "subjects.config.args={path: '${vars.config}', dataroot: '${vars.dataroot}', work: '${vars.work}', "
    "clips: {stride: 2}}": dict.fromkeys(
        ("settings", "clip-index", "clip-index-frames", "clip-index-complete"), "failed"
    ),
    'subjects.stored_index.args=[{expr: \'pipeline.index_file.read_text().replace("samples/", "sweeps/")\'}]': {
        "clip-index-file": "failed"
    },
    'subjects.stored_index.args=[{expr: \'pipeline.index_file.read_text().replace("CAM_FRONT", "CAM_BACK")\'}]': {
        "clip-index-file": "failed",
        "clip-index-settings": "failed",
    },
    "subjects.pixels.expr=\"torch.from_numpy(np.array(picture.convert('L').convert('RGB'))).permute(2, 0, 1) / 255\"": {
        "pixels": "failed",
        "colours": "failed",
    },
    "subjects.middle_pixels.expr=\"first['video'][:1].expand(8, -1, -1, -1)\"": {
        "clip-pixels": "failed",
        "frames-differ": "failed",
    },
    "checks.tubelets.with.encode={function: broken.exchanged_t_p:tubeletify}": {"tubelets": "failed"},
    'subjects.mask.expr="torch.rand(2, 576) < 0.5"': {"mask-count": "failed"},
    "subjects.trainer={target: 'broken.warning_trainer:make', args: [$pipeline]}": {"steps": "failed"},
    'subjects.recorded.expr="dict(list(pipeline.record(evaluated, tokens, mask).items())[:2])"': {
        "recorder-modules": "failed",
        "recorder": "error",
    },
    'subjects.latent.expr="evaluated.latent(tokens, mask).detach().mean((0, 1), keepdim=True).expand(2, 576, -1)"': {
        "recorder": "failed",
        "latent-spread": "failed",
    },
}
"""By --set, one to a line: faults of other parts."""


def small_config(folder: Path) -> Path:
    """The example's configuration with fewer scenes, in a file in ``folder``."""
    config: dict[str, Any] = yaml.safe_load((EXAMPLE / "video_ssl.yaml").read_text("utf-8"))
    config["data"]["scenes"] = SCENES
    path = folder / "small.yaml"
    path.write_text(yaml.safe_dump(config), "utf-8")
    return path


def always(folder: Path) -> tuple[str, ...]:
    """Overrides of every run: the small configuration, and everything that is made below ``folder``."""
    return (f"vars.config={small_config(folder)}", f"vars.work={folder / 'work'}")


def broken_copy(fault: str, original: Path, copy: Path) -> Path:
    """``broken.datasets.broken_copy`` of the example."""
    sys.path.insert(0, str(EXAMPLE))
    try:
        from broken import datasets
    finally:
        sys.path.remove(str(EXAMPLE))
    return datasets.broken_copy(fault, original, copy)
