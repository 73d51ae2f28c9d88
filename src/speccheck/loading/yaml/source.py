"""Source files of a spec, and mappings and lists that remember where in them each key and value stands."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from speccheck.model.diagnostic import Position
from speccheck.model.values import Json

_BREAK = re.compile(r"\r\n|\r|\n")


class SourceFile:
    """One text that a spec was read from: its name as shown, its characters, the folder of its relative paths.

    ``override`` is the text of a ``--set`` when the values came from the command line: those have no position.
    """

    def __init__(self, name: str, text: str, folder: Path, override: str | None = None) -> None:
        self.name = name
        self.text = text
        self.folder = folder
        self.override = override

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *(match.end() for match in _BREAK.finditer(self.text))]

    def position(self, index: int) -> Position:
        """The 1-based line and column, in characters, of the character at the index."""
        line = bisect_right(self._starts, index)
        return Position(self.name, line, index - self._starts[line - 1] + 1)

    def line(self, number: int) -> str:
        """The line of that 1-based number, without its end."""
        starts = self._starts
        end = starts[number] if number < len(starts) else len(self.text)
        return self.text[starts[number - 1] : end].rstrip("\r\n")


class Where(NamedTuple):
    """A stretch of a file: indices of its first character and of the one after its last."""

    file: SourceFile
    start: int
    end: int

    def position(self) -> Position:
        """Where the stretch starts."""
        return self.file.position(self.start)


class YMap(dict[str, Json]):
    """A mapping read from YAML: a dict that finds the place of its keys and values in ``node`` when asked.

    ``moved`` holds the places of values that an override or a merge put there.
    """

    __slots__ = ("_pairs", "file", "moved", "node")

    def __init__(
        self, values: Mapping[str, Json] | Iterable[tuple[str, Json]], file: SourceFile, node: Any, moved: Any = None
    ) -> None:
        super().__init__(values)
        self.file = file
        self.node = node
        self.moved: dict[str, tuple[Where, Where]] | None = moved
        self._pairs: dict[str, tuple[Any, Any]] | None = None

    def where(self) -> Where:
        """Where the mapping itself stands."""
        return Where(self.file, self.node.start_mark.index, self.node.end_mark.index)

    def key_where(self, key: str) -> Where:
        """Where the key stands; the mapping's own place for a key that is not written in it."""
        return self._places(key)[0]

    def value_where(self, key: str) -> Where:
        """Where the value of the key stands; the mapping's own place for a key that is not written in it."""
        return self._places(key)[1]

    def _places(self, key: str) -> tuple[Where, Where]:
        if self.moved is not None and key in self.moved:
            return self.moved[key]
        if self._pairs is None:
            self._pairs = _pairs(self.node)
        pair = self._pairs.get(key)
        if pair is None:
            return self.where(), self.where()
        return node_where(self.file, pair[0]), node_where(self.file, pair[1])

    def replaced(self, key: str, value: Json, places: tuple[Where, Where]) -> YMap:
        """A copy with one value put in, whose key and value stand at the places given."""
        return YMap({**self, key: value}, self.file, self.node, {**(self.moved or {}), key: places})


class YList(list[Json]):
    """A list read from YAML that finds the place of its items in ``node`` when asked."""

    __slots__ = ("file", "moved", "node")

    def __init__(self, values: Iterable[Json], file: SourceFile, node: Any, moved: Any = None) -> None:
        super().__init__(values)
        self.file = file
        self.node = node
        self.moved: dict[int, Where] | None = moved

    def where(self) -> Where:
        """Where the list itself stands."""
        return Where(self.file, self.node.start_mark.index, self.node.end_mark.index)

    def item_where(self, index: int) -> Where:
        """Where the item stands."""
        if self.moved is not None and index in self.moved:
            return self.moved[index]
        items = self.node.value
        return node_where(self.file, items[index]) if 0 <= index < len(items) else self.where()

    def replaced(self, index: int, value: Json, place: Where) -> YList:
        """A copy with one item put in, which stands at the place given."""
        items = [value if at == index else item for at, item in enumerate(self)]
        return YList(items, self.file, self.node, {**(self.moved or {}), index: place})


def node_where(file: SourceFile, node: Any) -> Where:
    """The stretch of a YAML node."""
    return Where(file, node.start_mark.index, node.end_mark.index)


def locate(root: Json, path: Iterable[str | int], fallback: Where, *, key: bool = False) -> Where:
    """Where the value at the path below ``root`` stands (or its key), or the deepest place known on the way to it.

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


def plain(value: Json) -> Json:
    """The value as ordinary dicts and lists."""
    if isinstance(value, dict):
        return {key: plain(item) if isinstance(item, (dict, list)) else item for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) if isinstance(item, (dict, list)) else item for item in value]
    return value


def _pairs(node: Any) -> dict[str, tuple[Any, Any]]:
    """The nodes of each key and its value, those merged in included; as in the values, the first of a name stands."""
    found: dict[str, tuple[Any, Any]] = {}
    merged: list[Any] = []
    for key_node, value_node in node.value:
        if key_node.id != "scalar":
            continue
        if key_node.value == "<<" and key_node.tag is None:
            merged += value_node.value if value_node.id == "sequence" else [value_node]
        else:
            found.setdefault(key_node.value, (key_node, value_node))
    for source in merged:
        if source.id == "mapping":
            for key, pair in _pairs(source).items():
                found.setdefault(key, pair)
    return found
