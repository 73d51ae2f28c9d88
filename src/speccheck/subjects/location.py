"""The location of a value among the subjects and parameters of a measurement, for messages and seeds."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Location:
    """Where a value stands: in a subject (or in a parameter, if ``subject`` is empty), and the path inside it."""

    subject: str
    path: str = ""

    def item(self, key: str | int) -> Location:
        """The location of an item of a list or mapping that stands here."""
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else str(key)
        return Location(self.subject, self.path + step)

    @property
    def seed_name(self) -> str:
        """The name under which a seed is derived: a subject's own name, or its name and the path of what is in it."""
        return f"{self.subject}/{self.path}" if self.path or not self.subject else self.subject

    def __str__(self) -> str:
        if not self.subject:
            return f"parameter {self.path!r}" if self.path else "the parameter"
        return f"subject {self.subject!r}" + (f" at {self.path}" if self.path else "")
