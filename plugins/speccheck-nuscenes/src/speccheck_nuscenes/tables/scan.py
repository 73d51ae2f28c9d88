"""The fast way to read columns: the rows that one writer wrote differ in nothing but their values.

In a few MiB of text the places of all colons are found at once. Rows with as many colons have the same keys, and the
same text between one value and the next, which is verified byte by byte for the columns that are read; their values are
then gathered from all rows together. Whatever does not fit raises :class:`IrregularError`, and the table is decoded by
:mod:`speccheck_nuscenes.tables.pieces` instead: slower, with the same result.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import msgspec
import numpy as np
from numpy.typing import NDArray

from speccheck_nuscenes.tables.gather import PAD, IrregularError, Places, Text
from speccheck_nuscenes.tables.model import Model
from speccheck_nuscenes.tables.pieces import PIECE, Piece, TableFile
from speccheck_nuscenes.tables.schema import Column
from speccheck_nuscenes.tables.values import READERS, Place, Spans

Raw: TypeAlias = dict[str, Any]
"""Columns by name, as :data:`READERS` gives them."""
Convert: TypeAlias = Callable[[Column, Any], Any]

_COLON, _BRACE = ord(":"), ord("{")
_OPENED = re.compile(rb"\s*\[\s*(?=\{)")
_MOST_FORMS = 8
_STRETCH = 1 << 20


class _Part(NamedTuple):
    """Whole rows of a table, from ``begin`` to ``end`` in a buffer; ``offset`` more is their place in the file."""

    buffer: bytearray
    begin: int
    end: int
    offset: int


def scan_rows(
    file: TableFile, columns: Sequence[Column], convert: Convert, size: int = PIECE
) -> Iterator[tuple[int, Raw]]:
    """Number of rows and their columns, each put through ``convert``, a piece at a time; ``file.pieces`` is filled in.

    IrregularError as described above.
    """
    file.pieces.clear()
    first = 0
    for part in _parts(file, size):
        rows, raw = _columns(Text(part.buffer), part.begin, part.end, columns)
        file.pieces.append(Piece(first, part.offset + part.begin, part.offset + part.end))
        first += rows
        yield rows, {column.name: converted(column, raw[column.name], convert) for column in columns}


def converted(column: Column, value: Any, convert: Convert) -> Any:
    """A column put through ``convert``; of lists of tokens, the tokens."""
    return (value[0], convert(column, value[1])) if column.kind == "tokens" else convert(column, value)


def _parts(file: TableFile, size: int) -> Iterator[_Part]:
    """Whole rows of the file, about ``size`` bytes at a time, in one buffer that is used again and again."""
    buffer = bytearray(2 * PAD + 2 * size)
    offset, held = 0, 0  # held: bytes of a row's beginning; offset: its place in the file
    with file.path.open("rb", buffering=0) as stream, memoryview(buffer) as view:
        while True:
            read = stream.readinto(view[PAD + held : PAD + held + size]) or 0
            stop = PAD + held + read
            begin = PAD if offset else _begin(buffer, stop)
            end = buffer.rfind(b"{", PAD, stop) if read else _end(buffer, stop)
            if end > begin:
                yield _Part(buffer, begin, end, offset - PAD)
            if not read:
                return
            end = max(end, begin)
            held, offset = stop - end, offset + end - PAD
            if held > size:
                raise IrregularError("a row is longer than a piece")
            buffer[PAD : PAD + held] = buffer[end:stop]


def _begin(buffer: bytearray, stop: int) -> int:
    """Where the first row begins."""
    match = _OPENED.match(buffer, PAD, stop)
    if match is None and buffer[PAD:stop][:1] != b"{":
        raise IrregularError("the file does not begin with [ and {")
    return match.end() if match else PAD


def _end(buffer: bytearray, stop: int) -> int:
    """The place of the closing bracket behind the last row, which must be whole."""
    inside = bytes(buffer[PAD:stop]).rstrip()
    try:
        msgspec.json.decode(b"[" + inside)
    except msgspec.DecodeError as error:
        raise IrregularError("the last row is not whole") from error
    return PAD + len(inside) - 1


def _columns(text: Text, begin: int, end: int, columns: Sequence[Column]) -> tuple[int, Raw]:
    """The number of rows in a part of the text that holds whole rows, and their columns.

    A row begins where a brace is as far before a colon as before the first: all rows do, or they are not rows of
    the form that is verified.
    """
    if text.buffer.find(b"\\", begin, end) >= 0:
        raise IrregularError("there are escapes")
    colons = _places(text, begin, end)
    if not len(colons):
        raise IrregularError("no key")
    opened = int(colons[0]) - begin
    first = np.flatnonzero(text.bytes[colons - opened] == _BRACE)
    counts = np.diff(first, append=len(colons))
    stops = [int(colons[row]) - opened for row in first[1:2]] or [end]
    forms = np.unique(counts)
    if len(forms) == 1:
        model = Model.of(text, begin, stops[0], colons[: first[0] + counts[0]].tolist())
        return len(first), _form(text, colons.reshape(-1, counts[0]), model, columns)
    if len(forms) > _MOST_FORMS:
        raise IrregularError("rows are of too many forms")
    parts: list[tuple[Places, Raw]] = []
    for count in forms:
        chosen = np.flatnonzero(counts == count)
        grid = colons[first[chosen][:, None] + np.arange(count)]
        last = chosen[0] + 1 == len(first)
        stop = end if last else int(colons[first[chosen[0] + 1]]) - opened
        parts.append(
            (chosen, _form(text, grid, Model.of(text, int(grid[0, 0]) - opened, stop, grid[0].tolist()), columns))
        )
    return len(first), _merged(parts, len(first))


def _places(text: Text, begin: int, end: int) -> Places:
    """The places of colons, found in stretches that fit into the processor's cache."""
    found = []
    for start in range(begin, end, _STRETCH):
        places = np.flatnonzero(text.bytes[start : min(start + _STRETCH, end)] == _COLON)
        places += start
        found.append(places)
    return np.concatenate(found)


def _form(text: Text, grid: Places, model: Model, columns: Sequence[Column]) -> Raw:
    """The columns of rows of one form: ``grid`` holds the places of their colons, a row a line."""
    raw: Raw = {}
    spans: Spans = {}
    wanted = {column.name for column in columns}
    at = cache(lambda number: np.ascontiguousarray(grid[:, number]))
    for column in columns:
        if column.name not in model.keys or column.kind not in READERS:
            raise IrregularError(f"no {column.name} that can be scanned")
        number = list(model.keys).index(column.name)
        key = model.keys[column.name]
        text.require_same(at(number) - key.before, key.before + key.after)
        end = None
        if number + 1 < len(model.keys):
            name, following = list(model.keys.items())[number + 1]
            end = at(number + 1) - following.before
            if name not in wanted:
                text.require_same(end, following.before)
        raw[column.name] = READERS[column.kind](Place(text, at(number) + key.after, end, key.kind), column.name, spans)
    return raw


def _merged(parts: Sequence[tuple[Places, Raw]], rows: int) -> Raw:
    """Columns of several forms, back in the order of the rows."""
    merged: Raw = {}
    for name, sample in parts[0][1].items():
        if isinstance(sample, tuple):
            owners = np.concatenate([chosen[raw[name][0]] for chosen, raw in parts])
            values = np.concatenate([raw[name][1] for _, raw in parts])
            order = np.argsort(owners, kind="stable")
            merged[name] = owners[order], values[order]
            continue
        whole: NDArray[Any] = np.empty((rows, *sample.shape[1:]), sample.dtype)
        for chosen, raw in parts:
            whole[chosen] = raw[name]
        merged[name] = whole
    return merged
