"""Equality of values: numbers as numbers within a tolerance, lists and mappings item by item, a bool is no number."""

from __future__ import annotations

import math
from typing import NamedTuple

from speccheck.judge.builders import allowance
from speccheck.judge.fit import is_tensor
from speccheck.judge.nodes import Tolerance
from speccheck.judge.words import MAX_DEPTH, UnknownError, is_nan, item_text, kind_of, pair_text, value_text
from speccheck.model.values import Json, TensorDescription, Value


class Comparison(NamedTuple):
    """Whether two values are equal; for the place that differs most (or least of the equal), values and margin."""

    equal: bool
    margin: float | None = None
    at: tuple[str | int, ...] = ()
    observed: Value = None
    expected: Value = None
    reason: str = ""


class Comparer(NamedTuple):
    """How values are compared: within a tolerance, and whether infinity is a real observation."""

    tolerance: Tolerance | None = None
    infinite: bool = False

    def compare(self, observed: Value, expected: Json, at: tuple[str | int, ...] = ()) -> Comparison:
        """Compare; UnknownError for none and NaN anywhere, and where the kinds differ."""
        if len(at) > 2 * MAX_DEPTH:
            raise UnknownError("values nested too deeply to compare")
        kind, wanted = kind_of(observed), kind_of(expected)
        if kind == "number" and wanted == "number":
            return self._numbers(observed, expected, at)
        _require(observed, "the observed value", at)
        _require(expected, "the expected value", at)
        if kind == "tensor" and wanted == "text" and is_tensor(expected):
            expected, wanted = TensorDescription.parse(expected), "tensor"
        if kind != wanted or kind == "other":
            place = f" at {item_text(at)}" if at else ""
            raise UnknownError(f"wrong kind: observed a {kind}{place}, expected a {wanted}")
        if kind == "list":
            return self._lists(list(observed), list(expected), at)
        if kind == "mapping":
            return self._mappings(dict(observed), dict(expected), at)
        if observed == expected:
            return Comparison(True, None, at, observed, expected)
        reason = f"{value_text(observed)}, expected {value_text(expected)}"
        return Comparison(False, None, at, observed, expected, reason)

    def _numbers(self, observed: float, expected: float, at: tuple[str | int, ...]) -> Comparison:
        _require(observed, "the observed value", at)
        _require(expected, "the expected value", at)
        if isinstance(observed, float) and math.isinf(observed) and not self.infinite:
            reason = f"{value_text(observed)}, which the metric does not declare possible"
            return Comparison(False, None, at, observed, expected, reason)
        if observed == expected:
            allowed = allowance(self.tolerance, expected)
            return Comparison(True, allowed if math.isfinite(allowed) else None, at, observed, expected)
        try:
            difference = abs(observed - expected)
            allowed = allowance(self.tolerance, expected)
            margin = allowed - difference if math.isfinite(difference) else -math.inf
        except OverflowError:
            raise UnknownError("numbers beyond the range of a 64-bit float") from None
        # an infinity lies no finite distance from anything, not even 2 % of it
        equal = margin >= 0 and math.isfinite(difference) and self.tolerance is not None
        one, two = pair_text(observed, expected)
        within = f" within {value_text(allowed)}" if self.tolerance is not None else ""
        reason = "" if equal else f"{one}, expected {two}{within}"
        return Comparison(equal, margin if math.isfinite(margin) else None, at, observed, expected, reason)

    def _lists(self, observed: list[Value], expected: list[Json], at: tuple[str | int, ...]) -> Comparison:
        if len(observed) != len(expected):
            _require_all(observed, at)
            reason = f"{len(observed)} items, expected {len(expected)}"
            return Comparison(False, None, at, observed, expected, reason)
        pairs = enumerate(zip(observed, expected, strict=True))
        found = [self.compare(one, two, (*at, index)) for index, (one, two) in pairs]
        return _worst(found, Comparison(True, None, at, observed, expected))

    def _mappings(self, observed: dict[str, Value], expected: dict[str, Json], at: tuple[str | int, ...]) -> Comparison:
        if observed.keys() != expected.keys():
            _require_all(list(observed.values()), at)
            missing, more = sorted(expected.keys() - observed.keys()), sorted(observed.keys() - expected.keys())
            parts = [("no key ", missing), ("not expected: key ", more)]
            reason = "; ".join(what + ", ".join(map(value_text, keys[:5])) for what, keys in parts if keys)
            return Comparison(False, None, at, observed, expected, reason)
        found = [self.compare(observed[key], expected[key], (*at, key)) for key in sorted(expected)]
        return _worst(found, Comparison(True, None, at, observed, expected))


def _worst(found: list[Comparison], whole: Comparison) -> Comparison:
    unequal = [item for item in found if not item.equal]
    if unequal:
        return min(unequal, key=lambda item: -math.inf if item.margin is None else item.margin)
    margins = [item.margin for item in found if item.margin is not None]
    return whole._replace(margin=min(margins)) if margins else whole


def _require(value: Value, what: str, at: tuple[str | int, ...]) -> None:
    if value is None or is_nan(value):
        place = f" at {item_text(at)}" if at else ""
        raise UnknownError(f"{what}{place} is {'none' if value is None else 'NaN'}")


def _require_all(values: list[Value], at: tuple[str | int, ...]) -> None:
    for index, value in enumerate(values):
        _require(value, "the observed value", (*at, index))
