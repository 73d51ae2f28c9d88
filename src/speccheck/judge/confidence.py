"""A limit on the mean of a population, judged from a sample of independent replicates with a stated confidence."""

from __future__ import annotations

import math

from speccheck.judge.nodes import Bound
from speccheck.judge.result import Result
from speccheck.judge.samples import (
    MAX_REPLICATES,
    OneSided,
    holm,
    least_n,
    mean_bound,
    numbers_of,
    one_sided,
    sorted_keys,
)
from speccheck.judge.scene import Scene, Spot
from speccheck.judge.student import minimum_detectable_effect
from speccheck.judge.words import UnknownError, kind_of, number_text
from speccheck.model.paths import format_path, walk
from speccheck.model.verdict import State

_POWER = 0.8
"""Power for which the minimum detectable effect is told; 80 % is the convention of Bloom (1995)."""


def tested(leaf: Bound, confidence: float, limit: float, source: str, spot: Spot, scene: Scene) -> Result:
    """Held if the chance p of so good a mean at the limit is <= 1 - c, violated if p >= c, else inconclusive.

    With ``correct_for``, p (for held) and 1 - p (for violated) are each adjusted by Holm's procedure over the keys of
    that metric, so that both claims hold family-wise. The margin is from the confidence bound of the mean to the limit.
    """
    if spot.metric is None or not spot.metric.replicates:
        raise UnknownError("a confidence needs a metric declared as independent replicates, and this one is not")
    upward = leaf.name in ("min", "above")
    test = one_sided(numbers_of(spot.sample), limit, upward=upward)
    p, opposite, count = test.p, test.opposite, 1
    if leaf.family:
        family = _family(leaf, limit, scene)
        key = _key(leaf, spot)
        if key not in family:
            raise UnknownError(f"{spot.at or format_path(spot.path)} is no key of '{format_path(leaf.family)}'")
        (p, opposite), count = family[key], len(family)
    alpha = 1 - confidence
    # the level at which this test alone says the same as after the correction
    level = alpha * test.p / p if p > 0 else alpha / count
    edge = mean_bound(test, level, upward=upward)
    margin = edge - limit if upward else limit - edge
    inside = margin if math.isfinite(margin) else None
    state = State.HELD if p <= alpha else State.VIOLATED if opposite <= alpha else State.INCONCLUSIVE
    words = _words(leaf, test, (p, opposite), count, confidence, limit, source)
    if state is State.INCONCLUSIVE:
        needed = _needed(least_n(test, limit, alpha / count), count)
        words = f"inconclusive: {words}; {needed}; {_detectable(test, alpha / count)}"
    return Result(state, test.mean, limit, inside, reason=words)


def _words(
    leaf: Bound,
    test: OneSided,
    ps: tuple[float, float],
    count: int,
    confidence: float,
    limit: float,
    source: str,
) -> str:
    against = f"{leaf.name} {number_text(limit)}" + (f" ({source})" if source else "")
    corrected = (
        f", p = {ps[0]:.3g} and 1 - p = {ps[1]:.3g} after Holm's correction for {count} keys" if leaf.family else ""
    )
    needs = f"held needs p <= {1 - confidence:.3g}, violated p >= {confidence:.6g}"
    sample = f"mean {number_text(test.mean)} of n = {test.n} (standard deviation {number_text(test.std)})"
    return f"{sample} against {against}: one-sided p = {test.p:.3g}{corrected} ({needs})"


def _needed(least: int | None, count: int) -> str:
    if least is None:
        return f"at this mean and spread not even n = {MAX_REPLICATES:,} would tell"
    corrected = f", corrected for {count} keys" if count > 1 else ""
    return f"at this mean and spread n = {least} would tell{corrected}"


def _detectable(test: OneSided, alpha: float) -> str:
    effect = minimum_detectable_effect(test.n, test.std, 1 - alpha, _POWER)
    return (
        f"at n = {test.n} a true mean is found inside the limit with {_POWER:.0%} power only from "
        f"{number_text(effect)} beyond it (minimum detectable effect)"
    )


def _key(leaf: Bound, spot: Spot) -> str | int:
    if spot.path[:-1] == leaf.family:
        return spot.path[-1]
    return spot.steps[0][1] if spot.path == leaf.family and spot.steps[0][0] == "each" else ""


def _family(leaf: Bound, limit: float, scene: Scene) -> dict[str, tuple[float, float]]:
    known = scene.families.get((leaf.family, leaf.name, limit))
    if known is not None:
        return known
    name = format_path(leaf.family)
    found = [value for _, value in walk(scene.tree, leaf.family)]
    if not found or kind_of(found[0]) != "mapping":
        raise UnknownError(f"'correct_for: {name}' names no mapping in the evidence")
    keys = sorted_keys(found[0])
    tests = []
    for key in keys:
        try:
            tests.append(one_sided(numbers_of(found[0][key]), limit, upward=leaf.name in ("min", "above")))
        except UnknownError as error:
            raise UnknownError(f"cannot correct for all keys of '{name}': {key}: {error}") from None
    held, violated = holm([test.p for test in tests]), holm([test.opposite for test in tests])
    family = dict(zip(keys, zip(held, violated, strict=True), strict=True))
    scene.families[(leaf.family, leaf.name, limit)] = family
    return family
