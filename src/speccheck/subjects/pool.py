"""The pool of a process: subjects that its measurements share, guarded against being changed in place.

An entry that changes a shared subject is named, and what was changed leaves the pool together with all that was built
from it: later entries get new instances, so that neither order nor selection of entries changes a metric.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from speccheck.sdk.errors import SubjectError
from speccheck.subjects.fingerprint import Fingerprint


@dataclass(frozen=True)
class BuildResult:
    """A finished build: its value, or the error that every later request raises again.

    ``files`` are those that it read and those behind all that it was built from, by path, with digests; ``remarks`` are
    those on the value and on all that it was built from.
    """

    value: Any = None
    error: SubjectError | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """A shared subject that was changed in place: its name, and the paths inside it of what differs.

    ``again`` states that it had been changed before, and that building it anew gave the same object.
    """

    subject: str
    paths: tuple[str, ...] = ()
    again: bool = False


@dataclass
class _Member:
    result: BuildResult
    name: str
    parts: frozenset[str]
    number: int
    fingerprint: Fingerprint | None


@dataclass
class Pool:
    """Built values by key. Without ``guarded``, nobody shares them and nothing is watched."""

    guarded: bool = True
    _members: dict[str, _Member] = field(default_factory=dict)
    _changed: dict[str, Callable[[], Any]] = field(default_factory=dict)
    _count: int = 0

    def get(self, key: str) -> BuildResult | None:
        """Return the finished build of that key, or None."""
        found = self._members.get(key)
        return None if found is None else found.result

    def add(self, key: str, name: str, result: BuildResult, parts: Iterable[str]) -> bool:
        """Add a finished build, made of the parts with these keys.

        Return False if it is the object that was changed under this key before: audited code keeps it for itself.
        """
        self._count += 1
        member = self._members[key] = _Member(result, name, frozenset(parts), self._count, None)
        if self.guarded and result.error is None:
            member.fingerprint = self._fingerprint(key)
        before = self._changed.pop(key, _nothing)()
        return before is None or before is not result.value

    def changed(self, keys: Iterable[str]) -> tuple[Change, ...]:
        """Take what was changed, of the builds with these keys and of their parts, out of the pool, and return it."""
        changes: list[Change] = []
        gone: set[str] = set()
        for key in self._reached(keys):
            member = self._members[key]
            if member.fingerprint is None:
                continue
            later = self._fingerprint(key)
            paths = member.fingerprint.changes(later)
            member.fingerprint = later  # it knows the pictures that were read since
            if paths:
                changes.append(Change(member.name, tuple(path.lstrip(".") for path in paths)))
                gone.add(key)
                self._changed[key] = _reference(member.result.value)
        if gone:
            self._remove(gone)
        return tuple(changes)

    def discard(self, keys: Iterable[str]) -> None:
        """Take the builds with these keys and their parts out of the pool."""
        self._remove(set(self._reached(keys)))

    def clear(self) -> None:
        """Forget all builds."""
        self._members.clear()
        self._changed.clear()

    def _reached(self, keys: Iterable[str]) -> list[str]:
        """The keys and those of all parts, in the order in which they were built."""
        found: set[str] = set()
        waiting = [key for key in keys if key in self._members]
        while waiting:
            key = waiting.pop()
            if key not in found:
                found.add(key)
                waiting += [part for part in self._members[key].parts if part in self._members]
        return sorted(found, key=lambda key: self._members[key].number)

    def _fingerprint(self, key: str) -> Fingerprint:
        member = self._members[key]
        parts = [part for part in self._reached([key]) if part != key]
        return Fingerprint(member.result.value, (self._members[part].result.value for part in parts))

    def _remove(self, gone: set[str]) -> None:
        """Remove builds, and all that was built from them."""
        while gone:
            for key in gone:
                del self._members[key]
            gone = {key for key, member in self._members.items() if not member.parts <= self._members.keys()}


def _nothing() -> None:
    return None


def _reference(value: Any) -> Callable[[], Any]:
    """A reference that keeps a large object alive only if it must: lists and dicts have no other."""
    try:
        return weakref.ref(value)
    except TypeError:
        return lambda: value
