"""A table as arrays: scanned where its rows are alike and many, decoded otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import numpy as np

from speccheck_nuscenes.tables.gather import IrregularError
from speccheck_nuscenes.tables.pieces import PIECE, TableFile, decode_rows
from speccheck_nuscenes.tables.scan import Convert, Raw, converted, scan_rows
from speccheck_nuscenes.tables.schema import Column
from speccheck_nuscenes.tables.tokens import pack
from speccheck_nuscenes.tables.values import path_facts

SCANNED_FROM = 1 << 20
"""Bytes from which on a table is scanned."""

_TYPES: Mapping[str, Any] = {
    "token": str,
    "tokens": list[str],
    "integer": int,
    "flag": bool,
    "text": str,
    "path": str,
}


def read_columns(
    file: TableFile,
    columns: Sequence[Column],
    convert: Convert,
    *,
    scanned_from: int = SCANNED_FROM,
    size: int = PIECE,
) -> tuple[int, Raw]:
    """The number of rows, and each column whole, put through ``convert`` piece by piece.

    A column is an array of one item per row, a list for text, and (rows, tokens) for lists of tokens. OSError when the
    file cannot be read, TableError when it is not such a table.
    """
    if file.path.stat().st_size >= scanned_from:
        try:
            return _joined(scan_rows(file, columns, convert, size), columns)
        except IrregularError:
            pass
    return _joined(_decoded(file, columns, convert, size), columns)


def _joined(pieces: Iterator[tuple[int, Raw]], columns: Sequence[Column]) -> tuple[int, Raw]:
    parts: dict[str, list[Any]] = {column.name: [] for column in columns}
    total = 0
    for rows, raw in pieces:
        for column in columns:
            value = raw[column.name]
            parts[column.name].append((value[0] + total, value[1]) if column.kind == "tokens" else value)
        total += rows
    return total, {column.name: _whole(column, parts.pop(column.name)) for column in columns}


def _whole(column: Column, parts: list[Any]) -> Any:
    if column.kind == "text":
        return [text for part in parts for text in part]
    if column.kind == "tokens":
        return tuple(np.concatenate(side) for side in zip(*parts, strict=True))
    return np.concatenate(parts)


def _decoded(file: TableFile, columns: Sequence[Column], convert: Convert, size: int) -> Iterator[tuple[int, Raw]]:
    fields = [(column.name, _TYPES[column.kind]) for column in columns]
    if any(column.kind == "path" for column in columns) and "timestamp" not in dict(fields):
        raise ValueError("a path is held against the timestamp beside it")
    kind = msgspec.defstruct("Row", fields, gc=False)
    for rows in decode_rows(file, kind, size):
        yield len(rows), {column.name: converted(column, _column(column, rows), convert) for column in columns}


def _column(column: Column, rows: Sequence[Any]) -> Any:
    values = [getattr(row, column.name) for row in rows]
    if column.kind == "token":
        return pack(values)
    if column.kind == "tokens":
        owners = np.repeat(np.arange(len(values)), [len(tokens) for tokens in values])
        return owners, pack([token for tokens in values for token in tokens])
    if column.kind == "integer":
        return np.array(values, np.int64)
    if column.kind == "flag":
        return np.array(values, np.bool_)
    if column.kind == "path":
        return np.array([path_facts(row.filename, row.timestamp) for row in rows], np.uint8)
    return values
