"""``shape`` and ``tensor``: the sizes of a tensor's axes, and its element type."""

from __future__ import annotations

from speccheck.judge.applicability import NodePath, Place
from speccheck.judge.constraint import Constraint, Written
from speccheck.judge.context import JudgingContext
from speccheck.judge.reader import Reader, suggestion
from speccheck.judge.result import Result
from speccheck.judge.shapes import Pattern, bind, mismatches, parse_shape
from speccheck.judge.spot import Spot
from speccheck.judge.unknown import UnknownError, recorded, wrong_kind
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.dtypes import ALIASES, USUAL, is_dtype
from speccheck.model.formatting import flow
from speccheck.model.kinds import kind_of
from speccheck.model.metrics import DTYPE
from speccheck.model.paths import format_path
from speccheck.model.values import Json, TensorDescription, Value
from speccheck.model.verdict import State

_FORMS = {"shape": "[B, 3, H]", "tensor": "float32[B, 3, H]"}


def _read(reader: Reader, written: Written) -> Pattern | None:
    name, value, node = written.name, written.value, written.node
    if not isinstance(value, str):
        hint = f'quote it: {name}: "{flow(value)}"' if kind_of(value) == "list" else ""
        reader.problem("SC204", f"'{name}' takes a text such as \"{_FORMS[name]}\"", node, hint=hint)
        return None
    try:
        pattern = parse_shape(value, dtype=name == "tensor")
    except ValueError as error:
        reader.problem("SC204", str(error), node)
        return None
    if pattern.dtype and not _is_known(reader, pattern.dtype, node):
        return None
    if pattern.anything:
        reader.vacuous(written.text, "every shape fits", node)
    return pattern


def names_known_dtype(reader: Reader, place: Place, literal: Json, node: NodePath) -> bool:
    """Return whether a literal for a tensor or its dtype names one that there is; report one that does not.

    No tensor ever has a misspelled dtype, so that the verdict would blame the tensor.
    """
    if place.kind == "tensor":
        return _is_known(reader, TensorDescription.parse(str(literal)).dtype, node)
    return place.metric != DTYPE or not isinstance(literal, str) or _is_known(reader, literal, node)


def _is_known(reader: Reader, dtype: str, node: NodePath) -> bool:
    if is_dtype(dtype):
        return True
    alias = ALIASES.get(dtype)
    hint = f"write {alias}" if alias else suggestion(dtype, USUAL)
    reader.problem("SC204", f"unknown dtype '{dtype}'", node, hint=hint)
    return False


def _sizes_of(value: Value, pattern: Pattern) -> tuple[int, ...]:
    """Return the sizes of a tensor's axes, or of a metric that lists them; UnknownError for other kinds."""
    if isinstance(value, TensorDescription):
        return value.shape
    if pattern.dtype:
        raise wrong_kind(value, "tensor")
    if kind_of(value) != "list" or not all(kind_of(size) == "number" and isinstance(size, int) for size in value):
        raise wrong_kind(value, "tensor", "list of sizes")
    return tuple(value)


def _bind(pattern: Pattern, spot: Spot, context: JudgingContext) -> None:
    try:
        sizes = _sizes_of(spot.value, pattern)
    except UnknownError:  # reported where the constraint itself is judged
        return
    where = spot.at if spot.wild else format_path(spot.path) + (f" at {spot.at}" if spot.at else "")
    bind(context.bindings, pattern, sizes, where)


def _judge(pattern: Pattern, spot: Spot, context: JudgingContext) -> Result:
    wrong = mismatches(context.bindings, pattern, _sizes_of(spot.value, pattern))
    if pattern.dtype and spot.value.dtype != pattern.dtype:
        wrong.insert(0, {"what": "dtype", "observed": spot.value.dtype, "expected": pattern.dtype})
    if wrong:
        fields = {**recorded("observed", spot.value), "differences": wrong}
        return Result(State.VIOLATED, spot.value, pattern.text, cause=Cause(CauseKind.SHAPE_DIFFERS, fields))
    return Result(State.HELD, spot.value, pattern.text, vacuous=pattern.anything)


_UNIFIED = (
    "sizes unify over the whole entry: bare symbols first (at least 1), in spec order, then products; `...` is any "
    "number of axes"
)

CONSTRAINTS = (
    Constraint(
        "shape",
        f"the axes have these sizes; {_UNIFIED}",
        'shape: "[T=8, 3, H, W]"',
        {"type": "string", "description": "Sizes of the axes: [T=8, 3, H, W]."},
        _read,
        _judge,
        ("tensor", "list"),
        bind=_bind,
    ),
    Constraint(
        "tensor",
        "the element type is this one, and the axes have these sizes, as for `shape`",
        'tensor: "float32[B, N*K_MAX*2]"',
        {"type": "string", "description": "Element type and sizes: float32[B, N*2]."},
        _read,
        _judge,
        ("tensor",),
        bind=_bind,
    ),
)
