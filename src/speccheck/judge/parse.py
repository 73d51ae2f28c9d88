"""Reading an ``expect`` mapping: it gives every expectation that can be read, and every problem, at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any, cast

import msgspec

from speccheck.judge.applicability import Place, place_of
from speccheck.judge.constraint import Constraint, Nesting, Written
from speccheck.judge.constraints import CONSTRAINTS, OPTIONS, PARTNERS
from speccheck.judge.constraints.equality import EQUALS
from speccheck.judge.expectation import Expectation, Leaf, Nested, Node, Parsed
from speccheck.judge.reader import Reader, node_key, suggestion
from speccheck.model.formatting import MAX_DEPTH, cut, flow
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import Kind, Metrics
from speccheck.model.paths import ANY, PathError, parse_path
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Json

_BESIDE = ("why", "severity")
_CACHED = 16384


class _Declared:
    """Declarations as the key of a cache: the very same ones, not equal ones."""

    __slots__ = ("metrics",)

    def __init__(self, metrics: Metrics | None) -> None:
        self.metrics = metrics

    def __hash__(self) -> int:
        return id(self.metrics)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Declared) and other.metrics is self.metrics


def reading(expect: Mapping[str, Json], metrics: Metrics | None) -> Parsed:
    """Return what :func:`parse_expect` does, read once for equal mappings under the same declarations.

    Loading a spec and judging it share the reading.
    """
    try:
        key = msgspec.msgpack.encode(expect)
    except (TypeError, ValueError, OverflowError, RecursionError):  # a value that msgpack cannot hold is read anew
        return parse_expect(expect, metrics)
    return _read(key, _Declared(metrics))


@lru_cache(maxsize=_CACHED)
def _read(key: bytes, declared: _Declared) -> Parsed:
    return parse_expect(msgspec.msgpack.decode(key), declared.metrics)


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
    errors = len(reader.problems)
    constraints = _constraints(reader, place_of(metric, path, at), node)
    wrong = any(problem.severity == "error" for problem in reader.problems[errors:])
    leaves = tuple(leaf for constraint in constraints for leaf in _leaves(constraint))
    if not leaves or wrong or (metric is None and reader.metrics is not None):
        return None
    binds = any(leaf.constraint.bind is not None for leaf in leaves)
    return Expectation(key, path, constraints, leaves, ANY in path, binds)


def _leaves(node: Node) -> Iterator[Leaf]:
    if isinstance(node, Leaf):
        yield node
        return
    for inner in node.inner:
        yield from _leaves(inner)


def _constraints(reader: Reader, place: Place, node: Json) -> tuple[Node, ...]:
    if len(place.nesting) > MAX_DEPTH:
        reader.problem("SC205", f"constraints nested deeper than {MAX_DEPTH} levels", place.node)
        return ()
    if kind_of(node) != "mapping":
        plain = _leaf(reader, EQUALS, Written(EQUALS.name, node, place, place.node))
        return () if plain is None else (plain,)
    place = _beside(reader, place, node)
    found: list[Node] = []
    # Sorted, as a record keeps them: judging it again gives the same verdicts in the same order.
    for key, value in sorted(node.items(), key=_by_name):
        if key in _BESIDE or (key in OPTIONS and _partnered(reader, place, node, key)):
            continue
        constraint = _constraint(reader, place, key, value, node)
        found += [constraint] if constraint is not None else []
    if all(key in _BESIDE or key in OPTIONS for key in node):
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
    if not any(name in node for name in PARTNERS[key]):
        names = " or ".join(f"'{name}'" for name in PARTNERS[key])
        reader.problem("SC202", f"'{key}' belongs beside {names}", (*place.node, key), on_key=True)
    return True


def _constraint(reader: Reader, place: Place, key: Any, value: Json, beside: Mapping[Any, Json]) -> Node | None:
    at = (*place.node, node_key(key))
    found = CONSTRAINTS.get(key) if isinstance(key, str) else None
    if found is None:
        name = key if isinstance(key, str) else flow(key)
        hint = suggestion(name, (*CONSTRAINTS, *OPTIONS, *_BESIDE))
        reader.problem("SC201", f"unknown constraint '{cut(name)}'", at, on_key=True, hint=hint)
        return None
    if not reader.fits(place, found.name, found.kinds):
        return None
    if isinstance(found, Nesting):
        return _nested(reader, found, Written(key, value, place, at))
    options = {name: beside[name] for name in found.options if name in beside}
    return _leaf(reader, found, Written(key, value, place, at, options))


def _leaf(reader: Reader, constraint: Constraint, written: Written) -> Leaf | None:
    read, place = constraint.read(reader, written), written.place
    if read is None:
        return None
    return Leaf(constraint, read, written.value, written.options, place.nesting, place.why, place.severity)


def _nested(reader: Reader, nesting: Nesting, written: Written) -> Nested | None:
    place, name = written.place, nesting.name
    if nesting.of != "any" and place.of not in ("any", nesting.of):
        message = f"'{name}' takes {nesting.of}s, and an item of this metric is a {place.of}"
        reader.problem("SC202", message, written.node, on_key=True)
        return None
    if not nesting.check(reader, written):
        return None
    kind: Kind = "number" if nesting.numbers else place.of
    inner = _constraints(reader, place.below(name, kind, nesting.bounds(place.bounds)), written.value)
    return Nested(nesting, inner) if inner else None
