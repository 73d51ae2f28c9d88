"""The entries whose outcome each fault of the probe must change in its audit, and to what."""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).parents[2]
SPEC = ROOT / "specs" / "day7_probe.yaml"
SEEDS = range(1, 9)


def _each(entry: str, outcome: str = "failed") -> dict[str, str]:
    return {f"{entry}[seed={seed}]": outcome for seed in SEEDS}


_REPLAYED = ("pretraining-replayed[seed=1]", "pretraining-replayed[seed=8]")
_FEATURES = "features[seed=8]"

_PRETRAINED = (
    *_REPLAYED,
    _FEATURES,
    "encoders",
    "seeds-differ",
    "untrained",
    *_each("labels-used"),
    "tiny-overfit",
    "shuffled",
    "repeatable",
    "poolings",
    "trivial",
    "grid",
    "gate",
    "gate-by-mean",
    "ablation",
    "first-row",
    "scores",
    "scores-vary",
    *_each("pretraining-split"),
)
"""Entries that need checkpoints."""

FAULTS: dict[str, dict[str, str]] = {
    "clip_split": {
        **_each("split"),
        **_each("pretraining-split"),  # pretraining kept to its own split
        **dict.fromkeys(_REPLAYED, "failed"),
        "split-pictures": "failed",
        **_each("held-out"),
        "gate": "failed",  # a random encoder does as well where scenes leak
    },
    "labels_off_by_one": {
        **dict.fromkeys(("labels", "targets", "alignment", "scores"), "failed"),
        **_each("labels-used"),
    },
    "eval_on_train": {
        "targets": "failed",
        "targets-differ": "failed",
        "first-row": "failed",
        "scores": "failed",
        **_each("held-out"),
        "gate": "failed",
        "gate-by-mean": "failed",
    },
    # Its gate holds by more than it should: the model saw scenes that are held out.
    "one_checkpoint": dict.fromkeys((_FEATURES, "encoders", "seeds-differ"), "failed"),
    "shuffle_nothing": {"shuffled": "failed"},
    "same_pooling": {"poolings": "failed", "grid": "failed"},
    "missing_checkpoint": {"checkpoints": "failed", "pretraining": "blocked", **dict.fromkeys(_PRETRAINED, "blocked")},
    # The mean alone does not notice this fault: gate-by-mean is not here.
    "random_encoder": dict.fromkeys((_FEATURES, "encoders", "shuffled", "trivial", "first-row", "gate"), "failed"),
}
"""By module of examples/video_ssl/broken that takes the place of the study."""

OVERRIDES: dict[str, dict[str, str]] = {
    "subjects.config.args={path: '${vars.config}', dataroot: '${vars.dataroot}', work: '${vars.work}', "
    "probe: {seeds: [1, 2]}}": {
        "settings": "failed",
        "checkpoints": "failed",
        "pretraining": "blocked",
        **dict.fromkeys(_PRETRAINED, "blocked"),
    },
    "subjects.losses.expr=\"{'seed ' + str(seed): load_checkpoint(seed)['losses'][:150] for seed in range(1, 9)}\"": {
        "pretraining": "failed"
    },
    "subjects.losses.expr=\"{f'seed {seed}': sorted(load_checkpoint(seed)['losses'], reverse=True) "
    'for seed in range(1, 9)}"': dict.fromkeys(_REPLAYED, "failed"),
    "subjects.random.expr=\"study.features('pretrained', 1, 'mean_all')\"": {
        "untrained": "failed",
        "scores": "failed",
    },
    "subjects.tiny_probe.expr=\"train_probe(pretrained[tiny], truth[tiny].roll(1, 0), 'adamw', config.probe, 1)\"": {
        "tiny-overfit": "failed"
    },
    "checks.repeatable.with.call={function: 'broken.unseeded_probe:fit', args: [$study, 2]}": {"repeatable": "failed"},
    "subjects.ablation.target=broken.stale_ablation:ablation\n"
    "checks.scores-vary.with.rows={expr: \"[{**row, 'pre_bestF1': 0.6803} for row in rows]\"}\n"
    "subjects.first_row.expr=\"{**rows[0], 'pre_mAP': 0.4, 'prevalence_mAP': 0.2}\"": {
        "ablation": "failed",
        "first-row": "failed",
        "scores": "failed",
        "scores-vary": "failed",
    },
    # The time of the sample, which is that of the lidar.
    "subjects.alignment.expr=\"[{**row, 'timestamp': row['timestamp'] + 35_000} for row in study.alignment()]\"": {
        "alignment": "failed"
    },
    'subjects.alignment.expr="study.alignment(9)"': {"alignment": "failed", "alignment-samples": "failed"},
}
"""By --set, one to a line: faults of other parts."""
