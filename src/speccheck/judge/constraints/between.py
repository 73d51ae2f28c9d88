"""``between: [low, high]``: a number within two limits, both included."""

from __future__ import annotations

import msgspec

from speccheck.judge.constraint import LIMIT, Constraint, Written
from speccheck.judge.constraints.bounds import (
    difference,
    holds_by_itself,
    impossible,
    is_itself,
    outside,
    read_limit,
    vacuous,
    why_vacuous,
)
from speccheck.judge.context import JudgingContext
from speccheck.judge.limits import Limit
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Spot
from speccheck.judge.unknown import wrong_kind
from speccheck.model.formatting import flow
from speccheck.model.kinds import kind_of
from speccheck.model.verdict import State


class Between(msgspec.Struct, frozen=True):
    """The two limits, as read."""

    low: Limit
    high: Limit


def _read(reader: Reader, written: Written) -> Between | None:
    value, node = written.value, written.node
    if kind_of(value) != "list" or len(value) != 2:
        reader.problem("SC205", "'between' takes a list of two limits: [low, high]", node)
        return None
    low, high = (read_limit(reader, written, one, (*node, at)) for at, one in enumerate(value))
    if low is None or high is None:
        return None
    if low.reference is None and high.reference is None and low.number > high.number:
        message = f"no number is between {flow(value[0])} and {flow(value[1])}: the first is the larger one"
        reader.problem("SC205", message, node, hint=f"write [{flow(value[1])}, {flow(value[0])}]")
        return None
    whys = [why_vacuous(side, limit, written.place) for side, limit in (("min", low), ("max", high))]
    if all(whys):
        reader.vacuous(written.text, " and ".join(dict.fromkeys(whys)), node)
    return Between(low, high)


def _judge(between: Between, spot: Spot, context: JudgingContext) -> Result:
    value = spot.value
    if kind_of(value) != "number":
        raise wrong_kind(value, "number")
    low, low_source = context.limit(between.low, spot)
    high, high_source = context.limit(between.high, spot)
    ends = (("min", between.low, low), ("max", between.high, high))
    never = all(
        vacuous(side, end, spot.bounds) or (holds_by_itself(side, limit) and is_itself(limit.reference, spot, context))
        for side, limit, end in ends
    )
    if isinstance(value, float) and abs(value) == float("inf") and not spot.infinite:
        return impossible(spot, [low, high])._replace(vacuous=never)
    above, below = difference(value, low), difference(high, value)
    nearest = min((margin for margin in (above, below) if margin is not None), default=None)
    if value < low or value > high:
        relation, end, source = ("below", low, low_source) if value < low else ("above", high, high_source)
        cause = outside(spot, end, relation, "the low limit" if value < low else "the high limit", source)
        return Result(State.VIOLATED, value, [low, high], nearest, cause=cause, vacuous=never, source=source)
    source = low_source if above == nearest else high_source
    return Result(State.HELD, value, [low, high], nearest, vacuous=never, source=source)


CONSTRAINTS = (
    Constraint(
        "between",
        "the number is within both limits, inclusive",
        "between: [LIMIT, LIMIT]",
        {
            "anyOf": [{"type": "array", "items": LIMIT, "minItems": 2, "maxItems": 2}, {"$ref": "#/$defs/reference"}],
            "description": "Within both, inclusive: [LOW, HIGH], each NUMBER, REFERENCE or REFERENCE op NUMBER.",
        },
        _read,
        _judge,
        kinds=("number",),
    ),
)
