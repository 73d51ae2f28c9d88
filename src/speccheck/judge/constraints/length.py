"""``length``: constraints on the number of items of a list or mapping, or of characters of a text."""

from __future__ import annotations

from collections.abc import Sequence

from speccheck.judge.constraint import NESTED, Nesting, Written
from speccheck.judge.reader import Reader
from speccheck.judge.spot import Key, Range
from speccheck.judge.unknown import wrong_kind
from speccheck.model.formatting import flow
from speccheck.model.kinds import kind_of
from speccheck.model.values import Value


def _length(value: Value) -> int:
    if kind_of(value) not in ("list", "mapping", "text"):
        raise wrong_kind(value, "list", "mapping", "text")
    return len(value)


def _below(value: Value) -> Sequence[tuple[Key, Value]]:
    return [(None, _length(value))]


def _pick(key: Key, value: Value) -> Value:
    return _length(value)


def _bounds(bounds: Range) -> Range:
    return (0.0, None)


def _check(reader: Reader, written: Written) -> bool:
    value, kind = written.value, kind_of(written.value)
    if kind not in ("mapping", "number"):
        reader.problem("SC205", "a length is a whole number, or constraints on it", written.node)
        return False
    if kind == "number" and not (value >= 0 and (isinstance(value, int) or value.is_integer())):
        reader.problem("SC205", f"a length is a whole number of at least 0, not {flow(value)}", written.node)
        return False
    return True


CONSTRAINTS = (
    Nesting(
        "length",
        "the number of items, or of characters, is this one, or meets the constraints",
        "length: NUMBER",
        {"anyOf": [{"type": "integer", "minimum": 0}, NESTED], "description": "Of a list, mapping or text."},
        ("list", "mapping", "text"),
        _below,
        _pick,
        bounds=_bounds,
        check=_check,
    ),
)
