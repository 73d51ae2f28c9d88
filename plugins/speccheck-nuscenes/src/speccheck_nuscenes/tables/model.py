"""The row that others are compared with: the places of its keys and values relative to its colons."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import msgspec

from speccheck_nuscenes.tables.gather import IrregularError, Text

_GAP = re.compile(rb"\s*")
_ENDS: Mapping[type[Any], bytes] = {str: b'"', list: b"]", dict: b"}"}
_SPACE = b" \t\r\n"


class Key(NamedTuple):
    """A key, by its distance from the values around it; quotation marks and brackets belong to neither.

    The value before it ends (or the row begins) ``before`` bytes before its colon; its own value begins ``after`` bytes
    behind the colon.
    """

    before: int
    after: int
    kind: type[Any]


class Model(NamedTuple):
    """The keys of a row, in their order."""

    keys: dict[str, Key]

    @classmethod
    def of(cls, text: Text, begin: int, end: int, colons: Sequence[int]) -> Model:
        """Read the row between two places, given its colons; IrregularError when one of them is in a text."""
        row = bytes(text.buffer[begin:end]).rstrip(_SPACE + b",")
        try:
            values = msgspec.json.decode(row)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise IrregularError("no row") from error
        if not isinstance(values, dict) or len(values) != len(colons):
            raise IrregularError("a colon without a key")
        keys: dict[str, Key] = {}
        ended = 0
        for (name, value), place in zip(values.items(), colons, strict=True):
            colon = place - begin
            quoted = b'"' + name.encode() + b'"'
            if row[colon - len(quoted) : colon] != quoted:
                raise IrregularError("a colon without a key")
            if keys:
                ended = len(row[: colon - len(quoted)].rstrip(_SPACE + b","))
                last = _ENDS.get(keys[next(reversed(keys))].kind, b"")
                ended -= len(last)
                if not row.startswith(last, ended):
                    raise IrregularError("a value of another kind")
            gap = _GAP.match(row, colon + 1)
            after = (gap.end() if gap else colon + 1) - colon + (type(value) in _ENDS)
            keys[name] = Key(colon - ended, after, type(value))
        return cls(keys)
