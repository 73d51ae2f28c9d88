"""The state of the process as a whole: read once before anything is audited, and restored after each entry."""

from __future__ import annotations

import sys
from typing import Any

from speccheck.executors.state.interpreter import interpreter_items
from speccheck.executors.state.item import Item
from speccheck.executors.state.libraries import LIBRARIES
from speccheck.executors.state.system import descriptors_left, system_items


class ProcessState:
    """The state of the process when this was made; a library adds its part when it is imported."""

    def __init__(self) -> None:
        self._saved = _read((*system_items(), *interpreter_items()))
        self._libraries: dict[str, list[tuple[Item, Any]]] = {}
        self._unreadable: list[str] = []
        self.meet_all()

    def knows(self, name: str) -> bool:
        """Whether a module is a library with state to restore."""
        return name in LIBRARIES

    def meet_all(self) -> None:
        """Read the state of every library that is imported and new."""
        for name in LIBRARIES:
            if name not in self._libraries and sys.modules.get(name) is not None:
                self.met(name)

    def met(self, name: str) -> None:
        """Read the state of a library: that of a fresh import, if its import has just ended."""
        if name in LIBRARIES and name not in self._libraries:
            try:
                self._libraries[name] = _read(LIBRARIES[name]())
            except (AttributeError, ImportError, TypeError):  # another version, or a stub of audited code
                self._libraries[name] = []
                self._unreadable.append(f"state of {name}, which cannot be read in this version of it")

    def restore(self) -> tuple[str, ...]:
        """Restore what has changed, and return the names of what has changed for good."""
        lost = [item.name for item, saved in self._saved if not item.restored(saved)]
        lost += self._unreadable
        for items in self._libraries.values():
            lost += [item.name for item, saved in items if not item.restored(saved)]
        for name in LIBRARIES:
            if name not in self._libraries and sys.modules.get(name) is not None:
                lost.append(f"state of {name}, whose import was not seen")
                self.met(name)
        if not descriptors_left():
            lost.append("open files: more than half of those that a process may have")
        return tuple(lost)


def _read(items: tuple[Item, ...]) -> list[tuple[Item, Any]]:
    return [(item, item.read()) for item in items]
