"""A root document and its includes made one: the including file's ``vars`` and ``defaults`` win, names stand once."""

from __future__ import annotations

from dataclasses import dataclass, field

from speccheck.loading.files import Document, Part
from speccheck.loading.problems import Problems
from speccheck.loading.source import Where, YList, YMap


@dataclass
class Merged:
    """Everything that a spec says, includes merged, nothing resolved yet."""

    top: dict[str, Part] = field(default_factory=dict)
    vars: dict[str, Part] = field(default_factory=dict)
    subjects: dict[str, Part] = field(default_factory=dict)
    defaults: dict[str, Part] = field(default_factory=dict)
    redact: list[Part] = field(default_factory=list)
    entries: list[tuple[YMap, Where]] = field(default_factory=list)

    def entry_ids(self) -> dict[str, int]:
        """The place in ``entries`` of each id."""
        return {str(entry["id"]): at for at, (entry, _) in enumerate(self.entries) if "id" in entry}


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
        self._may_stand(f"subject '{name}'", name in self._merged.subjects, override, part.key_where())
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
            self._may_stand(f"entry '{name}'", known, override, entry.value_where("id"), code)
        if known and override:
            self._merged.entries[self._ids[name]] = (entry, where)
        elif not known:
            self._ids[name] = len(self._merged.entries)
            self._merged.entries.append((entry, where))

    def _may_stand(self, what: str, known: bool, override: bool, where: Where, code: str = "SC403") -> None:
        if known and not override:
            hint = "say 'override: true' to replace it whole" if code == "SC403" else "give each entry its own id"
            self._problems.add(code, f"{what} is named twice", where, hint)
        elif override and not known:
            self._problems.add("SC404", f"there is no {what} to override", where, "remove 'override'")
