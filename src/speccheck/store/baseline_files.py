"""The files behind an accepted entry, compared with those behind a measurement made now."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.values import Value

SHOWN = 3
"""The most files that a cause names of each sort."""


class SeenFiles:
    """The files read for one measurement (``own``), and the digests of all that the run has read by then.

    A module that is imported once, or a cache, opens its file for the first of several subjects alone. So a file that
    the run has read for another entry counts as read.
    """

    def __init__(self, own: Mapping[str, str], digests: Set[str] = frozenset()) -> None:
        self.own = own
        self.digests = digests | set(own.values())


NO_FILES = SeenFiles({})


def other_files(accepted: AcceptedEntry, known: Set[str], seen: SeenFiles, named: Mapping[str, str]) -> Cause | None:
    """Return the cause when the metrics were accepted over other bytes than those read now, else None.

    A file at another path with the same content is the same; ``known`` are the digests behind all entries of the
    baseline.
    """
    before, now = accepted.files, seen.own
    changed = sorted(path for path in before.keys() & now.keys() if before[path] != now[path])
    missing = sorted(path for path in before.keys() - now.keys() if before[path] not in seen.digests)
    added = sorted(path for path in now.keys() - before.keys() if now[path] not in known)
    if not (changed or missing or added):
        return None
    if not before:
        return _cause(CauseKind.BASELINE_WITHOUT_FILES, named, files=added)
    return _cause(CauseKind.BASELINE_OTHER_FILES, named, changed=changed, missing=missing, added=added)


def digests(entries: Iterable[AcceptedEntry]) -> set[str]:
    """Return the digests of the files behind the entries."""
    return {digest for entry in entries for digest in entry.files.values()}


def _cause(kind: CauseKind, named: Mapping[str, str], **files: list[str]) -> Cause:
    """Return the cause with the first files of each sort, and how many more there are."""
    fields: dict[str, Value] = dict(named)
    fields |= {sort: found[:SHOWN] for sort, found in files.items() if found}
    more = sum(max(0, len(found) - SHOWN) for found in files.values())
    return Cause(kind, fields | ({"more": more} if more else {}))
