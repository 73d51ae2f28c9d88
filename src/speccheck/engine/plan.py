"""Selection and order of the entries that run."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from speccheck.model.diagnostic import Diagnostic
from speccheck.model.spec import Entry, Spec


class SelectionError(Exception):
    """A selection that matches nothing, or entries that cannot be put in order; ``diagnostic`` names the cause."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic


def select(spec: Spec, only: Sequence[str]) -> tuple[Entry, ...]:
    """Return the entries that ``only`` names, with what they need or refer to, in spec order; all when it is empty.

    Each pattern is tried as an exact id first (of an entry or of one cell), then as a glob over ids, then as a tag.
    A pattern that matches nothing is a SelectionError.
    """
    if not only:
        return spec.entries
    chosen: set[str] = set()
    for pattern in only:
        found = _matching(spec.entries, pattern)
        if not found:
            raise SelectionError(_no_match(spec, pattern))
        chosen |= found
    by_id = {entry.id: entry for entry in spec.entries}
    waiting = list(chosen)
    while waiting:
        entry = by_id[waiting.pop()]
        for other in (*entry.needs, *entry.references):
            if other in by_id and other not in chosen:
                chosen.add(other)
                waiting.append(other)
    return tuple(entry for entry in spec.entries if entry.id in chosen)


def _matching(entries: Sequence[Entry], pattern: str) -> set[str]:
    rules: tuple[Callable[[Entry], bool], ...] = (
        lambda entry: pattern in (entry.id, entry.base),
        lambda entry: fnmatchcase(entry.id, pattern) or fnmatchcase(entry.base, pattern),
        lambda entry: any(fnmatchcase(tag, pattern) for tag in entry.tags),
    )
    for rule in rules:
        found = {entry.id for entry in entries if rule(entry)}
        if found:
            return found
    return set()


def _no_match(spec: Spec, pattern: str) -> Diagnostic:
    import difflib

    names = sorted({entry.base for entry in spec.entries} | {tag for entry in spec.entries for tag in entry.tags})
    close = difflib.get_close_matches(pattern, names, 1)
    return Diagnostic(
        "SC507",
        f"--only {pattern!r} matches no entry id, glob or tag of {spec.file}",
        hint=_hint(pattern, close),
    )


def _hint(pattern: str, close: Sequence[str]) -> str:
    if "," in pattern:
        return "repeat --only for each: " + " ".join(f"--only {part.strip()}" for part in pattern.split(","))
    return f"did you mean {close[0]!r}?" if close else "speccheck list entries shows them"


def ordered(entries: Sequence[Entry]) -> tuple[Entry, ...]:
    """Return the entries so that each comes after what it needs or refers to, otherwise in the order given.

    A cycle is a SelectionError.
    """
    place = {entry.id: index for index, entry in enumerate(entries)}
    after: dict[str, list[int]] = {}
    missing = [0] * len(entries)
    for index, entry in enumerate(entries):
        for other in {*entry.needs, *entry.references} & place.keys():
            missing[index] += 1
            after.setdefault(other, []).append(index)
    ready = [index for index, count in enumerate(missing) if count == 0]
    done: list[Entry] = []
    while ready:
        entry = entries[heapq.heappop(ready)]
        done.append(entry)
        for index in after.get(entry.id, ()):
            missing[index] -= 1
            if missing[index] == 0:
                heapq.heappush(ready, index)
    if len(done) < len(entries):
        circle = ", ".join(sorted({entry.id for entry in entries} - {entry.id for entry in done}))
        raise SelectionError(Diagnostic("SC504", f"entries need or refer to each other in a cycle: {circle}"))
    return tuple(done)
