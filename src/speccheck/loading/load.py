"""A spec file, read whole: a resolved Spec, or every diagnostic at once. Nothing that it names is imported or run."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from speccheck.judge import Reference
from speccheck.loading.cycles import find_cycles
from speccheck.loading.diagnostics import Problems, did_you_mean
from speccheck.loading.entries import Draft, EntryReader
from speccheck.loading.files import Document, FileReader, Merged, merge
from speccheck.loading.overrides import CellOverrides, apply_overrides, read_overrides
from speccheck.loading.settings import Settings, Surroundings, Vars, read_settings
from speccheck.loading.subjects import Subjects
from speccheck.loading.yaml.events import collector_paused
from speccheck.loading.yaml.source import Where
from speccheck.model.declaration import Declarations
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.formatting import counted
from speccheck.model.metrics import declared
from speccheck.model.paths import format_path
from speccheck.model.spec import Entry, Spec
from speccheck.model.values import Json, to_wire


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
        for chain in find_cycles({name: list(to) for name, to in self._edges.items()}):
            where = self._edges[chain[-2]][chain[-1]]
            self._problems.add("SC504", f"entries wait for each other in a cycle: {' -> '.join(chain)}", where)
        return tuple(entries)

    def _connected(self, draft: Draft) -> Entry:
        needs: dict[str, None] = {}
        edges: dict[str, Where] = {}
        for name, where in zip(draft.entry.needs, draft.needs_at, strict=True):
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
            self._problems.add("SC213", f"entry '{name}' has {counted(len(cells), 'cell')}", where, hint)
        elif name.split("[", 1)[0] not in self._known or name.split("[", 1)[0] in self._cells:
            hint = did_you_mean(name, self._options(name))
            self._problems.add("SC213", f"there is no entry '{name}'", where, hint)
        return False

    def _options(self, name: str) -> list[str]:
        return list(self._drafts) if "[" in name else list(dict.fromkeys([*self._cells, *self._known]))


class Loaded(msgspec.Struct, frozen=True):
    """What reading a spec gave: the spec, None if there is any error, and all diagnostics by position."""

    spec: Spec | None
    diagnostics: tuple[Diagnostic, ...] = ()


def load_spec(
    path: str, declarations: Declarations, *, environ: Mapping[str, str], overrides: Sequence[str] = ()
) -> Loaded:
    """Read the spec at ``path``, which is shown in positions as given; included files are shown likewise.

    ``overrides`` are ``path=value`` as given to ``--set``. Only the checks and loaders that the spec names are asked
    of ``declarations``.
    """
    problems = Problems()
    with collector_paused():
        spec = _Loading(path, declarations, environ, problems).load(overrides)
    found = problems.sorted()
    if spec is None or problems.errors:
        return Loaded(None, found)
    return Loaded(msgspec.structs.replace(spec, warnings=found), found)


class _Loading:
    def __init__(self, path: str, declarations: Declarations, environ: Mapping[str, str], problems: Problems) -> None:
        self._path = path
        self._declarations = declarations
        self._environ = environ
        self._problems = problems
        self._root = Path(os.path.abspath(path)).parent  # noqa: PTH100 - links are kept as written

    def load(self, overrides: Sequence[str]) -> Spec | None:
        reader = FileReader(self._problems, self._environ)
        document = reader.root(self._path)
        if document is None or not reader.complete:
            return None  # whatever else is said of a spec with a part missing may be wrong
        merged = merge(document, self._problems)
        cells = apply_overrides(merged, read_overrides(overrides, self._problems), document.top, self._problems)
        variables = Vars(merged.vars, self._root, self._environ, self._problems)
        variables.resolve_all()
        around = Surroundings(self._root, self._environ, self._problems, variables)
        settings = read_settings(merged, around)
        subjects = Subjects(merged.subjects, settings.code, self._declarations)
        subjects.read(around)
        empty = not merged.entries
        entries = self._entries(merged, subjects, around, settings, cells)
        if empty and not self._problems.errors:
            self._no_entries(document)
        return None if self._problems.errors else self._spec(entries, settings, subjects, variables)

    def _entries(
        self, merged: Merged, subjects: Subjects, around: Surroundings, settings: Settings, cells: CellOverrides
    ) -> tuple[Entry, ...]:
        reader = EntryReader(self._declarations, subjects, around, settings.defaults, cells)
        drafts: list[Draft] = []
        seen: set[str] = set()
        known = list(merged.entry_ids())
        for raw, where in merged.taken_entries():
            for draft in reader.read(raw, where):
                if draft.entry.id in seen:
                    message = f"entry '{draft.entry.id}' is named twice"
                    self._problems.add("SC107", message, raw.value_where("id"), "give each entry its own id")
                seen.add(draft.entry.id)
                drafts.append(draft)
        cells.unused([draft.entry.id for draft in drafts], self._problems)
        if reader.uses_baseline is not None and settings.baseline is None and "baseline" not in merged.top:
            message = "a limit refers to the baseline, and the spec names none: it will be unknown"
            self._problems.add("SC606", message, reader.uses_baseline, "write baseline: FILE at the top of the spec")
        return connect(drafts, known, self._problems)

    def _no_entries(self, document: Document) -> None:
        top = document.top
        where = top.key_where("checks") if "checks" in top else top.where()
        where = where._replace(end=min(where.end, where.start + 1)) if "checks" not in top else where
        self._problems.add("SC607", "the spec has no entry: nothing would be judged", where, "write checks: [...]")

    def _spec(self, entries: tuple[Entry, ...], settings: Settings, subjects: Subjects, variables: Vars) -> Spec:
        spec = Spec(
            title=settings.title,
            file=self._path,
            folder=str(self._root),
            entries=entries,
            code=settings.code,
            baseline=settings.baseline,
            redact=settings.redact,
            subjects=subjects.definitions,
            vars=variables.values,
            seed=settings.defaults.seed,
        )
        return msgspec.structs.replace(spec, digest=_digest(spec, settings))


def _digest(spec: Spec, settings: Settings) -> str:
    """sha256 over everything that a spec says, paths and places of this machine left out."""
    whole = (
        spec.title,
        settings.portable_code,
        settings.portable_baseline,
        spec.redact,
        to_wire(spec.subjects),
        to_wire(spec.vars),
        spec.seed,
        [_portable(entry) for entry in spec.entries],
    )
    return hashlib.sha256(msgspec.json.encode(whole, order="deterministic")).hexdigest()


def _portable(entry: Entry) -> Json:
    measured = entry.measurement
    waiver = entry.waiver
    words = (entry.id, entry.base, entry.title, entry.observe, entry.needs, entry.tags, entry.severity, entry.timeout)
    return (
        # A spec without sections keeps the digest it had before there were any.
        (*words, entry.section) if entry.section else words,
        (measured.check, measured.version, to_wire(measured.params), measured.seed, to_wire(measured.subjects)),
        to_wire(entry.expect),
        to_wire(entry.cell),
        (entry.requires, entry.skip, entry.expected_failure),
        waiver and (waiver.owner, waiver.reason, waiver.until, to_wire(waiver.worst)),
    )
