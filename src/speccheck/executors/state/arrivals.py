"""Arrivals: which modules are imported while audited code runs, and what they look like when they are new."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any


class Arrivals:
    """A finder of ``sys.meta_path`` that finds nothing; it calls ``arrived`` when a wanted module is imported."""

    def __init__(self, wanted: Callable[[str], bool], arrived: Callable[[str], None]) -> None:
        self._wanted = wanted
        self._arrived = arrived

    def begin(self) -> None:
        """Go before all other finders."""
        sys.meta_path.insert(0, self)

    def end(self) -> None:
        """Leave, if audited code has not removed it."""
        if self in sys.meta_path:
            sys.meta_path.remove(self)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a wanted module from the finders behind this one, its loader made to tell."""
        if not self._wanted(fullname) or self not in sys.meta_path:
            return None
        for finder in sys.meta_path[sys.meta_path.index(self) + 1 :]:
            spec = finder.find_spec(fullname, path, target)
            if spec is not None:
                self._watch(spec)
                return spec
        return None

    def _watch(self, spec: ModuleSpec) -> None:
        loader: Any = spec.loader
        execute = getattr(loader, "exec_module", None)
        if execute is None or isinstance(loader, type):  # of a module that is built in
            return

        def exec_module(module: ModuleType) -> None:
            vars(loader).pop("exec_module", None)
            execute(module)
            self._arrived(spec.name)

        loader.exec_module = exec_module
