"""``equals`` and ``same_as``: equality with a literal or a reference, numbers within a tolerance."""

from __future__ import annotations

import re

import msgspec

from speccheck.judge.applicability import literal_fits
from speccheck.judge.comparing import Comparer, Comparison, allowance
from speccheck.judge.constraint import Constraint, Option, Written
from speccheck.judge.constraints.bounds import is_itself
from speccheck.judge.constraints.shapes import names_known_dtype
from speccheck.judge.context import JudgingContext
from speccheck.judge.limits import LimitError, Reference, Tolerance, parse_tolerance
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Range, Spot
from speccheck.judge.unknown import UnknownError
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import MAX_DEPTH, flow, shown
from speccheck.model.kinds import kind_of
from speccheck.model.values import Json, Value
from speccheck.model.verdict import LimitSource, State


class Equals(msgspec.Struct, frozen=True):
    """Equal to a literal, numbers within the tolerance."""

    expected: Json
    tolerance: Tolerance | None = None


class SameAs(msgspec.Struct, frozen=True):
    """Equal to the value of a reference, numbers within the tolerance."""

    reference: Reference
    tolerance: Tolerance | None = None


def _read_equals(reader: Reader, written: Written) -> Equals | None:
    value, place = written.value, written.place
    if not reader.literal(value, written.node):
        return None
    tolerance, sound = _tolerance(reader, written)
    if not sound:
        return None
    if not literal_fits(place.kind, value):
        message = f"{flow(value)} is a {kind_of(value)}, and this metric is a {place.kind}"
        reader.problem("SC202", message, written.node, hint=_comparison(value))
        return None
    if not names_known_dtype(reader, place, value, written.node):
        return None
    if tolerance is not None and kind_of(value) in ("bool", "text"):
        message = f"'tolerance' is for numbers, and {flow(value)} is a {kind_of(value)}"
        reader.problem("SC202", message, written.option("tolerance"), on_key=True)
        return None
    if _vacuous(value, allowance(tolerance, value), place.bounds):
        reader.vacuous(written.text, "the tolerance spans the declared bounds", written.node)
    return Equals(value, tolerance)


def _comparison(value: Json) -> str:
    match = re.fullmatch(r"\s*(>=|<=|>|<)\s*(\S.*)", value) if isinstance(value, str) else None
    if match is None:
        return ""
    return f"write {{{ {'>=': 'min', '<=': 'max', '>': 'above', '<': 'below'}[match[1]] }: {match[2]}}}"


def _tolerance(reader: Reader, written: Written) -> tuple[Tolerance | None, bool]:
    if "tolerance" not in written.options:
        return None, True
    node, kind = written.option("tolerance"), written.place.kind
    if kind in ("bool", "text", "tensor"):
        reader.problem("SC202", f"'tolerance' is for numbers, and this metric is a {kind}", node, on_key=True)
        return None, False
    try:
        return parse_tolerance(written.options["tolerance"]), True
    except LimitError as error:
        reader.limit_problem(error, node, "SC205")
        return None, False


def _vacuous(expected: Json, allowed: float, bounds: Range) -> bool:
    """Return whether every number within the bounds is within ``allowed`` of the expected one."""
    low, high = bounds
    if kind_of(expected) != "number" or low is None or high is None:
        return False
    try:
        return bool(expected - allowed <= low and high <= expected + allowed)
    except OverflowError:
        return False


def _read_same_as(reader: Reader, written: Written) -> SameAs | None:
    place = written.place
    reference = reader.reference(written.value, place, written.node)
    tolerance, sound = _tolerance(reader, written)
    if reference is None or not sound:
        return None
    if reference.kind == "metric" and reference.path == place.path and not place.nesting:
        reader.vacuous(written.text, "the reference is the metric itself", written.node)
    return SameAs(reference, tolerance)


def _judge_equals(leaf: Equals, spot: Spot, context: JudgingContext) -> Result:
    found = Comparer(leaf.tolerance, spot.infinite).compare(spot.value, leaf.expected)
    never = leaf.tolerance is not None and _vacuous(
        leaf.expected, allowance(leaf.tolerance, leaf.expected), spot.bounds
    )
    return _compared(found, spot, never)


def _judge_same_as(leaf: SameAs, spot: Spot, context: JudgingContext) -> Result:
    expected = context.referred(leaf.reference, spot)
    if _is_empty(expected) and _is_empty(spot.value):
        raise UnknownError(CauseKind.BOTH_EMPTY)
    found = Comparer(leaf.tolerance, spot.infinite).compare(spot.value, expected)
    result = _compared(found, spot, is_itself(leaf.reference, spot, context))
    return result._replace(source=LimitSource(leaf.reference.text, leaf.reference.kind, shown(expected)))


def _is_empty(value: Value, depth: int = 0) -> bool:
    """Return whether there is nothing in the value to compare: no item, or none that is anything itself."""
    kind = kind_of(value)
    if kind not in ("list", "mapping") or depth > MAX_DEPTH:
        return kind == "text" and len(value) == 0
    return all(_is_empty(item, depth + 1) for item in (value.values() if kind == "mapping" else value))


def _compared(found: Comparison, spot: Spot, vacuous: bool) -> Result:
    cause = found.cause and Cause(found.cause.kind, {**spot.of, **found.cause.fields})
    state = State.HELD if found.equal else State.VIOLATED
    return Result(state, found.observed, found.expected, found.margin, found.at, cause, vacuous)


_EQUALS = "equal to the literal; numbers as numbers (0 is 0.0), a bool is not a number; lists and mappings item by item"

EQUALS = Constraint(
    "equals",
    _EQUALS,
    "equals: VALUE",
    {"description": "Equal to this value."},
    _read_equals,
    _judge_equals,
    options=("tolerance",),
)
"""The constraint that a plain value means."""

CONSTRAINTS = (
    EQUALS,
    Constraint(
        "same_as",
        "equal to the value of the reference, of any kind",
        "same_as: REFERENCE",
        {"type": "string", "description": "Equal to baseline, another metric, or checks.ID.METRIC."},
        _read_same_as,
        _judge_same_as,
        options=("tolerance",),
    ),
)

OPTIONS = (
    Option(
        "tolerance",
        "equal numbers may be this far apart: `1e-6`, or `2%` of the expected number",
        "tolerance: 1e-6",
        {"type": ["number", "string"], "description": "How far off numbers may be: 1e-6, or 2%."},
    ),
)
