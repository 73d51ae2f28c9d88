"""One piece of state of the process: its name, how it is read, and how it is restored."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of state. ``read`` returns a value of its own, which ``write`` restores later.

    An item that ``write`` does not restore has changed for good, such as a limit that may only be lowered.
    """

    name: str
    read: Callable[[], Any]
    write: Callable[[Any], object]
    same: Callable[[Any, Any], bool] = operator.eq

    def restored(self, saved: Any) -> bool:
        """Restore the value if it has changed; return whether it is what it was."""
        try:
            if self.same(saved, self.read()):
                return True
            self.write(saved)
            return self.same(saved, self.read())
        except Exception:  # noqa: BLE001 - whatever prevents it, the item is named as lost
            return False


def attribute(name: str, owner: Any, attribute: str) -> Item:
    """Return the item of an attribute that holds one object."""
    return Item(name, partial(getattr, owner, attribute), partial(setattr, owner, attribute), operator.is_)


def contents(name: str, found: dict[Any, Any]) -> Item:
    """Return the item of what a mapping contains."""

    def write(saved: dict[Any, Any]) -> None:
        found.clear()
        found.update(saved)

    return Item(name, found.copy, write)
