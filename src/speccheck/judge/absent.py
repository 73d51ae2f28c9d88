"""The members that a wildcard names and that the evidence lacks."""

from __future__ import annotations

from itertools import product

from speccheck.judge.applicability import look_up
from speccheck.judge.context import JudgingContext
from speccheck.judge.spot import Spot
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import matches, pattern_of
from speccheck.model.paths import ANY, MetricPath, format_path, walk
from speccheck.model.values import Value


def absent_spots(path: MetricPath, found: list[MetricPath], context: JudgingContext) -> list[Spot]:
    """Return an unknown spot for each member that ``*`` names and that lacks the rest of the path.

    Where the metric is declared over ``{parameter}``, the members are those of the parameter; elsewhere they are those
    of the mapping in the evidence. ``found`` are the paths that the evidence holds.
    """
    spots: dict[MetricPath, Spot] = {}
    for full in _members(path, context):
        if not any(matches(full, one) for one in found):
            cause = Cause(CauseKind.MEMBER_ABSENT, {"path": format_path(full)})
            spots[full] = Spot(None, full, None, True, unknown=cause)
    for size in (at + 1 for at, part in enumerate(path) if part == ANY):
        if size in (1, len(path)):  # at the top are other metrics, of other forms
            continue
        seen = {full[:size] for full in found}
        rest = path[size:]
        cause = Cause(CauseKind.MEMBER_ABSENT, {"path": format_path(rest)})
        for prefix, value in walk(context.tree, path[:size]):
            full = (*prefix, *rest)
            if prefix not in seen and full not in spots and not _is_metric(prefix, value, context):
                spots[full] = Spot(None, full, None, True, unknown=cause)
    return [spots[full] for full in sorted(spots)]


def _members(path: MetricPath, context: JudgingContext) -> list[MetricPath]:
    """Return the path with the members of its parameters in place of ``*``; nothing where none is known."""
    pattern = pattern_of(context.metrics, path)
    options = [_options(part, wanted, context) for part, wanted in zip(path, pattern, strict=False)]
    rest = [(part,) for part in path[len(options) :]]
    known = any(part == ANY and option != (ANY,) for part, option in zip(path, options, strict=False))
    return list(product(*options, *rest)) if known else []


def _options(part: str, wanted: str, context: JudgingContext) -> tuple[str, ...]:
    """Return the parts that ``*`` stands for: the keys of a mapping or the texts of a list that the entry gives."""
    if part != ANY or not wanted.startswith("{"):
        return (part,)
    value = context.entry.measurement.params.get(wanted[1:-1])
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return tuple(value) or (ANY,)
    return (ANY,)


def _is_metric(path: MetricPath, value: Value, context: JudgingContext) -> bool:
    """Return whether the value is a metric of its own beside the members: of the kind that it is declared as."""
    if value is None or kind_of(value) == "mapping":
        return False
    metric = look_up(context.metrics, "", path)
    return metric is not None and metric.kind == kind_of(value)
