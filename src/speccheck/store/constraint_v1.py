"""The text of a constraint in a run file of format 1 (``each: {min: baseline - 1}``), taken apart."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple

from speccheck.model.values import Json, Value
from speccheck.model.verdict import LimitSource

_NESTINGS = frozenset({"each", "mean", "std", "median", "first", "last", "length"})
_OPTIONS = ("tolerance", "confidence", "correct_for")
_MARK = "worst: {"

_NAME = re.compile(r"([a-z_]+)(?::\s*|$)(.*)", re.DOTALL)
_NUMBER = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?"
_LIMIT = re.compile(rf"(?P<reference>.+?)(?:\s+(?P<op>[-+*/])\s+(?P<number>{_NUMBER}))?", re.DOTALL)
_BOUNDS = frozenset({"min", "max", "above", "below", "same_as"})


class Written(NamedTuple):
    """A constraint as it was written.

    Its name, the nestings around it, its limit, what is beside it, and the reference in its limit.
    """

    name: str
    nesting: tuple[str, ...]
    limit: Value
    options: dict[str, Value]
    source: LimitSource | None


def demanded_by(text: str) -> Literal["expect", "worst", "expected_failure"]:
    """Return the key of the entry that demands the constraint of this text."""
    if text == "expected_failure":
        return "expected_failure"
    return "worst" if text.startswith(_MARK) else "expect"


def written(text: str, expected: Json) -> Written:
    """Take the text of a constraint apart; ``expected`` is what the spec demands of the metric.

    The limit is that of the spec where the spec has the constraint, and else the text behind the name.
    """
    rest = text.removeprefix(_MARK).removesuffix("}") if demanded_by(text) == "worst" else text
    nesting: list[str] = []
    match = _NAME.fullmatch(rest)
    while match is not None and match[1] in _NESTINGS and match[2].startswith("{"):
        nesting.append(match[1])
        rest = match[2][1:].removesuffix("}")
        match = _NAME.fullmatch(rest)
    name, operand = (match[1], match[2]) if match is not None else (rest, "")
    limit, options = _of_spec(expected, nesting, name) or (operand or None, {})
    return Written(name, tuple(nesting), limit, options, _source(name, limit))


def _of_spec(expected: Json, nesting: list[str], name: str) -> tuple[Value, dict[str, Value]] | None:
    node = expected
    for step in nesting:
        if not isinstance(node, Mapping) or step not in node:
            return None
        node = node[step]
    if isinstance(node, Mapping):
        return (node[name], {key: node[key] for key in _OPTIONS if key in node}) if name in node else None
    return (node, {}) if name == "equals" and node is not None else None


def _source(name: str, limit: Value) -> LimitSource | None:
    if name not in _BOUNDS or not isinstance(limit, str) or re.fullmatch(rf"{_NUMBER}|[-+]?\.(?:inf|Inf|INF)", limit):
        return None
    match = _LIMIT.fullmatch(limit.strip())
    if match is None:
        return None
    reference = match["reference"]
    kind: Literal["baseline", "metric", "entry"] = "entry" if reference.startswith("checks.") else "metric"
    number = float(match["number"]) if match["op"] else None
    return LimitSource(reference, "baseline" if reference == "baseline" else kind, None, match["op"] or "", number)
