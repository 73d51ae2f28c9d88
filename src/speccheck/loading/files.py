"""Read the files of a spec, the root file and its includes, and merge them into one document."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import NamedTuple

import msgspec

from speccheck.loading.diagnostics import Problems
from speccheck.loading.forms import Form
from speccheck.loading.references import MissingVariable, expand
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.events import MAX_BYTES, decode
from speccheck.loading.yaml.source import SourceFile, Where, YList, YMap
from speccheck.model.values import Json

FORMAT = 1
"""The version of the spec format that this program reads."""

MAX_INCLUDED = 32
"""The most files in a chain of includes, the spec counted."""

TOP_KEYS = ("speccheck", "title", "include", "code", "vars", "subjects", "baseline", "defaults", "redact", "checks")
DEFAULT_KEYS = ("seed", "timeout", "severity", "tags")
ENTRY_KEYS = (
    *("id", "title", "section", "check", "with", "expect", "observe", "needs", "tags", "matrix", "severity", "seed"),
    *("timeout", "requires", "skip", "expected_failure", "waiver", "override"),
)


class Part(NamedTuple):
    """A value with the mapping and the key that contain it."""

    value: Json
    parent: YMap
    key: str

    def where(self) -> Where:
        """Return the place of the value."""
        return self.parent.value_where(self.key)

    def key_where(self) -> Where:
        """Return the place of its key."""
        return self.parent.key_where(self.key)

    @property
    def file(self) -> SourceFile:
        """The file that wrote the value."""
        return self.where().file


class Document(NamedTuple):
    """One file, read: its top-level mapping, and the documents that it includes, in order."""

    file: SourceFile
    top: YMap
    includes: tuple[Document, ...]


def _content(path: str) -> bytes:
    """Return the bytes of a file, as far as the limit; OSError for a pipe or device, which may block or never end."""
    mode = os.stat(path).st_mode  # noqa: PTH116
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):  # opening a folder raises an error of its own
        raise OSError(errno.EINVAL, "not a regular file")
    with Path(path).open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


class FileReader:
    """Reads the root and, through ``include``, every other file once; ``complete`` unless one is unreadable."""

    def __init__(self, problems: Problems, environ: Mapping[str, str]) -> None:
        self._problems = problems
        self._environ = environ
        self._open: list[Path] = []
        self._read: set[Path] = set()
        self.complete = True

    def root(self, path: str) -> Document | None:
        """Return the document of the spec itself, None if it cannot be read."""
        document = self._document(path, None)
        if document is not None and "speccheck" not in document.top:
            where = Where(document.file, document.top.where().start, document.top.where().start + 1)
            hint = f"begin it with 'speccheck: {FORMAT}'"
            self._problems.add("SC016", "the key 'speccheck' is missing: it names the format of the spec", where, hint)
        return document

    def _document(self, path: str, asked: Where | None) -> Document | None:
        if "\0" in path:
            self.complete = False
            self._problems.add(
                "SC001" if asked is None else "SC401", "a path cannot contain the character U+0000", asked
            )
            return None
        real = Path(os.path.realpath(path))
        if real in self._open:
            chain = " -> ".join(item.name for item in [*self._open[self._open.index(real) :], real])
            self._problems.add("SC402", f"files include each other in a cycle: {chain}", asked)
            return None
        if real in self._read:
            return None
        if len(self._open) >= MAX_INCLUDED:
            self.complete = False
            hint = "include the files from one place"
            self._problems.add("SC405", f"includes nest deeper than {MAX_INCLUDED} files", asked, hint)
            return None
        self._read.add(real)
        file = self._file(path, asked)
        before = self._problems.errors
        top = None if file is None else read_yaml(file, self._problems)
        if file is None or not isinstance(top, YMap):
            self.complete = False
            if file is not None and self._problems.errors == before:
                self._no_spec(file, top)
            return None
        self._open.append(real)
        form = Form(top, top, top.where(), "the spec", self._problems)
        form.only(TOP_KEYS)
        self._version(form)
        includes = self._includes(file, top)
        self._open.pop()
        return Document(file, top, includes)

    def _file(self, path: str, asked: Where | None) -> SourceFile | None:
        try:
            data = _content(path)
        except OSError as error:
            reason = error.strerror or str(error)
            code = "SC001" if asked is None else "SC401"
            self._problems.add(code, f"cannot read {path}: {reason.lower()}", asked)
            return None
        text = decode(data, path, self._problems)
        return None if text is None else SourceFile(path, text, Path(os.path.abspath(path)).parent)  # noqa: PTH100

    def _no_spec(self, file: SourceFile, top: Json) -> None:
        what = "is empty" if top is None else "is not a mapping"
        hint = f"begin it with 'speccheck: {FORMAT}'"
        self._problems.add("SC014", f"{file.name} {what}", Where(file, 0, 1), hint)

    def _version(self, form: Form) -> None:
        version = form.values.get("speccheck", FORMAT)
        if isinstance(version, bool) or version != FORMAT:
            form.wrong("speccheck", f"{FORMAT}, the format that this program reads", "SC018")

    def _includes(self, file: SourceFile, top: YMap) -> tuple[Document, ...]:
        if "include" not in top:
            return ()
        value = top["include"]
        if isinstance(value, str):
            items = [(value, top.value_where("include"))]
        elif isinstance(value, YList):
            items = [(item, value.item_where(at)) for at, item in enumerate(value)]
        else:
            self._problems.add("SC017", "'include' must be a list of files", top.value_where("include"))
            return ()
        found = [self._included(file, item, where) for item, where in items]
        return tuple(document for document in found if document is not None)

    def _included(self, file: SourceFile, item: Json, where: Where) -> Document | None:
        if not isinstance(item, str) or not item:
            self._problems.add("SC017", "'include' must be a list of files", where)
            return None
        try:
            path = expand(item, file.folder, self._environ)
        except MissingVariable as error:
            self._problems.add("SC304", f"the environment variable {error.name} is not set", where)
            return None
        if not PurePath(path).is_absolute():
            path = os.path.normpath(os.path.join(os.path.dirname(file.name), path))  # noqa: PTH118, PTH120
        return self._document(str(path), where)


class Merged(msgspec.Struct):
    """The content of a spec, includes merged, references not yet resolved."""

    top: dict[str, Part] = {}
    vars: dict[str, Part] = {}
    subjects: dict[str, Part] = {}
    defaults: dict[str, Part] = {}
    redact: list[Part] = []
    entries: list[tuple[YMap, Where]] = []

    def entry_ids(self) -> dict[str, int]:
        """Return the index in ``entries`` of each id."""
        return {str(entry["id"]): at for at, (entry, _) in enumerate(self.entries) if "id" in entry}

    def taken_entries(self) -> Iterator[tuple[YMap, Where]]:
        """Yield the entries and keep none, so that the YAML of each is freed once it is read."""
        self.entries.reverse()
        while self.entries:
            yield self.entries.pop()


def merge(document: Document, problems: Problems) -> Merged:
    """Merge a document with all that it includes, includes first."""
    merged = Merged()
    _Merger(merged, problems).add(document)
    return merged


class _Merger:
    def __init__(self, merged: Merged, problems: Problems) -> None:
        self._merged = merged
        self._problems = problems
        self._ids: dict[str, int] = {}

    def add(self, document: Document) -> None:
        for included in document.includes:
            self.add(included)
        top = document.top
        for key in ("title", "code", "baseline"):
            if key in top:
                self._merged.top[key] = Part(top[key], top, key)
        if "redact" in top:
            self._merged.redact.append(Part(top["redact"], top, "redact"))
        for key in ("vars", "defaults"):
            getattr(self._merged, key).update(self._members(top, key))
        for name, part in self._members(top, "subjects").items():
            self._subject(name, part)
        self._entries(top)

    def _members(self, top: YMap, key: str) -> dict[str, Part]:
        value = top.get(key)
        if value is None:
            return {}
        if not isinstance(value, YMap):
            self._problems.add("SC017", f"'{key}' must be a mapping", top.value_where(key))
            return {}
        return {name: Part(item, value, name) for name, item in value.items()}

    def _subject(self, name: str, part: Part) -> None:
        override = isinstance(part.value, YMap) and part.value.get("override") is True
        self._check_override(f"subject '{name}'", name in self._merged.subjects, override, part.key_where())
        if name not in self._merged.subjects or override:
            self._merged.subjects[name] = part

    def _entries(self, top: YMap) -> None:
        entries = top.get("checks")
        if entries is None:
            return
        if not isinstance(entries, YList):
            self._problems.add("SC017", "'checks' must be a list of entries", top.value_where("checks"))
            return
        for at, entry in enumerate(entries):
            where = entries.item_where(at)
            if isinstance(entry, YMap):
                self._entry(entry, where)
            else:
                hint = "write '- id: NAME' and its keys below"
                self._problems.add("SC017", "an entry must be a mapping", where, hint)
        top["checks"] = None  # so that the list is not kept beside the merged document

    def _entry(self, entry: YMap, where: Where) -> None:
        name = entry.get("id")
        if not isinstance(name, str):
            self._merged.entries.append((entry, where))
            return
        override = entry.get("override") is True
        known = name in self._ids
        same_file = known and self._merged.entries[self._ids[name]][0].file is entry.file
        code = "SC107" if same_file else "SC403"
        if known or override:
            self._check_override(f"entry '{name}'", known, override, entry.value_where("id"), code)
        if known and override:
            self._merged.entries[self._ids[name]] = (entry, where)
        elif not known:
            self._ids[name] = len(self._merged.entries)
            self._merged.entries.append((entry, where))

    def _check_override(self, what: str, known: bool, override: bool, where: Where, code: str = "SC403") -> None:
        if known and not override:
            hint = (
                "write 'override: true' to replace it whole" if code == "SC403" else "each entry needs an id of its own"
            )
            self._problems.add(code, f"{what} is defined twice", where, hint)
        elif override and not known:
            self._problems.add(
                "SC404", f"nothing to override: {what} is not defined before", where, "remove 'override'"
            )
