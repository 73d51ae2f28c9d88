"""``min``, ``max``, ``above``, ``below``: a number on one side of a limit."""

from __future__ import annotations

import math
from typing import Any

import msgspec

from speccheck.judge.applicability import Place
from speccheck.judge.constraint import LIMIT, Constraint, Written
from speccheck.judge.constraints.confidence import Demand, read_demand, tested
from speccheck.judge.context import JudgingContext
from speccheck.judge.limits import Limit, LimitError, Reference, parse_limit
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Range, Spot
from speccheck.judge.unknown import wrong_kind
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import flow
from speccheck.model.kinds import kind_of
from speccheck.model.values import Value
from speccheck.model.verdict import LimitSource, State

_OUTSIDE = {"min": ("below", "min"), "max": ("above", "max"), "above": ("not above", ""), "below": ("not below", "")}


class Bound(msgspec.Struct, frozen=True):
    """A limit on one side; with a demand, on the mean of the population sampled, with a confidence."""

    name: str
    limit: Limit
    demand: Demand | None = None


def _read(reader: Reader, written: Written) -> Bound | None:
    limit = read_limit(reader, written, written.value, written.node)
    if limit is None:
        return None
    demand, sound = read_demand(reader, written)
    if not sound:
        return None
    why = why_vacuous(written.name, limit, written.place)
    if why:
        reader.vacuous(written.text, why, written.node)
    return Bound(written.name, limit, demand)


def read_limit(reader: Reader, written: Written, value: Any, node: tuple[str | int, ...]) -> Limit | None:
    """Return the limit that a value of a constraint is, or None after noting a problem."""
    try:
        limit = parse_limit(value)
    except LimitError as error:
        reader.limit_problem(error, node)
        return None
    if limit.reference is not None and not reader.refer(limit.reference, written.place, node, number=True):
        return None
    return limit


def why_vacuous(name: str, limit: Limit, place: Place) -> str:
    """Return why no value there could violate the limit, by what is written and declared, or ''."""
    reference = limit.reference
    if reference is None:
        low, high = ("unbounded" if end is None else flow(end) for end in place.bounds)
        return f"the declared bounds are {low} to {high}" if vacuous(name, limit.number, place.bounds) else ""
    if reference.kind != "metric" or reference.path != place.path or place.nesting or not holds_by_itself(name, limit):
        return ""
    return f"the limit is {'derived from ' if limit.op else ''}the metric itself"


def vacuous(name: str, limit: float, bounds: Range) -> bool:
    """Return whether no value within the bounds could violate the limit."""
    low = -math.inf if bounds[0] is None else bounds[0]
    high = math.inf if bounds[1] is None else bounds[1]
    return {"min": low >= limit, "above": low > limit, "max": high <= limit, "below": high < limit}[name]


def holds_by_itself(name: str, limit: Limit) -> bool:
    """Return whether every value keeps a limit that refers to that very value: ``num: {min: num - 1}``.

    A value that a factor applies to is more than 0: others are unknown.
    """
    number = limit.number
    if limit.op in ("+", "-"):
        shift = number if limit.op == "+" else -number
    elif limit.op:
        factor = number if limit.op == "*" else 1 / number
        shift = factor - 1
    else:
        shift = 0.0
    return {"min": shift <= 0, "above": shift < 0, "max": shift >= 0, "below": shift > 0}[name]


def _judge(bound: Bound, spot: Spot, context: JudgingContext) -> Result:
    value, name = spot.value, bound.name
    if kind_of(value) != "number":
        raise wrong_kind(value, "number")
    limit, source = context.limit(bound.limit, spot)
    never = vacuous(name, limit, spot.bounds)
    if source is not None and holds_by_itself(name, bound.limit):
        never = never or is_itself(bound.limit.reference, spot, context)
    if isinstance(value, float) and math.isinf(value) and not spot.infinite:
        return impossible(spot, limit)._replace(vacuous=never, source=source)
    if bound.demand is not None:
        return tested(bound.demand, name, limit, source, spot, context)._replace(vacuous=never, source=source)
    if name == "min":
        inside = value >= limit
    elif name == "max":
        inside = value <= limit
    else:
        inside = value > limit if name == "above" else value < limit
    margin = difference(value, limit) if name in ("min", "above") else difference(limit, value)
    if inside:
        return Result(State.HELD, value, limit, margin, vacuous=never, source=source)
    cause = outside(spot, limit, *_OUTSIDE[name], source)
    return Result(State.VIOLATED, value, limit, margin, cause=cause, vacuous=never, source=source)


def impossible(spot: Spot, limit: Value) -> Result:
    """Return the result for an infinity that the metric does not declare possible."""
    return Result(
        State.VIOLATED, spot.value, limit, cause=Cause(CauseKind.INFINITE, {**spot.of, "observed": spot.value})
    )


def outside(spot: Spot, limit: float, relation: str, limit_name: str, source: LimitSource | None) -> Cause:
    """Return the cause of a number outside its limit: ``relation`` is below, above, not above or not below."""
    about = {"observed": spot.value, "relation": relation, "limit_name": limit_name, "limit": limit}
    came = {} if source is None else {"source": msgspec.structs.asdict(source)}
    return Cause(CauseKind.OUTSIDE_LIMIT, {**spot.of, **about, **came})


def difference(larger: float, smaller: float) -> float | None:
    """Return how far apart two numbers are, or None beyond the range of a float."""
    try:
        found = float(larger - smaller)
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def is_itself(reference: Reference | None, spot: Spot, context: JudgingContext) -> bool:
    """Return whether the reference is the very metric that is judged, so that the constraint can only hold."""
    if reference is None or spot.steps or reference.path != spot.path:
        return False
    return reference.kind == "metric" or reference.entry == context.entry.id


def _bound(name: str, doc: str, description: str) -> Constraint:
    schema = {**LIMIT, "description": f"{description}: NUMBER, REFERENCE or REFERENCE op NUMBER."}
    options = ("confidence", "correct_for")
    return Constraint(name, doc, f"{name}: LIMIT", schema, _read, _judge, ("number",), options)


CONSTRAINTS = (
    _bound("min", "the number is at least the limit", "At least"),
    _bound("max", "the number is at most the limit", "At most"),
    _bound("above", "the number is more than the limit", "More than"),
    _bound("below", "the number is less than the limit", "Less than"),
)
