"""The text of limits and references: ``24``, ``baseline - 1.0``, ``checks.probe.delta * 2``, ``"2%"``."""

from __future__ import annotations

import math
import re
from typing import Literal, cast

import msgspec

from speccheck.model.paths import ANY, MetricPath, PathError, parse_path
from speccheck.model.values import Json

_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_LITERAL = re.compile(rf"{_NUMBER}|[-+]?\.(?:inf|Inf|INF)")
_REFERRING = re.compile(rf"(?P<reference>.+?)(?:\s+(?P<op>[-+*/])\s+(?P<number>{_NUMBER}))?", re.DOTALL)
_CRAMPED = re.compile(rf"(?P<reference>.+?)\s*(?P<op>[-+*/])\s*(?P<number>{_NUMBER})", re.DOTALL)
_REVERSED = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<op>[-+*/])\s*(?P<reference>.+)", re.DOTALL)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")


_LONGEST = 1000
"""The longest text of a limit or reference, in characters; what takes it apart looks at each more than once."""


class Reference(msgspec.Struct, frozen=True):
    """The target of a limit or ``same_as``: the baseline, a metric of the entry, or one of another entry."""

    kind: Literal["baseline", "metric", "entry"]
    text: str
    path: MetricPath = ()
    entry: str = ""


class Limit(msgspec.Struct, frozen=True):
    """``NUMBER``, ``REFERENCE`` or ``REFERENCE op NUMBER``; without a reference, ``number`` is the limit."""

    number: float
    reference: Reference | None = None
    op: Literal["", "+", "-", "*", "/"] = ""


class Tolerance(msgspec.Struct, frozen=True):
    """How far apart equal numbers may be: ``amount``, or that fraction of the expected number's magnitude."""

    amount: float
    relative: bool = False


class LimitError(ValueError):
    """The value is not a limit, reference or tolerance; ``hint`` is the remedy, where one is clear."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


def parse_limit(value: Json) -> Limit:
    """Read a limit; LimitError for a value of another form."""
    if isinstance(value, str):
        return _parse_text(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise LimitError("a limit is a number, a reference, or a reference, an operator and a number")
    return Limit(finite_or_infinite(value))


def finite_or_infinite(value: int | float) -> int | float:
    """Return the number itself; LimitError for NaN and for integers beyond the range of a float."""
    try:
        if math.isnan(value):
            raise LimitError("NaN is not a limit: no value compares with it")
    except OverflowError:
        raise LimitError("a number beyond the range of a 64-bit float") from None
    return value


def _require_short(text: str) -> None:
    if len(text) > _LONGEST:
        raise LimitError(f"a limit, reference or tolerance has at most {_LONGEST} characters, not {len(text)}")


def _parse_text(text: str) -> Limit:
    _require_short(text)
    if _LITERAL.fullmatch(text):
        return Limit(float(re.sub(r"\.(?=[iI])", "", text)))
    match = _REFERRING.fullmatch(text)
    if match is None:
        raise LimitError("an empty limit")
    op = cast(Literal["", "+", "-", "*", "/"], match["op"] or "")
    try:
        reference = parse_reference(match["reference"])
    except LimitError as error:
        raise LimitError(f"{text!r} is not a limit: {error}", _remedy(text)) from None
    number = float(match["number"]) if op else 0.0
    if not math.isfinite(number):
        raise LimitError(f"a number beyond the range of a 64-bit float in {text!r}")
    if op == "/" and number == 0:
        raise LimitError(f"a division by zero in {text!r}")
    return Limit(number, reference, op)


def parse_reference(value: Json) -> Reference:
    """Read ``baseline``, a metric path of the same entry, or ``checks.ID.METRIC``; LimitError for another form."""
    if not isinstance(value, str):
        raise LimitError("a reference is baseline, a metric of this entry, or checks.ID.METRIC")
    text = value.strip()
    _require_short(text)
    if text == "baseline":
        return Reference("baseline", text)
    try:
        path = parse_path(text)
    except PathError as error:
        raise LimitError(str(error), _remedy(text)) from None
    if ANY in path:
        raise LimitError(f"a reference names one metric, and {text!r} may name several")
    if path[0] != "checks":
        return Reference("metric", text, path)
    if len(path) < 3:
        raise LimitError(f"a reference to another entry is checks.ID.METRIC, not {text!r}")
    return Reference("entry", text, path[2:], path[1])


def cramped(text: str) -> str:
    """Return the remedy for a limit whose operator lacks spaces around it, or '' for other texts."""
    match = _CRAMPED.fullmatch(text.strip())
    if match is None:
        return ""
    try:
        parse_path(match["reference"])
    except PathError:
        return ""
    return f"{match['reference']} {match['op']} {match['number']}"


def _remedy(text: str) -> str:
    spaced = cramped(text)
    if spaced and spaced != text:
        return f"put spaces around the operator: {spaced}"
    match = _REVERSED.fullmatch(text)
    if match is not None and match["op"] in "+*":
        return f"the reference comes first: {match['reference'].strip()} {match['op']} {match['number']}"
    return ""


def parse_tolerance(value: Json) -> Tolerance:
    """Read ``1e-6`` or ``2%``; LimitError when it is neither, negative, or not finite."""
    amount: float | None = None
    relative = False
    if isinstance(value, str):
        _require_short(value)
        match, percent = _LITERAL.fullmatch(value.strip()), _PERCENT.fullmatch(value.strip())
        if percent is not None:
            amount, relative = float(percent[1]) / 100, True
        elif match is not None and "inf" not in value.lower():
            amount = float(value)
    elif isinstance(value, (int, float)) and not isinstance(value, bool):
        amount = float(finite_or_infinite(value))
    if amount is None or not math.isfinite(amount) or amount < 0:
        raise LimitError("a tolerance is a number of at least 0, or a percentage such as 2%")
    return Tolerance(amount, relative)
