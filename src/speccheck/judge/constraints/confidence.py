"""``confidence`` and ``correct_for``: a limit on the mean of a population, judged from independent replicates."""

from __future__ import annotations

import math

import msgspec

from speccheck.judge.applicability import readable
from speccheck.judge.constraint import Option, Written
from speccheck.judge.context import JudgingContext
from speccheck.judge.reader import Reader
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
from speccheck.judge.spot import Spot
from speccheck.judge.student import detectable_effect
from speccheck.judge.unknown import UnknownError
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.kinds import kind_of
from speccheck.model.paths import ANY, MetricPath, format_path, walk
from speccheck.model.values import Value
from speccheck.model.verdict import LimitSource, State

_POWER = 0.8
"""Power of the minimum detectable effect in a cause; 80 % is the convention of Bloom (1995)."""


class Demand(msgspec.Struct, frozen=True):
    """The confidence demanded, and the metric over whose keys to correct; empty without ``correct_for``."""

    confidence: float
    family: MetricPath = ()


def read_demand(reader: Reader, written: Written) -> tuple[Demand | None, bool]:
    """Return the demand beside a limit, if any, and whether what is written could be read."""
    confidence = _confidence(reader, written)
    family = _family(reader, written)
    if family is None or ("confidence" in written.options and confidence is None):
        return None, False
    return (None if confidence is None else Demand(confidence, family)), True


def _confidence(reader: Reader, written: Written) -> float | None:
    place, options = written.place, written.options
    if "confidence" not in options:
        if "correct_for" in options:
            node = written.option("correct_for")
            reader.problem("SC202", "'correct_for' belongs beside 'confidence'", node, on_key=True)
        return None
    value, node = options["confidence"], written.option("confidence")
    if place.nesting[-1:] != ("mean",):
        reader.problem("SC202", "'confidence' belongs beside a limit under 'mean'", node, on_key=True)
        return None
    if place.metric is not None and not place.metric.replicates:
        message = "'confidence' needs a metric declared as independent replicates, and this one is not"
        reader.problem("SC202", message, node, on_key=True)
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.5 < value < 1:
        reader.problem("SC205", "a confidence is a number between 0.5 and 1, both excluded", node)
        return None
    return float(value)


def _family(reader: Reader, written: Written) -> MetricPath | None:
    place, options = written.place, written.options
    if "correct_for" not in options:
        return ()
    value, node = options["correct_for"], written.option("correct_for")
    path = readable(value) if isinstance(value, str) else None
    if path is None or ANY in path:
        reader.problem("SC206", "'correct_for' names one metric, a mapping with a list per key", node)
        return None
    if reader.metrics is not None:
        metric = reader.declaration(value, path, node, on_key=False)
        if metric is None:
            return None
        if metric.kind not in ("mapping", "any"):
            reader.problem("SC202", f"'correct_for' names a mapping, and '{value}' is a {metric.kind}", node)
            return None
    member = place.path[:-1] == path or (place.path == path and place.nesting[:1] == ("each",))
    if not member:
        reader.problem("SC202", f"'correct_for: {value}' belongs beside a limit on a key of '{value}'", node)
        return None
    return path


def tested(
    demand: Demand, name: str, limit: float, source: LimitSource | None, spot: Spot, context: JudgingContext
) -> Result:
    """Judge a mean: held if the chance p of so good a mean at the limit is <= 1 - c, violated if p >= c.

    In between it is inconclusive. With ``correct_for``, p (for held) and 1 - p (for violated) are each adjusted by
    Holm's procedure over the keys of that metric, so that both claims hold family-wise. The margin is from the
    confidence bound of the mean to the limit.
    """
    if spot.metric is None or not spot.metric.replicates:
        raise UnknownError(CauseKind.NOT_REPLICATES)
    upward = name in ("min", "above")
    test = one_sided(numbers_of(spot.sample), limit, upward=upward)
    p, opposite, count = test.p, test.opposite, 1
    if demand.family:
        family = _ps_of_keys(demand.family, name, limit, context)
        key = _key(demand.family, spot)
        if key not in family:
            place = spot.at or format_path(spot.path)
            raise UnknownError(CauseKind.FAMILY_LACKS_KEY, family=format_path(demand.family), place=place)
        (p, opposite), count = family[key], len(family)
    alpha = 1 - demand.confidence
    # the level at which this test alone gives the result that it has after the correction
    level = alpha * test.p / p if p > 0 else alpha / count
    edge = mean_bound(test, level, upward=upward)
    margin = edge - limit if upward else limit - edge
    inside = margin if math.isfinite(margin) else None
    state = State.HELD if p <= alpha else State.VIOLATED if opposite <= alpha else State.INCONCLUSIVE
    fields: dict[str, Value] = {"name": name, "limit": limit, "confidence": demand.confidence, "keys": count}
    fields |= {"mean": test.mean, "std": test.std, "n": test.n, "p": test.p}
    fields |= {"corrected": [p, opposite]} if demand.family else {}
    fields |= {} if source is None else {"source": msgspec.structs.asdict(source)}
    kind = CauseKind.CONFIDENCE_TEST
    if state is State.INCONCLUSIVE:
        kind, fields = CauseKind.CONFIDENCE_INCONCLUSIVE, fields | _short_of(test, limit, alpha / count)
    return Result(state, test.mean, limit, inside, cause=Cause(kind, fields))


def _short_of(test: OneSided, limit: float, alpha: float) -> dict[str, Value]:
    """Return the remedy for an inconclusive sample: the least n that would decide, and the least effect it can show."""
    effect = detectable_effect(test.n, test.std, alpha, _POWER)
    least = least_n(test, limit, alpha)
    return {"least": least, "most": MAX_REPLICATES, "power": _POWER, "effect": effect}


def _key(family: MetricPath, spot: Spot) -> str | int:
    if spot.path[:-1] == family:
        return spot.path[-1]
    key = spot.steps[0].key if spot.path == family and spot.steps[0].how == "each" else None
    return "" if key is None else key


def _ps_of_keys(family: MetricPath, name: str, limit: float, context: JudgingContext) -> dict[str, tuple[float, float]]:
    known = context.families.get((family, name, limit))
    if known is not None:
        return known
    text = format_path(family)
    found = [value for _, value in walk(context.tree, family)]
    if not found or kind_of(found[0]) != "mapping":
        raise UnknownError(CauseKind.FAMILY_ABSENT, family=text)
    keys = sorted_keys(found[0])
    tests = []
    for key in keys:
        try:
            tests.append(one_sided(numbers_of(found[0][key]), limit, upward=name in ("min", "above")))
        except UnknownError as error:
            raise UnknownError(CauseKind.FAMILY_UNUSABLE, error.cause, family=text, key=key) from None
    held, violated = holm([test.p for test in tests]), holm([test.opposite for test in tests])
    ps = dict(zip(keys, zip(held, violated, strict=True), strict=True))
    context.families[(family, name, limit)] = ps
    return ps


OPTIONS = (
    Option(
        "confidence",
        "under `mean`, of independent replicates: a one-sided t test (n-1) of the limit; held if p <= 1 - c, violated "
        "if p >= c, else inconclusive",
        "confidence: 0.95",
        {"type": ["number", "string"], "description": "Of the limit under mean: 0.95."},
    ),
    Option(
        "correct_for",
        "with `confidence`: the mapping of lists over whose keys p is corrected (Holm)",
        "correct_for: METRIC",
        {"type": "string", "description": "The metric over whose keys to correct (Holm)."},
    ),
)
