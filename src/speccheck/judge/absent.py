"""The members that a wildcard names and that the evidence lacks."""

from __future__ import annotations

from itertools import product
from typing import TypeAlias

from speccheck.judge.applicability import look_up
from speccheck.judge.context import JudgingContext
from speccheck.judge.spot import Spot
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import pattern_of
from speccheck.model.paths import ANY, MetricPath, format_path, walk
from speccheck.model.values import Value, is_masked

Member: TypeAlias = tuple[str | None, ...]
"""A path whose stars are replaced by members; None takes the place of a star whose members no parameter names."""

_ANY_PART: Member = (None,)


def absent_spots(path: MetricPath, found: list[MetricPath], context: JudgingContext) -> list[Spot]:
    """Return an unknown spot for each member that ``*`` names and that lacks the rest of the path.

    Where the metric is declared over ``{parameter}``, the members are those of the parameter; elsewhere they are those
    of the mapping in the evidence. ``found`` are the paths that the evidence holds.
    """
    spots: dict[MetricPath, Spot] = {}
    if any(map(is_masked, _parameters(path, context))):  # which members there are cannot be told
        hidden = Cause(CauseKind.MASKED, {"role": "expected"})
        spots[path] = Spot(None, path, None, True, unknown=hidden)
    present = frozenset(found)
    for member in _members(path, context):
        # Compared part by part: a member may be named like a pattern, as `*` or `{x}`.
        if member not in present and not (None in member and any(_fits(member, one) for one in found)):
            full = tuple(ANY if part is None else part for part in member)
            spots[full] = Spot(None, full, None, True, unknown=_absent(full))
    for size in (at + 1 for at, part in enumerate(path) if part == ANY):
        if size in (1, len(path)):  # at the top are other metrics, of other forms
            continue
        seen = {full[:size] for full in found}
        rest = path[size:]
        cause = _absent(rest)
        for prefix, value in walk(context.tree, path[:size]):
            full = (*prefix, *rest)
            if prefix not in seen and full not in spots and not _is_metric(prefix, value, context):
                spots[full] = Spot(None, full, None, True, unknown=cause)
    return [spots[full] for full in sorted(spots)]


def _absent(path: MetricPath) -> Cause:
    return Cause(CauseKind.MEMBER_ABSENT, {"path": format_path(path)})


def _fits(member: Member, path: MetricPath) -> bool:
    """Return whether the path is that of the member, where None is any part."""
    return len(member) == len(path) and all(part in (None, one) for part, one in zip(member, path, strict=True))


def _members(path: MetricPath, context: JudgingContext) -> list[Member]:
    """Return the path with the members of its parameters in place of ``*``; nothing where none is known."""
    pattern = pattern_of(context.metrics, path)
    options = [_options(part, wanted, context) for part, wanted in zip(path, pattern, strict=False)]
    options += [_options(part, "", context) for part in path[len(options) :]]
    known = any(part == ANY and option != _ANY_PART for part, option in zip(path, options, strict=True))
    return list(product(*options)) if known else []


def _parameters(path: MetricPath, context: JudgingContext) -> list[Value]:
    """Return the values of the parameters whose members ``*`` names."""
    params, pattern = context.entry.measurement.params, pattern_of(context.metrics, path)
    names = [wanted[1:-1] for part, wanted in zip(path, pattern, strict=False) if part == ANY]
    return [params[name] for name in names if name in params]


def _options(part: str, wanted: str, context: JudgingContext) -> Member:
    """Return the parts in place of ``*``: the keys of a mapping or the texts of a list that the entry gives."""
    if part != ANY:
        return (part,)
    value = context.entry.measurement.params.get(wanted[1:-1]) if wanted.startswith("{") else None
    if isinstance(value, dict) or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
        return tuple(value) or _ANY_PART
    return _ANY_PART


def _is_metric(path: MetricPath, value: Value, context: JudgingContext) -> bool:
    """Return whether the value is a metric of its own beside the members: of the kind that it is declared as."""
    if value is None or kind_of(value) == "mapping":
        return False
    metric = look_up(context.metrics, "", path)
    return metric is not None and metric.kind == kind_of(value)
