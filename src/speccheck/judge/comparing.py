"""Equality of values: numbers within a tolerance, lists and mappings item by item; a bool is not a number."""

from __future__ import annotations

import math
from typing import NamedTuple

from speccheck.judge.applicability import is_tensor
from speccheck.judge.limits import Tolerance
from speccheck.judge.unknown import UnknownError, recorded, require_value
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import MAX_DEPTH
from speccheck.model.kinds import kind_of
from speccheck.model.values import Json, TensorDescription, Value

_KEYS = 5
"""Keys that a cause names at most, of those missing and of those unexpected."""


class Comparison(NamedTuple):
    """The result of comparing two values; for the place that differs most (or is equal by least), values and margin."""

    equal: bool
    margin: float | None = None
    at: tuple[str | int, ...] = ()
    observed: Value = None
    expected: Value = None
    cause: Cause | None = None


class Comparer(NamedTuple):
    """A comparison of values: the tolerance, and whether infinity is a real observation."""

    tolerance: Tolerance | None = None
    infinite: bool = False

    def compare(self, observed: Value, expected: Json, at: tuple[str | int, ...] = ()) -> Comparison:
        """Compare; UnknownError for none and NaN anywhere, and where the kinds differ."""
        if len(at) > 2 * MAX_DEPTH:
            raise UnknownError(CauseKind.TOO_DEEP)
        kind, wanted = kind_of(observed), kind_of(expected)
        if kind == "number" and wanted == "number":
            return self._numbers(observed, expected, at)
        require_value(observed, "observed", **_place(at))
        require_value(expected, "expected", **_place(at))
        if kind == "tensor" and wanted == "text" and is_tensor(expected):
            expected, wanted = TensorDescription.parse(expected), "tensor"
        if kind != wanted or kind == "other":
            raise UnknownError(CauseKind.WRONG_KIND, observed=kind, wanted=[wanted], **_place(at))
        if kind == "list":
            return self._lists(list(observed), list(expected), at)
        if kind == "mapping":
            return self._mappings(dict(observed), dict(expected), at)
        if observed == expected:
            return Comparison(True, None, at, observed, expected)
        return Comparison(False, None, at, observed, expected, _unequal(observed, expected))

    def _numbers(self, observed: float, expected: float, at: tuple[str | int, ...]) -> Comparison:
        require_value(observed, "observed", **_place(at))
        require_value(expected, "expected", **_place(at))
        if isinstance(observed, float) and math.isinf(observed) and not self.infinite:
            cause = Cause(CauseKind.INFINITE, {"observed": observed})
            return Comparison(False, None, at, observed, expected, cause)
        if observed == expected:
            allowed = allowance(self.tolerance, expected)
            return Comparison(True, allowed if math.isfinite(allowed) else None, at, observed, expected)
        try:
            difference = abs(observed - expected)
            allowed = allowance(self.tolerance, expected)
            margin = allowed - difference if math.isfinite(difference) else -math.inf
        except OverflowError:
            raise UnknownError(CauseKind.OUT_OF_RANGE, role="numbers") from None
        # the distance from an infinity is never finite, and so never within a tolerance, not even of 2 %
        equal = margin >= 0 and math.isfinite(difference) and self.tolerance is not None
        within = {"within": allowed} if self.tolerance is not None else {}
        unequal = None if equal else _unequal(observed, expected, **within)
        return Comparison(equal, margin if math.isfinite(margin) else None, at, observed, expected, unequal)

    def _lists(self, observed: list[Value], expected: list[Json], at: tuple[str | int, ...]) -> Comparison:
        if len(observed) != len(expected):
            _require_all(observed, at)
            cause = Cause(CauseKind.LENGTHS_DIFFER, {"observed": len(observed), "expected": len(expected)})
            return Comparison(False, None, at, observed, expected, cause)
        pairs = enumerate(zip(observed, expected, strict=True))
        found = [self.compare(one, two, (*at, index)) for index, (one, two) in pairs]
        return _worst(found, Comparison(True, None, at, observed, expected))

    def _mappings(self, observed: dict[str, Value], expected: dict[str, Json], at: tuple[str | int, ...]) -> Comparison:
        if observed.keys() != expected.keys():
            _require_all(list(observed.values()), at)
            missing, more = sorted(expected.keys() - observed.keys()), sorted(observed.keys() - expected.keys())
            cause = Cause(CauseKind.KEYS_DIFFER, {"missing": missing[:_KEYS], "unexpected": more[:_KEYS]})
            return Comparison(False, None, at, observed, expected, cause)
        found = [self.compare(observed[key], expected[key], (*at, key)) for key in sorted(expected)]
        return _worst(found, Comparison(True, None, at, observed, expected))


def _worst(found: list[Comparison], whole: Comparison) -> Comparison:
    unequal = [item for item in found if not item.equal]
    if unequal:
        return min(unequal, key=lambda item: -math.inf if item.margin is None else item.margin)
    margins = [item.margin for item in found if item.margin is not None]
    return whole._replace(margin=min(margins)) if margins else whole


def _unequal(observed: Value, expected: Json, **within: Value) -> Cause:
    return Cause(CauseKind.NOT_EQUAL, {**recorded("observed", observed), **recorded("expected", expected), **within})


def _place(at: tuple[str | int, ...]) -> dict[str, Value]:
    return {"at": list(at)} if at else {}


def _require_all(values: list[Value], at: tuple[str | int, ...]) -> None:
    for index, value in enumerate(values):
        require_value(value, "observed", **_place((*at, index)))


def allowance(tolerance: Tolerance | None, expected: Json) -> float:
    """Return how far from the expected number an equal one may be; UnknownError beyond the range of a float."""
    if tolerance is None or kind_of(expected) != "number":
        return 0.0
    try:
        return tolerance.amount * abs(expected) if tolerance.relative else tolerance.amount
    except OverflowError:
        raise UnknownError(CauseKind.OUT_OF_RANGE, role="expected") from None
