"""One builder per constraint: reads the value written, notes every problem, and gives the constraint or None."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, cast

from speccheck.judge.fit import (
    Place,
    literal_fits,
    readable,
    vacuous_bound,
    vacuous_equality,
    vacuous_options,
)
from speccheck.judge.limits import LimitError, parse_limit, parse_tolerance
from speccheck.judge.nodes import (
    Bound,
    BoundName,
    Contains,
    Equals,
    Leaf,
    Limit,
    Matches,
    NodePath,
    OneOf,
    SameAs,
    Shape,
    SubsetOf,
    Tolerance,
)
from speccheck.judge.reader import Reader, modified, wrapped
from speccheck.judge.shapes import parse_shape
from speccheck.judge.words import UnknownError, flow, kind_of
from speccheck.model.paths import ANY, MetricPath
from speccheck.model.values import Json

Options = Mapping[str, Json]
Builder = Callable[[Reader, Place, str, Json, Options], Leaf | None]


def _common(place: Place, text: str, options: Options, *modifiers: str) -> dict[str, Any]:
    written = wrapped(place, modified(text, options, modifiers))
    return {"text": written, "why": place.why, "severity": place.severity}


def bound(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """``min``, ``max``, ``above``, ``below``, with ``confidence`` and ``correct_for`` beside it under ``mean``."""
    node = (*place.node, name)
    try:
        limit = parse_limit(value)
    except LimitError as error:
        reader.limit_problem(error, node)
        return None
    if limit.reference is not None and not reader.refer(limit.reference, place, node, number=True):
        return None
    common = _common(place, f"{name}: {flow(value)}", options, "confidence", "correct_for")
    confidence = _confidence(reader, place, options)
    family = _family(reader, place, options)
    if family is None or ("confidence" in options and confidence is None):
        return None
    side = cast(BoundName, name)
    _bound_vacuity(reader, place, common["text"], side, limit)
    return Bound(**common, name=side, limit=limit, confidence=confidence, family=family)


def _bound_vacuity(reader: Reader, place: Place, text: str, name: BoundName, limit: Limit) -> None:
    node = (*place.node, name)
    itself = limit.reference is not None and limit.reference.path == place.path and not place.nesting
    if limit.reference is None and vacuous_bound(name, limit.number, place.low, place.high):
        low, high = ("unbounded" if end is None else flow(end) for end in (place.low, place.high))
        reader.vacuous(text, f"the declared bounds are {low} to {high}", node)
    elif itself and limit.reference and limit.reference.kind == "metric" and not limit.op and name in ("min", "max"):
        reader.vacuous(text, "the limit is the metric itself", node)


def _confidence(reader: Reader, place: Place, options: Options) -> float | None:
    if "confidence" not in options:
        if "correct_for" in options:
            reader.problem(
                "SC202", "'correct_for' stands beside 'confidence'", (*place.node, "correct_for"), on_key=True
            )
        return None
    value, node = options["confidence"], (*place.node, "confidence")
    if place.nesting[-1:] != ("mean",):
        reader.problem("SC202", "'confidence' stands beside a limit under 'mean'", node, on_key=True)
        return None
    if place.metric is not None and not place.metric.replicates:
        message = "'confidence' needs a metric declared as independent replicates, and this one is not"
        reader.problem("SC202", message, node, on_key=True)
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.5 < value < 1:
        reader.problem("SC205", "a confidence is a number between 0.5 and 1, both excluded", node)
        return None
    return float(value)


def _family(reader: Reader, place: Place, options: Options) -> MetricPath | None:
    if "correct_for" not in options:
        return ()
    value, node = options["correct_for"], (*place.node, "correct_for")
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
        reader.problem("SC202", f"'correct_for: {value}' stands beside a limit on a key of '{value}'", node)
        return None
    return path


def equals(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """Equality with a literal; ``name`` is '' for a plain value."""
    node = (*place.node, name) if name else place.node
    if not reader.literal(value, node):
        return None
    tolerance, sound = _tolerance(reader, place, options)
    if not sound:
        return None
    if not literal_fits(place.kind, value):
        message = f"{flow(value)} is a {kind_of(value)}, and this metric is a {place.kind}"
        reader.problem("SC202", message, node, hint=_comparison(value))
        return None
    if tolerance is not None and kind_of(value) in ("bool", "text"):
        message = f"'tolerance' is for numbers, and {flow(value)} is a {kind_of(value)}"
        reader.problem("SC202", message, (*place.node, "tolerance"), on_key=True)
        return None
    common = _common(place, f"equals: {flow(value)}", options, "tolerance")
    if vacuous_equality(value, allowance(tolerance, value), place.low, place.high):
        reader.vacuous(common["text"], "the tolerance spans the declared bounds", node)
    return Equals(**common, expected=value, tolerance=tolerance)


def _comparison(value: Json) -> str:
    match = re.fullmatch(r"\s*(>=|<=|>|<)\s*(\S.*)", value) if isinstance(value, str) else None
    if match is None:
        return ""
    return f"write {{{ {'>=': 'min', '<=': 'max', '>': 'above', '<': 'below'}[match[1]] }: {match[2]}}}"


def allowance(tolerance: Tolerance | None, expected: Json) -> float:
    """How far from the expected number an equal one may lie, in its unit; UnknownError beyond a float's range."""
    if tolerance is None or kind_of(expected) != "number":
        return 0.0
    try:
        return tolerance.amount * abs(expected) if tolerance.relative else tolerance.amount
    except OverflowError:
        raise UnknownError("the expected number is beyond the range of a 64-bit float") from None


def _tolerance(reader: Reader, place: Place, options: Options) -> tuple[Tolerance | None, bool]:
    if "tolerance" not in options:
        return None, True
    node = (*place.node, "tolerance")
    if place.kind in ("bool", "text", "tensor"):
        reader.problem("SC202", f"'tolerance' is for numbers, and this metric is a {place.kind}", node, on_key=True)
        return None, False
    try:
        return parse_tolerance(options["tolerance"]), True
    except LimitError as error:
        reader.limit_problem(error, node, "SC205")
        return None, False


def same_as(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """Equality with what a reference stands for."""
    node = (*place.node, name)
    reference = reader.reference(value, place, node)
    tolerance, sound = _tolerance(reader, place, options)
    if reference is None or not sound:
        return None
    common = _common(place, f"same_as: {flow(value)}", options, "tolerance")
    if reference.kind == "metric" and reference.path == place.path and not place.nesting:
        reader.vacuous(common["text"], "the reference is the metric itself", node)
    return SameAs(**common, reference=reference, tolerance=tolerance)


def _options(reader: Reader, name: str, value: Json, node: NodePath) -> tuple[Json, ...] | None:
    if kind_of(value) != "list" or not value:
        reader.problem("SC205", f"'{name}' takes a list of at least one value", node)
        return None
    sound = [reader.literal(item, (*node, at)) for at, item in enumerate(value)]
    return tuple(value) if all(sound) else None


def one_of(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """Membership in a list of literals."""
    node = (*place.node, name)
    members = _options(reader, name, value, node)
    if members is None:
        return None
    wrong = [at for at, item in enumerate(members) if not literal_fits(place.kind, item)]
    for at in wrong:
        message = f"{flow(members[at])} is a {kind_of(members[at])}, and this metric is a {place.kind}"
        reader.problem("SC202", message, (*node, at))
    if wrong:
        return None
    common = _common(place, f"{name}: {flow(value)}", options)
    if vacuous_options(place.kind, members):
        reader.vacuous(common["text"], "a bool is one of the two", node)
    return OneOf(**common, options=members)


def matches(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """A regular expression that matches the whole text."""
    node = (*place.node, name)
    if not isinstance(value, str):
        reader.problem("SC205", "'matches' takes a regular expression, a text", node)
        return None
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        reader.problem("SC205", f"not a regular expression: {error}", node)
        return None
    return Matches(**_common(place, f"{name}: {flow(value)}", options), pattern=value)


def contains(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """A list that has the value as an item."""
    node = (*place.node, name)
    if not reader.literal(value, node):
        return None
    if not literal_fits(place.of, value):
        message = f"{flow(value)} is a {kind_of(value)}, and an item of this metric is a {place.of}"
        reader.problem("SC202", message, node)
        return None
    return Contains(**_common(place, f"{name}: {flow(value)}", options), item=value)


def subset_of(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """A list whose items are all among the values."""
    members = _options(reader, name, value, (*place.node, name))
    if members is None:
        return None
    return SubsetOf(**_common(place, f"{name}: {flow(value)}", options), options=members)


def shape(reader: Reader, place: Place, name: str, value: Json, options: Options) -> Leaf | None:
    """``shape: "[T=8, 3]"`` or ``tensor: "float32[T=8, 3]"``."""
    node = (*place.node, name)
    if not isinstance(value, str):
        hint = f'quote it: {name}: "{flow(value)}"' if kind_of(value) == "list" else ""
        reader.problem("SC204", f"'{name}' takes a text such as \"{_FORMS[name]}\"", node, hint=hint)
        return None
    try:
        pattern = parse_shape(value, dtype=name == "tensor")
    except ValueError as error:
        reader.problem("SC204", str(error), node)
        return None
    common = _common(place, f"{name}: {flow(value)}", options)
    if pattern.anything:
        reader.vacuous(common["text"], "every shape fits", node)
    return Shape(**common, pattern=pattern)


_FORMS = {"shape": "[B, 3, H]", "tensor": "float32[B, 3, H]"}

BUILDERS: Mapping[str, Builder] = {
    "min": bound,
    "max": bound,
    "above": bound,
    "below": bound,
    "equals": equals,
    "same_as": same_as,
    "one_of": one_of,
    "matches": matches,
    "contains": contains,
    "subset_of": subset_of,
    "shape": shape,
    "tensor": shape,
}
