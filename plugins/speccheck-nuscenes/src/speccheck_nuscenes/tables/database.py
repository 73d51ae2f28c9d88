"""All tables of a data set: read one after the other, every reference turned into the row that it leads to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speccheck_nuscenes.tables.pieces import PIECE, TableError, TableFile
from speccheck_nuscenes.tables.reading import SCANNED_FROM, read_columns
from speccheck_nuscenes.tables.schema import TABLES, Column
from speccheck_nuscenes.tables.tokens import NONE, TokenIndex

_LAST_USE: dict[str, str] = {
    column.target: table for table, columns in TABLES.items() for column in columns if column.target
}


@dataclass
class Table:
    """A table: its columns by name. References are rows of their target, as :data:`.tokens.Rows`."""

    file: TableFile
    rows: int
    columns: dict[str, Any]
    duplicates: NDArray[np.int64]

    def __getitem__(self, column: str) -> Any:
        return self.columns[column]


@dataclass
class Database:
    """The readable tables of a data set. ``unresolved`` names references (table, column) whose target is absent."""

    folder: Path
    tables: dict[str, Table] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    unresolved: set[tuple[str, str]] = field(default_factory=set)

    def has(self, *tables: str) -> bool:
        """Whether all of these could be read."""
        return all(table in self.tables for table in tables)


def read_database(
    folder: Path, progress: Callable[[str], None], *, scanned_from: int = SCANNED_FROM, size: int = PIECE
) -> Database:
    """Read the tables in ``folder``; those that are missing or cannot be read are listed, not raised.

    Tables of ``scanned_from`` bytes and more are scanned, all are read ``size`` bytes at a time.
    """
    reader = _Reader(Database(folder), scanned_from, size)
    for name, columns in TABLES.items():
        progress(f"reading {name}")
        reader.read(name, columns)
    return reader.database


class _Reader:
    """Reads tables in the order of the schema, and frees an index as soon as nothing refers to it any more."""

    def __init__(self, database: Database, scanned_from: int, size: int) -> None:
        self.database = database
        self._scanned_from, self._size = scanned_from, size
        self._indexes: dict[str, TokenIndex] = {}
        self._waiting: dict[str, list[tuple[str, Column]]] = {}

    def read(self, name: str, columns: tuple[Column, ...]) -> None:
        file = TableFile(self.database.folder / f"{name}.json", f"{name}.json")
        try:
            rows, read = read_columns(file, columns, self._convert, scanned_from=self._scanned_from, size=self._size)
        except FileNotFoundError:
            self.database.missing.append(name)
        except (OSError, TableError, UnicodeDecodeError) as error:
            self.database.unreadable[name] = str(error)
        else:
            index = TokenIndex(read.pop("token"))
            self.database.tables[name] = Table(file, rows, read, index.duplicates)
            self._indexes[name] = index
        self._settle(name, columns)

    def _convert(self, column: Column, value: Any) -> Any:
        """Rows instead of tokens where the target has been read; else the tokens, until it has been."""
        index = self._indexes.get(column.target)
        if index is None:
            return value
        return index.rows(value)

    def _settle(self, name: str, columns: tuple[Column, ...]) -> None:
        order = list(TABLES)
        for column in columns:
            if column.target and order.index(column.target) >= order.index(name):
                self._waiting.setdefault(column.target, []).append((name, column))
            elif column.target and column.target not in self._indexes:
                self.database.unresolved.add((name, column.name))
        for table, column in sorted(self._waiting.pop(name, []), key=lambda waiting: waiting[1].name):
            if name not in self._indexes:
                self.database.unresolved.add((table, column.name))
            elif table in self.database.tables:
                self._resolve(self._indexes[name], column, self.database.tables[table].columns)
        for target in [target for target, last in _LAST_USE.items() if last == name]:
            self._indexes.pop(target, None)

    @staticmethod
    def _resolve(index: TokenIndex, column: Column, held: dict[str, Any]) -> None:
        """Rows instead of tokens; prev, which comes after next, is likely the row whose next leads here."""
        tokens = held[column.name]
        if column.name != "prev":
            held[column.name] = index.rows(tokens)
            return
        guess = np.full(len(tokens), NONE, np.int32)
        before = np.flatnonzero(held["next"] >= 0)
        guess[held["next"][before]] = before
        held[column.name] = index.likely_rows(tokens, guess)
