"""What entries say of each other: needs, and metrics of others in limits. Every id exists, and nothing goes round."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from speccheck.judge import Reference
from speccheck.loading.circles import circles
from speccheck.loading.entries import Draft
from speccheck.loading.problems import Problems
from speccheck.loading.source import Where
from speccheck.loading.suggest import did_you_mean
from speccheck.model.metrics import declared
from speccheck.model.paths import format_path
from speccheck.model.spec import Entry


def connect(drafts: Sequence[Draft], known: Sequence[str], problems: Problems) -> tuple[Entry, ...]:
    """The entries with their needs spelled out in ids of cells.

    ``known`` are the ids of all entries as written: one that has other errors is not missing here.
    """
    return _Graph(drafts, known, problems).connect()


class _Graph:
    def __init__(self, drafts: Sequence[Draft], known: Sequence[str], problems: Problems) -> None:
        self._drafts = {draft.entry.id: draft for draft in drafts}
        self._all = drafts
        self._known = known
        self._problems = problems
        self._cells: dict[str, list[str]] = {}
        for draft in drafts:
            self._cells.setdefault(draft.entry.base, []).append(draft.entry.id)
        self._edges: dict[str, dict[str, Where]] = {}

    def connect(self) -> tuple[Entry, ...]:
        entries = []
        for draft in self._all:
            if draft.entry.needs or draft.mentions:
                with self._problems.entry(draft.entry.id):
                    entries.append(self._connected(draft))
            else:
                entries.append(draft.entry)
        for chain in circles({name: list(to) for name, to in self._edges.items()}):
            where = self._edges[chain[-2]][chain[-1]]
            self._problems.add("SC504", f"entries wait for each other in a circle: {' -> '.join(chain)}", where)
        return tuple(entries)

    def _connected(self, draft: Draft) -> Entry:
        needs: dict[str, None] = {}
        edges: dict[str, Where] = {}
        for at, name in enumerate(draft.entry.needs):
            where = draft.form.where("needs", at)
            for cell in self._resolved(name, where):
                needs[cell] = None
                edges[cell] = where
        references: dict[str, None] = {}
        for reference, where in draft.mentions:
            if self._mention(draft, reference, where):
                references[reference.entry] = None
                edges.setdefault(reference.entry, where)
        self._edges[draft.entry.id] = edges
        return msgspec.structs.replace(draft.entry, needs=tuple(needs), references=tuple(references))

    def _resolved(self, name: str, where: Where) -> list[str]:
        """The cells of the entry of that id, or the one cell."""
        if name in self._drafts:
            return [name]
        if name in self._cells:
            return self._cells[name]
        if name in self._known or (name.split("[", 1)[0] in self._known and name.split("[", 1)[0] not in self._cells):
            return []  # it has errors of its own
        hint = did_you_mean(name, self._options(name))
        self._problems.add("SC503", f"there is no entry '{name}' to need", where, hint)
        return []

    def _mention(self, draft: Draft, reference: Reference, where: Where) -> bool:
        """Whether the other entry and its metric exist."""
        name = reference.entry
        if name == draft.entry.id:
            hint = f"write {format_path(reference.path)}"
            self._problems.add("SC213", f"'{reference.text}' refers to the entry itself", where, hint)
            return False
        if name in self._drafts:
            other = self._drafts[name]
            metrics = None if other.check is None else other.check.metrics(other.params)
            if metrics is not None and other.check is not None and declared(metrics, reference.path) is None:
                metric = format_path(reference.path)
                message = f"check {other.check.name} of entry '{name}' has no metric '{metric}'"
                self._problems.add("SC214", message, where, did_you_mean(metric, metrics))
            return True
        if name in self._cells:
            cells = self._cells[name]
            hint = f'name one cell: checks["{cells[0]}"].{format_path(reference.path)}'
            self._problems.add("SC213", f"entry '{name}' has {len(cells)} cells", where, hint)
        elif name.split("[", 1)[0] not in self._known or name.split("[", 1)[0] in self._cells:
            hint = did_you_mean(name, self._options(name))
            self._problems.add("SC213", f"there is no entry '{name}'", where, hint)
        return False

    def _options(self, name: str) -> list[str]:
        return list(self._drafts) if "[" in name else list(dict.fromkeys([*self._cells, *self._known]))
