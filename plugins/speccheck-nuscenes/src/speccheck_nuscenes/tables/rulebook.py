"""All rules of the tables, each with what it counts and the tables without which it cannot look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from speccheck_nuscenes.tables.database import Database
from speccheck_nuscenes.tables.ledger import Ledger
from speccheck_nuscenes.tables.rules import (
    annotation_instance,
    annotation_scene,
    cells,
    chains,
    data_group,
    data_scene,
    data_sensor,
    ends,
    paths,
    sample_scene,
    samples_forward,
    symmetry,
    times,
    tokens,
    within,
)


@dataclass(frozen=True)
class Rule:
    """A rule: the kinds it counts, the tables without which it cannot look, and the function that does."""

    kinds: tuple[str, ...]
    needs: tuple[str, ...]
    apply: Callable[[Database, Ledger], None]


def apply_rules(database: Database, ledger: Ledger) -> None:
    """Apply every rule that can be; the kinds of the others are unknown."""
    for rule in RULES:
        if database.has(*rule.needs):
            rule.apply(database, ledger)
        else:
            ledger.unknown.update(rule.kinds)


_TIMES = ("timestamps_repeated", "timestamps_backward")
_SENSED = ("sample_data", "sample", "calibrated_sensor", "sensor", "scene")

RULES: tuple[Rule, ...] = (
    Rule(("duplicate_tokens", "dangling_tokens"), (), tokens),
    *(Rule(("asymmetric_links",), (name,), symmetry(name)) for name in ("sample", "sample_data", "sample_annotation")),
    Rule(("broken_chains",), ("sample", "scene"), chains("sample", sample_scene, "scene")),
    Rule(("broken_chains",), _SENSED, chains("sample_data", data_group, "scene and channel")),
    Rule(
        ("broken_chains",),
        ("sample_annotation", "instance"),
        chains("sample_annotation", annotation_instance, "instance"),
    ),
    *(Rule(_TIMES, (name,), times(name)) for name in ("sample", "sample_data")),
    Rule(
        ("links_to_other_scene",),
        ("sample", "scene"),
        within("links_to_other_scene", "sample", sample_scene, "scene"),
    ),
    Rule(("links_to_other_scene",), _SENSED, within("links_to_other_scene", "sample_data", data_scene, "scene")),
    Rule(
        ("links_to_other_scene",),
        ("sample_annotation", "sample", "scene"),
        within("links_to_other_scene", "sample_annotation", annotation_scene, "scene"),
    ),
    Rule(("links_to_other_sensor",), _SENSED, within("links_to_other_sensor", "sample_data", data_sensor, "channel")),
    Rule(
        ("links_to_other_instance",),
        ("sample_annotation", "instance"),
        within("links_to_other_instance", "sample_annotation", annotation_instance, "instance"),
    ),
    Rule(("samples_backward",), ("sample_data", "sample"), samples_forward),
    Rule(("keyframes_outside_samples", "samples_not_keyframe", "filename_timestamps"), ("sample_data",), paths),
    Rule(("several_keyframes", "missing_keyframes"), _SENSED, cells),
    Rule(
        ("scene_mismatches",),
        ("scene", "sample"),
        ends(
            "scene_mismatches",
            "scene",
            "sample",
            ("scene_token", "first_sample_token", "last_sample_token", "nbr_samples"),
        ),
    ),
    Rule(
        ("instance_mismatches",),
        ("instance", "sample_annotation"),
        ends(
            "instance_mismatches",
            "instance",
            "sample_annotation",
            ("instance_token", "first_annotation_token", "last_annotation_token", "nbr_annotations"),
        ),
    ),
)
