"""Judging expectations: every constraint at every place it is about, the worst place named."""

from __future__ import annotations

import math

from speccheck.judge.comparisons import EVALUATORS, sizes_of
from speccheck.judge.nodes import Expectation, Leaf, Shape
from speccheck.judge.result import Result
from speccheck.judge.scene import Scene, Spot, leaves
from speccheck.judge.shapes import bind
from speccheck.judge.words import UnknownError, is_nan, item_text, shown
from speccheck.model.paths import format_path
from speccheck.model.spec import EntrySeverity
from speccheck.model.verdict import ConstraintVerdict, State, Verdict

_ORDER = {State.UNKNOWN: 0, State.VIOLATED: 1, State.INCONCLUSIVE: 2, State.HELD: 3}


def bind_symbols(expectations: tuple[Expectation, ...], scene: Scene) -> None:
    """Bind the bare symbols of every shape of the entry, in spec order, before any shape is judged."""
    for expectation in expectations:
        if not expectation.shapes:
            continue
        for spot in scene.spots(expectation):
            for constraint in expectation.constraints:
                for leaf, below in leaves(constraint, spot):
                    if isinstance(leaf, Shape) and not below.unknown:
                        _bind(leaf, below, scene)


def _bind(leaf: Shape, spot: Spot, scene: Scene) -> None:
    try:
        sizes = sizes_of(spot.value, leaf)
    except UnknownError:  # judged, and said, where the constraint itself is
        return
    where = spot.at if spot.wild else format_path(spot.path) + (f" at {spot.at}" if spot.at else "")
    bind(scene.bindings, leaf.pattern, sizes, where)


def judge_expectation(expectation: Expectation, scene: Scene, severity: EntrySeverity, mark: str = "") -> Verdict:
    """The verdict of one expectation; ``severity`` is that of constraints without their own.

    ``mark`` is put around the text of each constraint (``worst: {min: 3}``).
    """
    spots = scene.spots(expectation)
    groups: dict[int, list[ConstraintVerdict]] = {id(leaf): [] for leaf in expectation.leaves}
    for spot in spots:
        for constraint in expectation.constraints:
            for leaf, below in leaves(constraint, spot):
                groups[id(leaf)].append(_judged(leaf, below, scene, severity, mark))
    verdicts = tuple(verdict for leaf in expectation.leaves for verdict in _worst(groups[id(leaf)]))
    worst = verdicts[0] if len(verdicts) == 1 else min(verdicts, key=lambda verdict: _ORDER[verdict.state])
    observed = shown(spots[0].value) if len(spots) == 1 else None
    return Verdict(
        expectation.metric,
        worst.state,
        verdicts,
        worst.observed if observed is None else observed,
        scene.entry.positions.get(expectation.metric),
    )


def _judged(leaf: Leaf, spot: Spot, scene: Scene, severity: EntrySeverity, mark: str) -> ConstraintVerdict:
    try:
        if spot.unknown:
            raise UnknownError(spot.unknown)
        if spot.value is None or is_nan(spot.value):
            raise UnknownError(f"the observed value is {'none' if spot.value is None else 'NaN'}")
        result = EVALUATORS[type(leaf)](leaf, spot, scene)
    except UnknownError as error:
        result = Result(State.UNKNOWN, spot.value, reason=str(error))
    place = spot.at
    if result.at:
        below = item_text(result.at)
        place += f".{below}" if place and not below.startswith("[") else below
    reason = f"{result.reason} (at {place})" if place and result.reason else result.reason
    return ConstraintVerdict(
        f"{mark}: {{{leaf.text}}}" if mark else leaf.text,
        result.state,
        shown(result.observed),
        shown(result.limit),
        result.margin,
        place,
        reason,
        leaf.severity or severity,
        result.vacuous,
        leaf.why,
    )


def _worst(verdicts: list[ConstraintVerdict]) -> list[ConstraintVerdict]:
    """The worst verdict of one constraint; beside an unknown one also the worst that fails, which it must not hide."""
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
