"""Judging expectations: every constraint at every place it is about, the worst place named."""

from __future__ import annotations

import math
from typing import Literal

from speccheck.judge.context import JudgingContext
from speccheck.judge.expectation import Expectation, Leaf
from speccheck.judge.result import Result
from speccheck.judge.samples import items_of
from speccheck.judge.spot import Spot
from speccheck.judge.spots import leaves, spots_of
from speccheck.judge.unknown import UnknownError, require_value
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import item_text, shown
from speccheck.model.spec import EntrySeverity
from speccheck.model.verdict import ConstraintVerdict, State, Verdict

_ORDER = {State.UNKNOWN: 0, State.VIOLATED: 1, State.INCONCLUSIVE: 2, State.HELD: 3}


def bind_symbols(expectations: tuple[Expectation, ...], context: JudgingContext) -> None:
    """Bind the bare symbols of every shape of the entry, in spec order, before any shape is judged."""
    for expectation in expectations:
        if not expectation.binds:
            continue
        for spot in spots_of(expectation, context):
            for constraint in expectation.constraints:
                for leaf, below in leaves(constraint, spot):
                    if leaf.constraint.bind is not None and below.unknown is None:
                        leaf.constraint.bind(leaf.read, below, context)


def judge_expectation(
    expectation: Expectation,
    context: JudgingContext,
    severity: EntrySeverity,
    demanded_by: Literal["expect", "worst"] = "expect",
) -> Verdict:
    """Return the verdict of one expectation; ``severity`` is that of constraints without their own."""
    spots = spots_of(expectation, context)
    groups: dict[int, list[ConstraintVerdict]] = {id(leaf): [] for leaf in expectation.leaves}
    for spot in spots:
        for constraint in expectation.constraints:
            for leaf, below in leaves(constraint, spot):
                groups[id(leaf)].append(_judged(leaf, below, context, severity, demanded_by))
    verdicts = tuple(verdict for leaf in expectation.leaves for verdict in _worst(groups[id(leaf)]))
    worst = verdicts[0] if len(verdicts) == 1 else min(verdicts, key=lambda verdict: _ORDER[verdict.state])
    observed = shown(spots[0].value) if len(spots) == 1 else None
    return Verdict(
        expectation.metric,
        worst.state,
        verdicts,
        worst.observed if observed is None else observed,
        context.entry.positions.get(expectation.metric),
    )


def _judged(
    leaf: Leaf,
    spot: Spot,
    context: JudgingContext,
    severity: EntrySeverity,
    demanded_by: Literal["expect", "worst"],
) -> ConstraintVerdict:
    try:
        if spot.unknown is not None:
            result = Result(State.UNKNOWN, spot.value, cause=spot.unknown)
        else:
            require_value(spot.value, "observed")
            result = _infinite(spot) or leaf.constraint.judge(leaf.read, spot, context)
    except UnknownError as error:
        result = Result(State.UNKNOWN, spot.value, cause=error.cause)
    place = spot.at
    if result.at:
        below = item_text(result.at)
        place += f".{below}" if place and not below.startswith("[") else below
    return ConstraintVerdict(
        leaf.constraint.name,
        result.state,
        leaf.nesting,
        leaf.written,
        dict(leaf.options),
        shown(result.observed),
        shown(result.limit),
        result.source,
        result.margin,
        place,
        result.cause,
        leaf.severity or severity,
        result.vacuous,
        leaf.why,
        demanded_by,
    )


def _infinite(spot: Spot) -> Result | None:
    """Return the violation by an item that is infinite without declaring it, where a finite median hides it."""
    hides = spot.steps and spot.steps[-1].of_numbers and math.isfinite(spot.value)
    if spot.infinite or not hides:
        return None
    for key, item in items_of(spot.sample):
        if isinstance(item, float) and math.isinf(item):
            return Result(State.VIOLATED, item, at=(key,), cause=Cause(CauseKind.INFINITE, {"observed": item}))
    return None


def _worst(verdicts: list[ConstraintVerdict]) -> list[ConstraintVerdict]:
    """Return the worst verdict of a constraint; if unknown, also the worst failing one, which it must not hide."""
    if len(verdicts) == 1:
        return verdicts
    unknown = [verdict for verdict in verdicts if verdict.state is State.UNKNOWN]
    known = [verdict for verdict in verdicts if verdict.state is not State.UNKNOWN]
    if not known:
        return unknown[:1]
    worst = min(known, key=lambda v: (_ORDER[v.state], math.inf if v.margin is None else v.margin))
    if unknown:
        return [unknown[0], worst] if worst.state is not State.HELD else unknown[:1]
    return [worst]
