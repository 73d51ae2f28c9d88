"""Fault: the probe starts from weights that nobody seeded, so that two trainings give two probes."""

from __future__ import annotations

import secrets
from typing import Any

from video_ssl.probe import Study, train_probe
from video_ssl.scores import mean_average_precision


def fit(study: Study, seed: int) -> dict[str, Any]:
    """The scores of ``Study.fit`` with its default pooling and optimizer, after other steps each time."""
    parts, values, truth = study.split(seed), study.features("pretrained", seed), study.labels()
    probe = train_probe(
        values[parts.train], truth[parts.train], "adamw", study.config.probe, seed=secrets.randbelow(2**31)
    )
    return {name: mean_average_precision(probe(values[rows]), truth[rows]) for name, rows in vars(parts).items()}
