"""Masking the parts of a record: text as text, and values that are judged with a mark that they are masked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, NamedTuple, TypeVar

import msgspec

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.cause import Cause
from speccheck.model.coverage import Coverage
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.evidence import Artifact, Evidence, Series, Table
from speccheck.model.run import BaselineUse, EntryResult, Measured, Run
from speccheck.model.spec import Entry, Measurement, Waiver
from speccheck.model.texts import free_name
from speccheck.model.values import Json, Masked, TensorDescription, Value, bare, is_masked
from speccheck.model.verdict import ConstraintVerdict, LimitSource, Verdict

MASK = "***"

Fields = Mapping[type, frozenset[str]]
"""Names of fields, by the struct that has them."""

T = TypeVar("T")

# Fields that speccheck writes and reads again: digests, ids, days, names of checks, and words of a fixed choice. To
# mask a part of these would break the record and hide nothing.
_KEPT: Fields = {
    Run: frozenset({"id", "spec_digest", "started", "finished", "fail_on", "executor", "ending", "checks", "loaders"}),
    EntryResult: frozenset({"measured"}),
    Entry: frozenset({"check", "severity"}),
    Measurement: frozenset({"check"}),
    Coverage: frozenset({"outcomes"}),
    ConstraintVerdict: frozenset({"name", "nesting", "severity", "demanded_by"}),
    LimitSource: frozenset({"kind", "op"}),
    Diagnostic: frozenset({"code", "severity"}),
    Artifact: frozenset({"sha256"}),
    BaselineUse: frozenset({"sha256", "others"}),
    AcceptedEntry: frozenset({"measurement", "metrics", "run", "accepted", "digest"}),
    TensorDescription: frozenset({"dtype"}),
}

# Values that are judged, or that tell what was measured: what is masked in them is marked.
_JUDGED: Fields = {
    Evidence: frozenset({"metrics"}),
    Measurement: frozenset({"params", "subjects"}),
    Entry: frozenset({"expect"}),
    Waiver: frozenset({"worst"}),
}

# Values that are shown alone.
_SHOWN: Fields = {
    ConstraintVerdict: frozenset({"written", "options", "observed", "limit"}),
    Verdict: frozenset({"observed"}),
    LimitSource: frozenset({"value"}),
    Cause: frozenset({"fields"}),
    Table: frozenset({"rows"}),
    Entry: frozenset({"cell"}),
}

_ARTIFACTS = re.compile(r"artifacts/[0-9a-f]{12}/")
_IDS = ("id", "needs", "references")
_NONE: frozenset[str] = frozenset()


class Masker(NamedTuple):
    """Masks records: ``text`` masks a text, ``is_number`` returns whether a number is a secret.

    ``ids`` are the names that entries have in the record, by their ids.
    """

    text: Callable[[str], str]
    is_number: Callable[[float], bool]
    ids: Mapping[str, str] = {}

    def record(self, value: T) -> T:
        """Return a record masked; the very object when there is nothing to mask."""
        masked: T = self.plain(value)
        return masked

    def plain(self, value: Any) -> Any:
        """Return a record or any part of it masked; the very object when there is nothing to mask."""
        if isinstance(value, str):
            return self.text(value if type(value) is str else str.__str__(value)) if not _is_word(value) else value
        if isinstance(value, msgspec.Struct):
            return self._struct(value)
        if isinstance(value, Mapping):
            return self._mapping(value, self.plain)
        return self._items(value, self.plain)

    def shown(self, value: Value) -> Value:
        """Return a value masked, secret numbers as text."""
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            return MASK if self.is_number(value) else value
        if isinstance(value, Mapping):
            return self._mapping(value, self.shown)
        return self._items(value, self.shown) if not isinstance(value, str) else self.plain(value)

    def judged(self, value: Value) -> Value:
        """Return a value masked, what is masked marked; a mapping with a masked key is marked as a whole.

        Another key changes the order of the items, and which key another has.
        """
        if isinstance(value, Mapping):
            found = self._mapping(value, self.judged)
            return Masked(bare(found)) if found is not value and list(found) != list(value) else found
        if isinstance(value, (str, int, float)):
            found = self.shown(value)
            return value if found is value else Masked(found)
        return self._items(value, self.judged)

    def named(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Return values by name masked; the value of a name that is masked is marked too."""
        out: dict[str, Value] = {}
        for name, value in values.items():
            known, found = self.text(name), self.judged(value)
            renamed = known is not name
            out[free_name(known, values, out) if renamed else name] = Masked(bare(found)) if renamed else found
        same = all(out.get(name) is value for name, value in values.items())
        return values if same and isinstance(values, dict) else out

    def _struct(self, value: msgspec.Struct) -> msgspec.Struct:
        kind = type(value)
        kept, judged, shown = (fields.get(kind, _NONE) for fields in (_KEPT, _JUDGED, _SHOWN))
        changed: dict[str, Any] = {}
        for name in value.__struct_fields__:
            old = getattr(value, name)
            if name in kept:
                continue
            new: Any
            if name in judged:
                new = self._expectations(old) if name in ("expect", "worst") else self.named(old)
            elif kind in (Measured, AcceptedEntry) and name == "files":
                new = self._mapping(old, lambda digest: digest)
            elif kind is Artifact and name == "path":
                new = self._artifact_path(old)
            elif kind is Entry and name in _IDS and self.ids:
                new = self.ids.get(old, old) if name == "id" else self._items(old, lambda one: self.ids.get(one, one))
            else:
                new = self.shown(old) if name in shown else self.plain(old)
            if new is not old:
                changed[name] = new
        changed |= self._derived(value, changed)
        return msgspec.structs.replace(value, **changed) if changed else value

    def _artifact_path(self, path: str) -> str:
        """Return the path masked, but for the digest that names the folder of the measurement."""
        folder = _ARTIFACTS.match(path)
        rest = path[folder.end() :] if folder is not None else path
        masked = self.text(rest)
        return path if masked is rest else path.removesuffix(rest) + masked

    def _derived(self, value: msgspec.Struct, changed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the numbers that are secrets, or that tell one, where a record has None for a number it lacks."""
        if isinstance(value, ConstraintVerdict) and value.margin is not None and changed.keys() & {"observed", "limit"}:
            return {"margin": None}
        if isinstance(value, LimitSource) and value.number is not None and self.is_number(value.number):
            return {"number": None}
        if isinstance(value, Series) and any(y is not None and self.is_number(y) for y in value.y):
            return {"y": tuple(None if y is None or self.is_number(y) else y for y in value.y)}
        return {}

    def _expectations(self, expect: Mapping[str, Json]) -> dict[str, Json]:
        found = self.named(expect)
        return found if found is expect else {name: _with_plain_why(node) for name, node in found.items()}

    def _mapping(self, value: Mapping[Any, Any], mask: Callable[[Any], Any]) -> Mapping[Any, Any]:
        out: dict[Any, Any] = {}
        same = True
        for key, item in value.items():
            name = self.text(key) if isinstance(key, str) and not _is_word(key) else key
            if name is not key:
                name = free_name(name, value, out)
            out[name] = mask(item)
            same = same and name is key and out[name] is item
        return value if same else out

    def _items(self, value: Any, mask: Callable[[Any], Any]) -> Any:
        if not isinstance(value, Sequence) or isinstance(value, (str, bytes, bytearray)):
            return self._struct(value) if isinstance(value, msgspec.Struct) else value
        items = [mask(item) for item in value]
        if all(new is old for new, old in zip(items, value, strict=True)):
            return value
        return tuple(items) if isinstance(value, tuple) else items


def _is_word(value: object) -> bool:
    return isinstance(value, Enum)


def _with_plain_why(node: Json) -> Json:
    """Return the expectation with its reasons as text: they are not compared with."""
    if not isinstance(node, dict) or not is_masked(node):
        return node
    return dict(_plain_whys(node))


def _plain_whys(node: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    from speccheck.judge import CONSTRAINTS
    from speccheck.judge.constraint import Nesting

    for name, value in node.items():
        if name == "why":
            yield name, bare(value)
        else:
            yield name, _with_plain_why(value) if isinstance(CONSTRAINTS.get(name), Nesting) else value


def masked_ids(ids: Sequence[str], text: Callable[[str], str]) -> dict[str, str]:
    """Return the names of entries in the record: masked ids, with numbers where several become one."""
    known: dict[str, str] = {}
    taken: dict[str, str] = {}
    for one in dict.fromkeys(ids):
        name = text(one)
        known[one] = name if name is one else free_name(name, taken, dict.fromkeys(ids))
        taken[known[one]] = one
    return known if any(name is not one for one, name in known.items()) else {}
