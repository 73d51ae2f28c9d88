"""What each fault of data and code must do to the audit of days 0 to 6: the entries whose outcome changes, and to what.

A data set of ten scenes stands for the one of forty: nothing here depends on how many there are.
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
    "clip-index-file",
    "clip-index-settings",
    "dataset",
    "pixels",
    "colours",
    "tubelets",
    "tubelets-in-place",
    "forward",
    "depends",
    "gradients",
    "update",
    "steps",
    "overfit",
    "recorder-modules",
    "recorder",
    "latent-spread",
)
"""Entries that need the clip index."""

FAILED_BY_NO_LEARNING = dict.fromkeys(("gradients", "update", "steps", "overfit"), "failed")

DATA: dict[str, dict[str, str]] = {
    "missing_file": {"tables": "failed", "clip-index": "failed", "steps": "error"},
    "truncated_jpeg": {"tables": "failed", "clip-index": "failed", "steps": "error"},
    "duplicate_timestamp": dict.fromkeys(("tables", "keyframes", "clip-index"), "failed"),
    "reversed_pair": dict.fromkeys(("tables", "keyframes", "clip-index"), "failed"),
    "keyframe_under_sweeps": dict.fromkeys(("tables", "keyframes"), "failed"),
    "sweep_flagged": dict.fromkeys(("tables", "keyframes"), "failed"),
    "dangling_token": {"tables": "failed", "keyframes": "failed", **dict.fromkeys(INDEXED, "error")},
    "next_into_other_scene": dict.fromkeys(("tables", "keyframes", "clip-index"), "failed"),
    "wrong_sample_token": {"tables": "failed", "keyframes": "failed", **dict.fromkeys(INDEXED, "error")},
}
"""By fault of examples/video_ssl/broken/datasets.py. Training reads every frame, so a bad file stops `steps`."""

CODE: dict[str, dict[str, str]] = {
    "range_255": {"dataset": "failed", "pixels": "failed"},
    "normalised_twice": {"dataset": "failed", "pixels": "failed"},
    "bgr": {"pixels": "failed"},
    "token_permutation": {"tubelets-in-place": "failed"},
    "exchanged_t_p": {"tubelets-in-place": "failed"},
    "free_mask": {"mask-seeded": "failed", "steps": "failed"},
    "loss_over_all": {"masked-loss": "failed"},
    "frozen_encoder": FAILED_BY_NO_LEARNING,
    "detached_loss": FAILED_BY_NO_LEARNING,
    "dropout_on": dict.fromkeys(("forward", "depends", "recorder"), "failed"),
    "wrong_module": {"recorder": "failed"},
    "nan_at_step_3": {"steps": "failed"},
}
"""By module of examples/video_ssl/broken that takes the place of the pipeline."""

OVERRIDES: dict[str, dict[str, str]] = {
    "vars.dataroot=${vars.work}/absent\nvars.generate=false": {
        "data": "failed",
        **dict.fromkeys(("tables", "keyframes", *INDEXED), "blocked"),
    },
    "subjects.config.args={path: '${vars.config}', dataroot: '${vars.dataroot}', work: '${vars.work}', "
    "clips: {stride: 2}}": {"settings": "failed", "clip-index": "failed"},
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
