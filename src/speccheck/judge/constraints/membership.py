"""``one_of``, ``contains``, ``subset_of``: membership of a value, or of the items of a list, in a set of literals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

from speccheck.judge.applicability import literal_fits
from speccheck.judge.comparing import Comparer
from speccheck.judge.constraint import LITERALS, Constraint, Written
from speccheck.judge.constraints.shapes import names_known_dtype
from speccheck.judge.context import JudgingContext
from speccheck.judge.reader import Reader
from speccheck.judge.result import Result
from speccheck.judge.spot import Spot
from speccheck.judge.unknown import UnknownError, recorded, wrong_kind
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.formatting import flow
from speccheck.model.kinds import kind_of
from speccheck.model.values import Json, Value
from speccheck.model.verdict import State

Members: TypeAlias = tuple[Json, ...]


def _read_members(reader: Reader, written: Written) -> Members | None:
    name, value, node = written.name, written.value, written.node
    if kind_of(value) != "list" or not value:
        reader.problem("SC205", f"'{name}' takes a list of at least one value", node)
        return None
    sound = [reader.literal(item, (*node, at)) for at, item in enumerate(value)]
    return tuple(value) if all(sound) else None


def _read_one_of(reader: Reader, written: Written) -> Members | None:
    members, kind = _read_members(reader, written), written.place.kind
    if members is None:
        return None
    wrong = [at for at, item in enumerate(members) if not literal_fits(kind, item)]
    for at in wrong:
        message = f"{flow(members[at])} is a {kind_of(members[at])}, and this metric is a {kind}"
        reader.problem("SC202", message, (*written.node, at))
    if wrong:
        return None
    known = [names_known_dtype(reader, written.place, item, (*written.node, at)) for at, item in enumerate(members)]
    if not all(known):
        return None
    if _vacuous(kind, members):
        reader.vacuous(written.text, "a bool is one of the two", written.node)
    return members


def _vacuous(kind: str, members: Members) -> bool:
    """Return whether the members are all that a value of the kind can be: true and false."""
    return kind == "bool" and True in members and False in members


def _is_any(value: Value, members: Sequence[Json], infinite: bool) -> bool:
    """Return whether the value equals a member; UnknownError when none is of its kind, or nothing can be compared."""
    comparer, judged = Comparer(None, infinite), False
    unknown: UnknownError | None = None
    for member in members:
        try:
            if comparer.compare(value, member).equal:
                return True
            judged = True
        except UnknownError as error:
            unknown = unknown or error
    if unknown is not None and not judged:
        raise unknown
    return False


def _judge_one_of(members: Members, spot: Spot, context: JudgingContext) -> Result:
    options = list(members)
    never = _vacuous(kind_of(spot.value), members)
    if _is_any(spot.value, options, spot.infinite):
        return Result(State.HELD, spot.value, options, vacuous=never)
    fields = {**spot.of, **recorded("observed", spot.value), **recorded("options", options)}
    return Result(State.VIOLATED, spot.value, options, cause=Cause(CauseKind.NOT_ONE_OF, fields), vacuous=never)


def _read_contains(reader: Reader, written: Written) -> Members | None:
    value, of = written.value, written.place.of
    if not reader.literal(value, written.node):
        return None
    if not literal_fits(of, value):
        message = f"{flow(value)} is a {kind_of(value)}, and an item of this metric is a {of}"
        reader.problem("SC202", message, written.node)
        return None
    return (value,)


def _judge_contains(members: Members, spot: Spot, context: JudgingContext) -> Result:
    if kind_of(spot.value) != "list":
        raise wrong_kind(spot.value, "list")
    (wanted,) = members
    unknown: UnknownError | None = None
    for index, item in enumerate(spot.value):
        try:
            if _is_any(item, members, spot.infinite):
                return Result(State.HELD, item, wanted, at=(index,))
        except UnknownError as error:
            unknown = unknown or UnknownError(CauseKind.ITEM_UNKNOWN, error.cause, item=index)
    if unknown is not None:
        raise unknown
    fields = {**recorded("item", wanted), "count": len(spot.value)}
    return Result(State.VIOLATED, spot.value, wanted, cause=Cause(CauseKind.NOT_CONTAINED, fields))


def _judge_subset_of(members: Members, spot: Spot, context: JudgingContext) -> Result:
    if kind_of(spot.value) != "list":
        raise wrong_kind(spot.value, "list")
    if not len(spot.value):
        raise UnknownError(CauseKind.EMPTY, observed="list")
    options = list(members)
    inside = [_is_any(item, options, spot.infinite) for item in spot.value]
    if all(inside):
        return Result(State.HELD, spot.value, options)
    at = inside.index(False)
    fields = {**recorded("observed", spot.value[at]), **recorded("options", options)}
    return Result(State.VIOLATED, spot.value[at], options, at=(at,), cause=Cause(CauseKind.NOT_ONE_OF, fields))


CONSTRAINTS = (
    Constraint(
        "one_of",
        "equal to one of the literals",
        "one_of: [VALUE, ...]",
        {**LITERALS, "description": "Equal to one of these."},
        _read_one_of,
        _judge_one_of,
    ),
    Constraint(
        "contains",
        "one item of the list equals the literal",
        "contains: VALUE",
        {"description": "A list has this item."},
        _read_contains,
        _judge_contains,
        kinds=("list",),
    ),
    Constraint(
        "subset_of",
        "every item of the list equals one of the literals",
        "subset_of: [VALUE, ...]",
        {**LITERALS, "description": "Every item is one of these."},
        _read_members,
        _judge_subset_of,
        kinds=("list",),
    ),
)
