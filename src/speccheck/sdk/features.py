"""Spread of features: numbers that reveal collapsed outputs, even behind a final normalisation."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

from speccheck.model.metrics import Metric
from speccheck.sdk.errors import MeasurementError

SPREAD: dict[str, Metric] = {
    "feature_std": Metric(
        kind="number",
        min=0,
        doc="standard deviation over the features of a row, mean over rows; a final LayerNorm without weights "
        "makes it 1 "
        "whatever comes in",
    ),
    "row_std": Metric(
        kind="number",
        min=0,
        doc="standard deviation over rows of each feature, root mean square over features; 0 when all rows are one",
    ),
    "item_std": Metric(
        kind="number",
        min=0,
        doc="the same over the first axis, of the mean over the axes between; 0 when all items look alike",
        optional="there is one axis of rows, or one item",
    ),
    "effective_rank": Metric(
        kind="number",
        min=0,
        doc="exponential of the entropy of the normalised singular values of the centred rows (Roy and Vetterli, 'The "
        "effective rank', EUSIPCO 2007); 0 when all rows are one",
    ),
    "mean_cosine": Metric(
        kind="number",
        min=-1,
        max=1,
        doc="mean cosine between two different rows, near 1 when all point one way",
        optional="there are fewer than two rows that are not zero",
    ),
    "rows": Metric(kind="number", min=2, doc="rows (tokens of all items together)"),
    "features": Metric(kind="number", min=1, doc="features of a row"),
}
"""The metrics that :func:`spread` returns, by name; all are computed in float64, of the population."""

_ROWS = 4096
_ROUNDING = 1e-7


def spread(features: Tensor, name: str) -> dict[str, float]:
    """Return the spread of features [..., features], in which all axes but the last are rows.

    Values are NaN if the features are not finite. Of more than 4096 rows, rank and cosine use at most 4096 evenly
    spaced ones. MeasurementError, which names the features, for fewer than two rows.
    """
    rows = (
        features.detach().double().reshape(-1, features.shape[-1]) if features.ndim > 1 and features.numel() else None
    )
    if rows is None or len(rows) < 2:
        raise MeasurementError(f"{name} has shape {list(features.shape)}, not two rows of features or more")
    found: dict[str, float] = {
        "feature_std": float(rows.std(1, correction=0).mean()),
        "row_std": float(rows.var(0, correction=0).mean().sqrt()),
        "rows": len(rows),
        "features": rows.shape[1],
    }
    if features.ndim > 2 and len(features) > 1:
        items = features.detach().double().reshape(len(features), -1, features.shape[-1]).mean(1)
        found["item_std"] = float(items.var(0, correction=0).mean().sqrt())
    if not bool(rows.isfinite().all()):
        return {**found, "effective_rank": math.nan, "mean_cosine": math.nan}
    step = math.ceil(len(rows) / _ROWS)
    found["effective_rank"] = _effective_rank(rows[::step])
    cosine = _mean_cosine(rows[::step])
    return found if cosine is None else {**found, "mean_cosine": cosine}


def _effective_rank(rows: Tensor) -> float:
    import torch

    centred = rows - rows.mean(0)
    values = torch.linalg.svdvals(centred)
    if float(values[0]) <= _ROUNDING * float(rows.norm()):  # the rows differ by rounding only
        return 0.0
    shares = values / values.sum()
    shares = shares[shares > 0]
    return float((-(shares * shares.log()).sum()).exp())


def _mean_cosine(rows: Tensor) -> float | None:
    lengths = rows.norm(dim=1)
    units = rows[lengths > 0] / lengths[lengths > 0, None]
    count = len(units)
    if count < 2:
        return None
    total = float(units.sum(0).square().sum())
    return max(-1.0, min(1.0, (total - count) / (count * (count - 1))))
