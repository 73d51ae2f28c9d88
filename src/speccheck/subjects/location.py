"""The location of a value among the subjects and parameters of a measurement, for messages and seeds."""

from __future__ import annotations

from dataclasses import dataclass

from speccheck.sdk.errors import SubjectError


@dataclass(frozen=True)
class Location:
    """A subject, or a parameter if ``subject`` is empty, and the path of the value inside it."""

    subject: str
    path: str = ""

    def item(self, key: str | int) -> Location:
        """Return the location of an item of the list or mapping at this location."""
        part = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else str(key)
        return Location(self.subject, self.path + part)

    @property
    def seed_name(self) -> str:
        """The name from which a seed is derived: the subject's own name, or that name and the path inside it."""
        return f"{self.subject}/{self.path}" if self.path or not self.subject else self.subject

    @property
    def name(self) -> str:
        """The name of the value for a reader: ``$clip``, ``$clip at args[0]``, ``parameter left``."""
        where = f"${self.subject}" if self.subject else "parameter"
        return " ".join(filter(None, (where, "at" if self.subject and self.path else "", self.path)))

    @property
    def owner(self) -> str:
        """The subject, or the parameter, in words."""
        return f"subject {self.subject}" if self.subject else f"parameter {self.path}"

    def error(self, problem: str, cause: BaseException | None = None) -> SubjectError:
        """Return the error of this value. Its ``name`` is the subject's, so the message does not repeat it."""
        if not self.subject:
            where = f"parameter {self.path!r}: " if self.path else ""
        else:
            where = f"at {self.path}: " if self.path else ""
        return SubjectError(where + problem, self.subject, cause)
