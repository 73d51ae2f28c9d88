"""Metric declarations, which a check makes before anything runs, and the lookup of a path in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

import msgspec

from speccheck.model.paths import ANY, MetricPath, parse_path

Kind: TypeAlias = Literal["number", "bool", "text", "list", "tensor", "mapping", "any"]
"""``any`` is for metrics whose kind depends on the subject, such as the values of a JSON report."""


class Metric(msgspec.Struct, frozen=True, omit_defaults=True):
    """One declared metric.

    ``unit`` is for people (``dB``, ``tokens``); ``min`` and ``max`` bound every value it can take; ``infinite`` means
    that infinity is a real observation (the SNR of an exact copy); ``replicates`` that a list, or each list of a
    mapping, holds independent replicates, which ``confidence`` needs. ``of`` is the kind of the items of a list or
    mapping. ``optional`` names the case in which the metric is absent.
    """

    kind: Kind
    doc: str
    unit: str = ""
    min: float | None = None
    max: float | None = None
    infinite: bool = False
    replicates: bool = False
    of: Kind | None = None
    optional: str = ""


Metrics: TypeAlias = Mapping[str, Metric]
"""Declarations by path pattern: ``snr_db``, ``grad.*.norm``, ``tensors.{tensors}``.

``{name}`` matches the keys (or items) of the parameter of that name, ``*`` any part.
"""


DTYPE = Metric(kind="text", doc="element type")
"""The declaration of ``dtype`` below a declared tensor."""


def declared(metrics: Metrics, path: MetricPath) -> Metric | None:
    """Return the declaration that covers the path, or None.

    Below a declared tensor there are ``shape`` (a list of numbers) and ``dtype`` (text); below a declared mapping, any
    one key, of the kind that ``of`` names.
    """
    for pattern, metric in metrics.items():
        parts = pattern_parts(pattern)
        if matches(parts, path):
            return metric
        if len(path) == len(parts) + 1 and matches(parts, path[:-1]):
            if metric.kind == "tensor" and path[-1] == "shape":
                return Metric(kind="list", of="number", doc="sizes of the axes", min=0)
            if metric.kind == "tensor" and path[-1] == "dtype":
                return DTYPE
            if metric.kind == "mapping" and metric.of is not None:
                return msgspec.structs.replace(metric, kind=metric.of, of="number" if metric.of == "list" else None)
    return None


def pattern_of(metrics: Metrics, path: MetricPath) -> MetricPath:
    """Return the parts of the pattern that a path is declared under, or under which its parent is; else none."""
    patterns = [pattern_parts(pattern) for pattern in metrics]
    below = (parts for parts in patterns if matches(parts, path[:-1]))
    return next((parts for parts in patterns if matches(parts, path)), next(below, ()))


def pattern_parts(pattern: str) -> MetricPath:
    """Return the parts of a declaration's pattern; a ``{parameter}`` part is kept as written, braces included."""
    marked = pattern.replace("{", '["{').replace("}", '}"]').replace('.["{', '["{')
    return parse_path(marked)


def matches(pattern: MetricPath, path: MetricPath) -> bool:
    """Return whether each part of the pattern equals that of the path or matches any."""
    if len(pattern) != len(path):
        return False
    pairs = zip(pattern, path, strict=True)
    return all(wanted in (ANY, part) or part == ANY or wanted.startswith("{") for wanted, part in pairs)
