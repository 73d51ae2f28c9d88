"""Reading an ``expect`` mapping: every expectation that can be read, and every problem, at once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast, get_args

import msgspec

from speccheck.judge.builders import BUILDERS, equals
from speccheck.judge.fit import NUMERIC, Place, place_of
from speccheck.judge.nodes import Constraint, Expectation, Leaf, Nested, NestingName, Parsed, Shape
from speccheck.judge.reader import Reader, node_key, suggestion
from speccheck.judge.words import MAX_DEPTH, cut, flow, kind_of
from speccheck.model.metrics import Metrics
from speccheck.model.paths import ANY, PathError, parse_path
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json

_NESTINGS = get_args(NestingName)
_BOUNDS = ("min", "max", "above", "below")
_PARTNERS = {"tolerance": ("equals", "same_as"), "confidence": _BOUNDS, "correct_for": _BOUNDS}
_BESIDE = ("why", "severity")
CONSTRAINTS = (*BUILDERS, *_NESTINGS)
"""The names of all constraints, without what may stand beside one (``tolerance``, ``why`` and so on)."""


def parse_expect(expect: Json, metrics: Metrics | None) -> Parsed:
    """Read ``expect`` (or a waiver's ``worst``); without declarations, what needs them is not checked.

    Never raises for plain data of whatever form: what cannot be read becomes a problem.
    """
    reader = Reader(metrics)
    found: list[Expectation] = []
    if kind_of(expect) != "mapping":
        reader.problem("SC205", "'expect' is a mapping of metric paths to constraints", ())
    else:
        for key, node in expect.items():
            expectation = _expectation(reader, key, node)
            found += [expectation] if expectation is not None else []
    entries = frozenset(reference.entry for reference, _ in reader.references)
    return Parsed(
        tuple(found), tuple(dict.fromkeys(reader.problems)), entries, tuple(reader.references), reader.uses_baseline
    )


def compiled(expect: Mapping[str, Json]) -> Parsed:
    """:func:`parse_expect` without declarations; equal mappings are read once."""
    try:
        return _compiled(msgspec.msgpack.encode(expect))
    except (TypeError, ValueError, OverflowError, RecursionError):  # what msgpack has no form for is read anew
        return parse_expect(expect, None)


@lru_cache(maxsize=16384)
def _compiled(key: bytes) -> Parsed:
    return parse_expect(msgspec.msgpack.decode(key), None)


def _expectation(reader: Reader, key: Any, node: Json) -> Expectation | None:
    at = (node_key(key),)
    if not isinstance(key, str):
        reader.problem("SC206", f"a metric path is a text, not {flow(key)}", at, on_key=True)
        return None
    try:
        path = parse_path(key)
    except PathError as error:
        reader.problem("SC206", str(error), at, on_key=True)
        return None
    metric = reader.declaration(key, path, at, on_key=True)
    seen = len(reader.leaves)
    errors = len(reader.problems)
    constraints = _constraints(reader, place_of(metric, path, at), node)
    wrong = any(problem.severity == "error" for problem in reader.problems[errors:])
    leaves = tuple(reader.leaves[seen:])
    if not leaves or wrong or (metric is None and reader.metrics is not None):
        return None
    shapes = any(isinstance(leaf, Shape) for leaf in leaves)
    return Expectation(key, path, constraints, leaves, ANY in path, shapes)


def _constraints(reader: Reader, place: Place, node: Json) -> tuple[Constraint, ...]:
    if len(place.nesting) > MAX_DEPTH:
        reader.problem("SC205", f"constraints nested deeper than {MAX_DEPTH} levels", place.node)
        return ()
    if kind_of(node) != "mapping":
        plain = equals(reader, place, "", node, {})
        reader.leaves += [plain] if plain is not None else []
        return (plain,) if plain is not None else ()
    place = _beside(reader, place, node)
    found: list[Constraint] = []
    # Sorted, as a record keeps them: judging it again gives the same verdicts in the same order.
    for key, value in sorted(node.items(), key=_by_name):
        if key in _BESIDE or (key in _PARTNERS and _partnered(reader, place, node, key)):
            continue
        constraint = _constraint(reader, place, key, value, node)
        found += [constraint] if constraint is not None else []
    if all(key in _BESIDE or key in _PARTNERS for key in node):
        alone = ", ".join(node)
        reader.problem("SC207", f"no constraint here, only {alone}" if node else "no constraint here", place.node)
    return tuple(found)


def _by_name(item: tuple[Any, Json]) -> str:
    return item[0] if isinstance(item[0], str) else ""


def _beside(reader: Reader, place: Place, node: Mapping[Any, Json]) -> Place:
    why, severity = node.get("why", place.why), node.get("severity", place.severity)
    if not isinstance(why, str):
        reader.problem("SC205", "'why' is a text", (*place.node, "why"))
        why = ""
    if "severity" in node and severity not in ("fail", "warn"):
        reader.problem("SC205", "'severity' is fail or warn", (*place.node, "severity"))
        severity = None
    return replace(place, why=why, severity=cast(EntrySeverity | None, severity))


def _partnered(reader: Reader, place: Place, node: Mapping[Any, Json], key: str) -> bool:
    if not any(name in node for name in _PARTNERS[key]):
        names = " or ".join(f"'{name}'" for name in _PARTNERS[key])
        reader.problem("SC202", f"'{key}' stands beside {names}", (*place.node, key), on_key=True)
    return True


def _constraint(reader: Reader, place: Place, key: Any, value: Json, options: Mapping[Any, Json]) -> Constraint | None:
    at = (*place.node, node_key(key))
    if key not in CONSTRAINTS:
        names = (*CONSTRAINTS, *_PARTNERS, *_BESIDE)
        name = key if isinstance(key, str) else flow(key)
        message = f"unknown constraint '{cut(name)}'"
        reader.problem("SC201", message, at, on_key=True, hint=suggestion(name, names))
        return None
    if not reader.fits(place, key):
        return None
    if key in _NESTINGS:
        return _nested(reader, place, key, value)
    leaf: Leaf | None = BUILDERS[key](reader, place, key, value, options)
    reader.leaves += [leaf] if leaf is not None else []
    return leaf


def _nested(reader: Reader, place: Place, how: NestingName, value: Json) -> Constraint | None:
    at = (*place.node, how)
    if how in NUMERIC and place.of not in ("any", "number"):
        reader.problem("SC202", f"'{how}' is of numbers, and an item of this metric is a {place.of}", at, on_key=True)
        return None
    if kind_of(value) not in ("mapping", "number") and how == "length":
        reader.problem("SC205", "a length is a whole number, or constraints on it", at)
        return None
    if how == "length" and kind_of(value) == "number" and not _is_count(value):
        reader.problem("SC205", f"a length is a whole number of at least 0, not {flow(value)}", at)
        return None
    inner = _constraints(reader, place.below(how), value)
    return Nested(how=how, inner=inner) if inner else None


def _is_count(value: float) -> bool:
    return value >= 0 and (isinstance(value, int) or value.is_integer())
