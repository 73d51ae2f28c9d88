"""The variables of a spec, each resolved once, in whatever order they stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from speccheck.loading.circles import circles
from speccheck.loading.compose import MAX_DEPTH
from speccheck.loading.construct import MAX_EXPANDED
from speccheck.loading.files import Part
from speccheck.loading.interpolate import BrokenReferenceError, Place, Resolver, mentioned_vars
from speccheck.loading.problems import Problems
from speccheck.loading.suggest import did_you_mean
from speccheck.model.values import Json


class Vars:
    """Values by name; a variable that has none is broken, and says so once."""

    def __init__(self, parts: Mapping[str, Part], root: Path, environ: Mapping[str, str], problems: Problems) -> None:
        self.values: dict[str, Json] = {}
        self._parts = parts
        self._root = root
        self._environ = environ
        self._problems = problems
        self._broken: set[str] = set()
        self._extents: dict[int, tuple[Json, int, int]] = {}

    def names(self) -> Sequence[str]:
        """Every variable there is."""
        return list(self._parts)

    def get(self, name: str, place: Place) -> Json:
        """The value of a variable; BrokenReferenceError, with a diagnostic at the place, when it has none."""
        if name in self.values:
            return self.values[name]
        if name not in self._parts:
            self._problems.add("SC302", f"there is no variable '{name}'", place(), did_you_mean(name, self._parts))
        raise BrokenReferenceError

    def resolve_all(self) -> None:
        """Resolve every variable, used or not, so that each error is told; those they refer to come first."""
        edges = {name: list(dict.fromkeys(mentioned_vars(part.value))) for name, part in self._parts.items()}
        for chain in circles(edges):
            self._broken.update(chain)
            message = f"variables refer to each other in a circle: {' -> '.join(chain)}"
            self._problems.add("SC303", message, self._parts[chain[0]].key_where())
        for start in self._parts:
            waiting = [start]
            while waiting:
                name = waiting[-1]
                if name in self.values or name in self._broken:
                    waiting.pop()
                    continue
                before = [other for other in edges[name] if self._is_open(other)]
                if before:
                    waiting += before
                else:
                    self._resolve(name, self._parts[waiting.pop()])

    def _is_open(self, name: str) -> bool:
        return name in self._parts and name not in self.values and name not in self._broken

    def _resolve(self, name: str, part: Part) -> None:
        resolver = Resolver(self._root, self._environ, self._problems, self)
        value = resolver.value(part.value, part.where, part.file)
        size, depth = self._extent(value)
        if size > MAX_EXPANDED or depth > MAX_DEPTH:
            what = f"more than {MAX_EXPANDED} values" if size > MAX_EXPANDED else f"more than {MAX_DEPTH} levels"
            self._problems.add("SC009", f"its references make {what} of the variable '{name}'", part.key_where())
            resolver.failed = True
        if resolver.failed:
            self._broken.add(name)
        else:
            self.values[name] = value

    def _extent(self, value: Json) -> tuple[int, int]:
        """How many values there are in a value, shared ones counted each time, and how deep they nest."""
        if not isinstance(value, (dict, list)):
            return 1, 0
        if id(value) not in self._extents:
            inner = [self._extent(item) for item in (value.values() if isinstance(value, dict) else value)]
            size = 1 + sum(count for count, _ in inner)
            depth = 1 + max((depth for _, depth in inner), default=0)
            self._extents[id(value)] = value, size, depth  # the value is kept, or another could come to have its id
        return self._extents[id(value)][1:]
