"""The table of means above the table of runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def ablation(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A row for every pooling and optimizer: the means over its seeds."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault((row["pooling"], row["optimizer"]), []).append(row)
    names = {"pre_mean": "pre_mAP", "rand_mean": "rand_mAP", "delta_mean": "delta_mAP"}
    return [
        {"pooling": pooling, "optimizer": optimizer}
        | {mean: sum(row[column] for row in group) / len(group) for mean, column in names.items()}
        for (pooling, optimizer), group in found.items()
    ]
