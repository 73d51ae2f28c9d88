"""Finding the places that the constraints of an expectation are judged at."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from speccheck.judge.absent import absent_spots
from speccheck.judge.applicability import look_up
from speccheck.judge.constraint import Nesting
from speccheck.judge.context import JudgingContext
from speccheck.judge.expectation import Expectation, Leaf, Node
from speccheck.judge.spot import Spot, Step
from speccheck.judge.unknown import UnknownError, require_value
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import Metric
from speccheck.model.paths import MetricPath, walk
from speccheck.model.values import Value


def spots_of(expectation: Expectation, context: JudgingContext) -> list[Spot]:
    """Return what the metric path names, in sorted order; one unknown spot when that is nothing."""
    path = expectation.path
    metric = look_up(context.metrics, expectation.metric, path)
    found: list[tuple[MetricPath, Value]]
    if len(path) == 1 and not expectation.wild:
        found = [(path, context.tree[path[0]])] if path[0] in context.tree else []
    else:
        found = list(walk(context.tree, path))
    if not found:
        return [Spot(None, path, metric, unknown=_absent(expectation, metric))]
    if not expectation.wild:
        return [_spot(full, value, metric, False) for full, value in found]
    found.sort(key=lambda pair: pair[0])
    spots = [_spot(full, value, look_up(context.metrics, "", full), True) for full, value in found]
    return spots + absent_spots(path, [full for full, _ in found], context)


def _absent(expectation: Expectation, metric: Metric | None) -> Cause:
    fields: dict[str, Value] = {"metric": expectation.metric}
    fields |= {"wild": True} if expectation.wild else {}
    fields |= {"optional": metric.optional} if metric is not None and metric.optional else {}
    return Cause(CauseKind.METRIC_ABSENT, fields)


def _spot(path: MetricPath, value: Value, metric: Metric | None, wild: bool) -> Spot:
    if metric is not None and metric.kind != "any":
        kind = kind_of(value)
        if kind not in (metric.kind, "none", "masked"):
            cause = Cause(CauseKind.KIND_NOT_DECLARED, {"observed": kind, "declared": metric.kind})
            return Spot(value, path, metric, wild, unknown=cause)
    return Spot(value, path, metric, wild)


def leaves(node: Node, spot: Spot) -> Iterator[tuple[Leaf, Spot]]:
    """Yield every comparison of a constraint at a spot, with the spot that it is about."""
    if isinstance(node, Leaf):
        yield node, spot
        return
    for below in _below(node.nesting, spot):
        for inner in node.inner:
            yield from leaves(inner, below)


def _below(nesting: Nesting, spot: Spot) -> list[Spot]:
    if spot.unknown is not None:
        return [spot]
    try:
        require_value(spot.value, "observed")
        found = nesting.below(spot.value)
    except UnknownError as error:
        return [msgspec.structs.replace(spot, unknown=error.cause)]
    return [
        msgspec.structs.replace(
            spot,
            value=value,
            steps=(*spot.steps, Step(nesting.name, key, nesting.pick, nesting.bounds, nesting.of == "number")),
            sample=spot.value if key is None else None,
        )
        for key, value in found
    ]
