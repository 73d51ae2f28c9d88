"""One function per constraint: value, constraint and scene give a result, or an UnknownError with the reason."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from speccheck.judge.builders import allowance
from speccheck.judge.confidence import tested
from speccheck.judge.equality import Comparer, Comparison
from speccheck.judge.fit import derived_bounds, vacuous_bound, vacuous_equality, vacuous_options
from speccheck.judge.nodes import Bound, Contains, Equals, Matches, OneOf, Reference, SameAs, Shape, SubsetOf
from speccheck.judge.result import Result
from speccheck.judge.scene import Scene, Spot
from speccheck.judge.shapes import mismatches
from speccheck.judge.words import UnknownError, kind_of, pair_text, value_text
from speccheck.model.values import Json, TensorDescription, Value
from speccheck.model.verdict import State

_OUTSIDE = {"min": "is below min", "max": "is above max", "above": "is not above", "below": "is not below"}
_SUBJECTS = {"std": "sample standard deviation (n-1)", "each": "observed"}
_HELD, _VIOLATED = State.HELD, State.VIOLATED


def _subject(spot: Spot) -> str:
    if not spot.steps:
        return "observed"
    how = spot.steps[-1][0]
    return _SUBJECTS.get(how, how)


def _bounds(spot: Spot) -> tuple[float | None, float | None]:
    if spot.metric is None:
        return (0.0, None) if spot.steps and spot.steps[-1][0] in ("length", "std") else (None, None)
    low, high = spot.metric.min, spot.metric.max
    return derived_bounds(spot.steps[-1][0], low, high) if spot.steps else (low, high)


def _wrong_kind(value: Value, wanted: str) -> UnknownError:
    return UnknownError(f"wrong kind: observed a {kind_of(value)}, not a {wanted}")


def _bound(leaf: Bound, spot: Spot, scene: Scene) -> Result:
    value = spot.value
    if kind_of(value) != "number":
        raise _wrong_kind(value, "number")
    limit, source = scene.limit(leaf.limit, spot)
    vacuous = vacuous_bound(leaf.name, limit, *_bounds(spot))
    if source and not leaf.limit.op and leaf.name in ("min", "max"):
        vacuous = vacuous or _is_itself(leaf.limit.reference, spot, scene)
    if isinstance(value, float) and math.isinf(value) and not spot.infinite:
        reason = f"{_subject(spot)} {value_text(value)}, which the metric does not declare possible"
        return Result(_VIOLATED, value, limit, reason=reason, vacuous=vacuous)
    if leaf.confidence is not None:
        result = tested(leaf, leaf.confidence, limit, source, spot, scene)
        return result._replace(vacuous=vacuous)
    name = leaf.name
    if name == "min":
        inside = value >= limit
    elif name == "max":
        inside = value <= limit
    else:
        inside = value > limit if name == "above" else value < limit
    margin = _difference(value, limit) if name in ("min", "above") else _difference(limit, value)
    if inside:
        return Result(_HELD, value, limit, margin, vacuous=vacuous)
    one, two = pair_text(value, limit)
    reason = f"{_subject(spot)} {one} {_OUTSIDE[name]} {two}" + (f" ({source})" if source else "")
    return Result(_VIOLATED, value, limit, margin, reason=reason, vacuous=vacuous)


def _difference(larger: float, smaller: float) -> float | None:
    try:
        difference = float(larger - smaller)
    except OverflowError:
        return None
    return difference if math.isfinite(difference) else None


def _is_itself(reference: Reference | None, spot: Spot, scene: Scene) -> bool:
    """Whether the reference is the very metric that is judged, so that the constraint can only hold."""
    if reference is None or spot.steps or reference.path != spot.path:
        return False
    return reference.kind == "metric" or reference.entry == scene.entry.id


def _compared(found: Comparison, spot: Spot, vacuous: bool = False) -> Result:
    reason = "" if found.equal else f"{_subject(spot)} {found.reason}"
    state = _HELD if found.equal else _VIOLATED
    return Result(state, found.observed, found.expected, found.margin, found.at, reason, vacuous)


def _equals(leaf: Equals, spot: Spot, scene: Scene) -> Result:
    found = Comparer(leaf.tolerance, spot.infinite).compare(spot.value, leaf.expected)
    vacuous = leaf.tolerance is not None and vacuous_equality(
        leaf.expected, allowance(leaf.tolerance, leaf.expected), *_bounds(spot)
    )
    return _compared(found, spot, vacuous)


def _same_as(leaf: SameAs, spot: Spot, scene: Scene) -> Result:
    expected = scene.referred(leaf.reference, spot)
    if _is_empty(expected) and _is_empty(spot.value):
        raise UnknownError("nothing to look at: both are empty")
    found = Comparer(leaf.tolerance, spot.infinite).compare(spot.value, expected)
    return _compared(found, spot, _is_itself(leaf.reference, spot, scene))


def _is_empty(value: Value) -> bool:
    return kind_of(value) in ("list", "mapping", "text") and len(value) == 0


def _is_any(value: Value, options: Sequence[Json], infinite: bool) -> bool:
    """Whether the value equals an option; UnknownError when none is of its kind, or nothing can be compared."""
    comparer, unknown, judged = Comparer(None, infinite), "", False
    for option in options:
        try:
            if comparer.compare(value, option).equal:
                return True
            judged = True
        except UnknownError as error:
            unknown = unknown or str(error)
    if not judged:
        raise UnknownError(unknown)
    return False


def _one_of(leaf: OneOf, spot: Spot, scene: Scene) -> Result:
    options = list(leaf.options)
    vacuous = vacuous_options(kind_of(spot.value), leaf.options)
    if _is_any(spot.value, options, spot.infinite):
        return Result(_HELD, spot.value, options, vacuous=vacuous)
    reason = f"{_subject(spot)} {value_text(spot.value)}, none of {value_text(options)}"
    return Result(_VIOLATED, spot.value, options, reason=reason, vacuous=vacuous)


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


def _matches(leaf: Matches, spot: Spot, scene: Scene) -> Result:
    value = spot.value
    if not isinstance(value, str):
        raise _wrong_kind(value, "text")
    if not value:
        raise UnknownError("an empty text: nothing to look at")
    if _pattern(leaf.pattern).fullmatch(value):
        return Result(_HELD, value, leaf.pattern)
    reason = f"{_subject(spot)} {value_text(value)}, which {leaf.pattern!r} does not match from end to end"
    return Result(_VIOLATED, value, leaf.pattern, reason=reason)


def _contains(leaf: Contains, spot: Spot, scene: Scene) -> Result:
    if kind_of(spot.value) != "list":
        raise _wrong_kind(spot.value, "list")
    if not len(spot.value):
        return Result(_VIOLATED, spot.value, leaf.item, reason=f"an empty list, without {value_text(leaf.item)}")
    unknown = ""
    for index, item in enumerate(spot.value):
        try:
            if _is_any(item, [leaf.item], spot.infinite):
                return Result(_HELD, item, leaf.item, at=(index,))
        except UnknownError as error:
            unknown = unknown or f"item [{index}]: {error}"
    if unknown:
        raise UnknownError(unknown)
    reason = f"{len(spot.value)} items, none of them {value_text(leaf.item)}"
    return Result(_VIOLATED, spot.value, leaf.item, reason=reason)


def _subset_of(leaf: SubsetOf, spot: Spot, scene: Scene) -> Result:
    if kind_of(spot.value) != "list":
        raise _wrong_kind(spot.value, "list")
    if not len(spot.value):
        raise UnknownError("an empty list: nothing to look at")
    options = list(leaf.options)
    inside = [_is_any(item, options, spot.infinite) for item in spot.value]
    if all(inside):
        return Result(_HELD, spot.value, options)
    at = inside.index(False)
    reason = f"observed {value_text(spot.value[at])}, none of {value_text(options)}"
    return Result(_VIOLATED, spot.value[at], options, at=(at,), reason=reason)


def sizes_of(value: Value, leaf: Shape) -> tuple[int, ...]:
    """The sizes of a tensor's axes, or of a metric that lists them; UnknownError for other kinds."""
    if isinstance(value, TensorDescription):
        return value.shape
    if leaf.pattern.dtype:
        raise _wrong_kind(value, "tensor description")
    if kind_of(value) != "list" or not all(kind_of(size) == "number" and isinstance(size, int) for size in value):
        raise UnknownError(f"wrong kind: observed a {kind_of(value)}, neither a tensor nor a list of sizes")
    return tuple(value)


def _shape(leaf: Shape, spot: Spot, scene: Scene) -> Result:
    pattern = leaf.pattern
    wrong = mismatches(scene.bindings, pattern, sizes_of(spot.value, leaf))
    if pattern.dtype and spot.value.dtype != pattern.dtype:
        wrong.insert(0, f"dtype {spot.value.dtype}, expected {pattern.dtype}")
    if wrong:
        reason = f"observed {value_text(spot.value)}: " + "; ".join(wrong)
        return Result(_VIOLATED, spot.value, pattern.text, reason=reason)
    return Result(_HELD, spot.value, pattern.text, vacuous=pattern.anything)


EVALUATORS: Mapping[type, Callable[[Any, Spot, Scene], Result]] = {
    Bound: _bound,
    Equals: _equals,
    SameAs: _same_as,
    OneOf: _one_of,
    Matches: _matches,
    Contains: _contains,
    SubsetOf: _subset_of,
    Shape: _shape,
}
"""The function that judges each constraint."""
