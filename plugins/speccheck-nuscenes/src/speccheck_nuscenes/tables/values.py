"""The values of one column, gathered from rows that are alike: one reader for each kind of column."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from speccheck_nuscenes.names import SUFFIX, names_timestamp
from speccheck_nuscenes.tables.gather import IrregularError, Places, Text
from speccheck_nuscenes.tables.tokens import Tokens

UNDER_SAMPLES, UNDER_SWEEPS, NAMED_IN_TIME = 1, 2, 4
"""Facts about a path: its folder, and that the timestamp in it is that of the record."""
_LIST = re.compile(rb'\s*("[^"]*"\s*(,\s*"[^"]*"\s*)*)?')
_MOST_LENGTHS = 16
_QUOTE = ord('"')
_SAMPLES = int.from_bytes(b"samples/", "little")
_SWEEPS = int.from_bytes(b"sweeps/", "little")
_TRUE, _FALSE = (int.from_bytes(word, "little") for word in (b"true", b"false"))
_UNDERSCORES = int.from_bytes(b"__", "little")


class Place(NamedTuple):
    """The places of a column's values in each row, without quotation marks and brackets; all are of one kind.

    ``end`` is None for the last column of a row, whose end no key shows.
    """

    text: Text
    start: Places
    end: Places | None
    kind: type[Any]

    def ends(self, kind: type[Any]) -> Places:
        """Where the values end; IrregularError when they are of another kind, or the last of their row."""
        if self.kind is not kind or self.end is None:
            raise IrregularError("a value of another kind")
        return self.end


Spans: TypeAlias = dict[str, tuple[Places, Places]]
"""The places of the integers of a row, by column: a path is compared with the timestamp beside it."""


def _token(place: Place, name: str, spans: Spans) -> Tokens:
    if place.end is not None:
        return place.text.tokens(place.start, place.ends(str) - place.start)
    if place.kind is not str:
        raise IrregularError("a value of another kind")
    empty = place.text.bytes[place.start] == _QUOTE
    lengths = np.where(empty, 0, 32)
    if (place.text.bytes[place.start + lengths] != _QUOTE).any():
        raise IrregularError("a token of another form")
    return place.text.tokens(place.start, lengths)


def _tokens(place: Place, name: str, spans: Spans) -> tuple[Places, Tokens]:
    """Row and token of each item of the lists, by row."""
    lengths = place.ends(list) - place.start
    owners: list[Places] = []
    tokens: list[Tokens] = []
    different = np.unique(lengths)
    if len(different) > _MOST_LENGTHS:
        raise IrregularError("lists of too many lengths")
    for length in different.tolist():
        rows = np.flatnonzero(lengths == length)
        items = _items(place.text, place.start[rows], length)
        owners.append(np.repeat(rows, len(items)))
        tokens.append(np.stack(items, axis=1).reshape(-1, 2) if items else np.empty((0, 2), np.uint64))
    order = np.argsort(joined := np.concatenate(owners), kind="stable")
    return joined[order], np.concatenate(tokens)[order]


def _items(text: Text, starts: Places, length: int) -> list[Tokens]:
    """The first, second and further items of lists whose text between the brackets is equally long."""
    model = bytes(text.buffer[int(starts[0]) : int(starts[0]) + length])
    if not _LIST.fullmatch(model):
        raise IrregularError("a list of another form")
    marks = [place for place, byte in enumerate(model) if byte == _QUOTE]
    for begin, end in zip([0, *marks[1::2]], [*marks[::2], length - 1], strict=True):
        text.require_same(starts + begin, end + 1 - begin)
    return [
        text.tokens(starts + opened + 1, np.full(len(starts), closed - opened - 1))
        for opened, closed in zip(marks[::2], marks[1::2], strict=True)
    ]


def _integer(place: Place, name: str, spans: Spans) -> NDArray[np.int64]:
    starts, ends = place.start, place.ends(int)
    lengths = ends - starts
    if lengths.min() < 1 or lengths.max() > 16:
        raise IrregularError("a number of another form")
    spans[name] = starts, ends
    return place.text.integers(ends, lengths)


def _flag(place: Place, name: str, spans: Spans) -> NDArray[np.bool_]:
    starts, ends = place.start, place.ends(bool)
    lengths = ends - starts
    words = place.text.words(starts, 1)[:, 0]
    true = (lengths == 4) & ((words & np.uint64(2**32 - 1)) == np.uint64(_TRUE))
    false = (lengths == 5) & ((words & np.uint64(2**40 - 1)) == np.uint64(_FALSE))
    if not (true | false).all():
        raise IrregularError("a value of another kind")
    flags: NDArray[np.bool_] = true
    return flags


def _path(place: Place, name: str, spans: Spans) -> NDArray[np.uint8]:
    start, end = place.start, place.ends(str)
    if "timestamp" not in spans:
        raise IrregularError("no timestamp to hold a path against")
    words = place.text.words(start, 1)[:, 0]
    lengths = end - start
    facts = np.where((words == np.uint64(_SAMPLES)) & (lengths >= 8), UNDER_SAMPLES, 0).astype(np.uint8)
    sweeps = ((words & np.uint64(2**56 - 1)) == np.uint64(_SWEEPS)) & (lengths >= 7)
    facts[sweeps] |= UNDER_SWEEPS
    facts[_named_in_time(place.text, start, end, spans["timestamp"])] |= NAMED_IN_TIME
    return facts


def _named_in_time(text: Text, start: Places, end: Places, span: tuple[Places, Places]) -> NDArray[np.bool_]:
    """Whether ``__`` and the digits of the timestamp precede the suffix."""
    digits = span[1] - span[0]
    dots = text.words(end - 16, 2).view(np.uint8)[:, 16 - SUFFIX :] == ord(".")
    dot = end - SUFFIX + dots.argmax(axis=1)
    begin = dot - digits - 2
    same = (text.last_sixteen(dot, digits) == text.last_sixteen(span[1], digits)).all(axis=1)
    marked = (text.words(np.maximum(begin, 0), 1)[:, 0] & np.uint64(0xFFFF)) == np.uint64(_UNDERSCORES)
    named: NDArray[np.bool_] = dots.any(axis=1) & same & marked & (begin >= start)
    return named


def path_facts(path: str, timestamp: int) -> int:
    """The same of one path, for tables that are decoded."""
    under = UNDER_SAMPLES if path.startswith("samples/") else UNDER_SWEEPS if path.startswith("sweeps/") else 0
    return under | (NAMED_IN_TIME if names_timestamp(path, timestamp) else 0)


READERS: Mapping[str, Callable[[Place, str, Spans], Any]] = {
    "token": _token,
    "tokens": _tokens,
    "integer": _integer,
    "flag": _flag,
    "path": _path,
}
