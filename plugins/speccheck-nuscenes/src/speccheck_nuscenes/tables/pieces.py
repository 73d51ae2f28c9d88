"""A table's file in pieces: a JSON list of objects is read and decoded a few MiB at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import msgspec

T = TypeVar("T")

PIECE = 4 << 20
"""Bytes of a piece; one with longer rows grows."""

_SPACE = b" \t\r\n"
_ROW = re.compile(r"\$\[(\d+)\]")


class TableError(Exception):
    """The file is not a list of objects with the fields needed."""


class Piece(NamedTuple):
    """Whole rows of a file: the number of the first, and their place in the file."""

    first: int
    start: int
    end: int


@dataclass
class TableFile:
    """A table's file, and the pieces in which it was read; ``label`` names it in messages."""

    path: Path
    label: str
    pieces: list[Piece] = field(default_factory=list)
    _decoded: tuple[Piece, list[dict[str, Any]]] | None = None

    def row(self, number: int) -> dict[str, Any]:
        """One row, all its columns, decoded anew: for what is shown, not for what is measured."""
        piece = next(piece for piece in reversed(self.pieces) if piece.first <= number)
        if self._decoded is None or self._decoded[0] != piece:
            with self.path.open("rb") as file:
                file.seek(piece.start)
                text = file.read(piece.end - piece.start)
            self._decoded = piece, msgspec.json.decode(b"[" + text.strip(_SPACE + b",") + b"]")
        return self._decoded[1][number - piece.first]


def decode_rows(file: TableFile, kind: type[T], size: int = PIECE) -> Iterator[list[T]]:
    """The rows as ``kind``, a msgspec.Struct of the columns wanted, a piece at a time; ``file.pieces`` is filled in.

    TableError where the text is not JSON, or a row lacks a field or has one of another type.
    """
    decoder = msgspec.json.Decoder(list[kind])  # type: ignore[valid-type]
    file.pieces.clear()
    first = 0
    with file.path.open("rb") as stream:
        text, start = _opened(stream.read(size), file)
        wanted = size
        while True:
            more = stream.read(wanted)
            text += more
            cut = text.rfind(b"{") if more else -1
            rows = _decode(decoder, text[:cut] if more else _closed(text, file), final=not more, file=file, first=first)
            if rows is None:
                wanted = max(size, len(text))  # the cut lay inside a row: look for one in a longer text
                continue
            file.pieces.append(Piece(first, start, start + (cut if more else text.rfind(b"]"))))
            yield rows
            if not more:
                return
            first, start, text, wanted = first + len(rows), start + cut, text[cut:], size


def _opened(text: bytes, file: TableFile) -> tuple[bytes, int]:
    """The text behind the opening bracket, and its place in the file."""
    inside = text.lstrip(_SPACE)
    if not inside.startswith(b"["):
        raise TableError(f"{file.label} is not a JSON list")
    return inside[1:], len(text) - len(inside) + 1


def _closed(text: bytes, file: TableFile) -> bytes:
    inside = text.rstrip(_SPACE)
    if not inside.endswith(b"]"):
        raise TableError(f"{file.label} is cut off: its list does not end")
    return inside[:-1]


def _decode(
    decoder: msgspec.json.Decoder[list[T]], text: bytes, *, final: bool, file: TableFile, first: int
) -> list[T] | None:
    """The rows of a text, or None when it seems to end inside one and more of the file is to come.

    A text cut inside a text value or an inner object is not JSON, so that a text that decodes was cut between two rows.
    """
    inside = text.strip(_SPACE)
    if not final:
        if not inside.endswith(b","):
            return [] if not inside else None
        inside = inside[:-1]
    try:
        return decoder.decode(b"[" + inside + b"]")
    except msgspec.ValidationError as error:
        message = _ROW.sub(lambda match: f"row {first + int(match[1])}", str(error).replace("`", ""), count=1)
        raise TableError(f"{file.label}: {message}") from error
    except msgspec.DecodeError as error:
        if final:
            raise TableError(f"{file.label}, rows from {first}: {error}") from error
        return None
