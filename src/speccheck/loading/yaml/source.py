"""Source files of a spec, and mappings and lists that know the places of their keys and values."""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from speccheck.model.diagnostic import Position
from speccheck.model.values import Json

_BREAK = re.compile(r"\r\n|\r|\n")


class SourceFile:
    """One text that a spec is read from: its name as shown, its characters, the folder of its relative paths.

    ``override`` is the text of a ``--set`` if the values are from the command line, and so without positions.
    """

    def __init__(self, name: str, text: str, folder: Path, override: str | None = None) -> None:
        self.name = name
        self.text = text
        self.folder = folder
        self.override = override
        self._marks = array("I")

    def mark(self, start: int, end: int, below: Sequence[int]) -> int:
        """Keep the start and end of a collection and of each key, value or item in it; return where they are kept."""
        at = len(self._marks)
        self._marks.extend((start, end, len(below) // 2, *below))
        return at

    def marked(self, at: int) -> Where:
        """Return the stretch of the collection whose marks are kept there; the whole text for -1."""
        return Where(self, self._marks[at], self._marks[at + 1]) if at >= 0 else Where(self, 0, len(self.text))

    def marks_below(self, at: int) -> int:
        """Return the number of keys, values and items of the collection whose marks are kept there."""
        return self._marks[at + 2] if at >= 0 else 0

    def marked_below(self, at: int, number: int) -> Where:
        """Return the stretch of one key, value or item of the collection, by its number."""
        first = at + 3 + 2 * number
        return Where(self, self._marks[first], self._marks[first + 1])

    @cached_property
    def _starts(self) -> array[int]:
        return array("I", [0, *(match.end() for match in _BREAK.finditer(self.text))])

    def position(self, index: int) -> Position:
        """Return the 1-based line and column, in characters, of the character at the index."""
        line = bisect_right(self._starts, index)
        return Position(self.name, line, index - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """Return the line with that 1-based number, without its end."""
        starts = self._starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Where(NamedTuple):
    """A stretch of a file: indices of its first character and of the one after its last."""

    file: SourceFile
    start: int
    end: int

    def position(self) -> Position:
        """Return the position of its first character."""
        return self.file.position(self.start)


class YMap(dict[str, Json]):
    """A mapping read from YAML: a dict that finds the places of its keys and values when asked.

    Its marks in the file begin at ``at``, those of its keys in the order of the keys; -1 for a mapping without marks.
    ``moved`` holds the places of values that an override put there.
    """

    __slots__ = ("_order", "at", "file", "moved")

    def __init__(
        self, values: Mapping[str, Json] | Iterable[tuple[str, Json]], file: SourceFile, at: int, moved: Any = None
    ) -> None:
        super().__init__(values)
        self.file = file
        self.at = at
        self.moved: dict[str, tuple[Where, Where]] | None = moved
        self._order: dict[str, int] | None = None

    def where(self) -> Where:
        """Return the place of the mapping itself."""
        return self.file.marked(self.at)

    def key_where(self, key: str) -> Where:
        """Return the place of the key; the mapping's own for a key that is not written in it."""
        return self._places(key)[0]

    def value_where(self, key: str) -> Where:
        """Return the place of the key's value; the mapping's own for a key that is not written in it."""
        return self._places(key)[1]

    def _places(self, key: str) -> tuple[Where, Where]:
        if self.moved is not None and key in self.moved:
            return self.moved[key]
        if self._order is None:
            self._order = {name: number for number, name in enumerate(self)}
        number = self._order.get(key, -1)
        if not 0 <= number < self.file.marks_below(self.at) // 2:
            return self.where(), self.where()
        return self.file.marked_below(self.at, 2 * number), self.file.marked_below(self.at, 2 * number + 1)

    def replaced(self, key: str, value: Json, places: tuple[Where, Where]) -> YMap:
        """Return a copy in which the key has this value; both are at the places given."""
        return YMap({**self, key: value}, self.file, self.at, {**(self.moved or {}), key: places})


class YList(list[Json]):
    """A list read from YAML that finds the places of its items when asked; its marks in the file begin at ``at``."""

    __slots__ = ("at", "file", "moved")

    def __init__(self, values: Iterable[Json], file: SourceFile, at: int, moved: Any = None) -> None:
        super().__init__(values)
        self.file = file
        self.at = at
        self.moved: dict[int, Where] | None = moved

    def where(self) -> Where:
        """Return the place of the list itself."""
        return self.file.marked(self.at)

    def item_where(self, index: int) -> Where:
        """Return the place of the item."""
        if self.moved is not None and index in self.moved:
            return self.moved[index]
        return self.file.marked_below(self.at, index) if 0 <= index < self.file.marks_below(self.at) else self.where()

    def replaced(self, index: int, value: Json, place: Where) -> YList:
        """Return a copy in which the item has this value, which is at the place given."""
        items = [value if at == index else item for at, item in enumerate(self)]
        return YList(items, self.file, self.at, {**(self.moved or {}), index: place})


def locate(root: Json, path: Iterable[str | int], fallback: Where, *, key: bool = False) -> Where:
    """Return the place of the value (or key) at the path below ``root``, or the deepest known place on the path.

    ``fallback`` is the place of ``root`` itself.
    """
    here, at = fallback, root
    for step in path:
        if isinstance(at, YMap) and step in at:
            here = at.key_where(str(step)) if key else at.value_where(str(step))
        elif isinstance(at, YList) and isinstance(step, int) and 0 <= step < len(at):
            here = at.item_where(step)
        else:
            return here
        at = at[step]
    return here


def within(where: Where, text: str, at: int, length: int) -> Where:
    """Return the stretch of a part of a scalar whose value is ``text``, or the whole scalar's if it is not found.

    In a scalar that is written with escapes or folded lines, the part is found by counting its occurrences.
    """
    part, source = text[at : at + length], where.file.text
    start = source.find(text, where.start, where.end)
    if start >= 0:
        return Where(where.file, start + at, start + at + length)
    start = where.start
    for _ in range(text.count(part, 0, at) + 1):
        start = source.find(part, start, where.end) + 1
        if start == 0:
            return where
    return Where(where.file, start - 1, start - 1 + length)


def plain(value: Json) -> Json:
    """Return the value as ordinary dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(item) if isinstance(item, (dict, list)) else item for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) if isinstance(item, (dict, list)) else item for item in value]
    return value
