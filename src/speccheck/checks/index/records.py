"""Records of an index that break the invariants that the spec declares.

An index is a list of records, mappings mostly: the clips of a dataset, the frames in each. Measures the violations of
each kind of invariant over all records, or over a sample drawn under a recorded seed: lengths, strictly increasing
fields (a repeated timestamp violates), flags that must all be true, files that must exist and be whole, fields that
must hold one value throughout (one scene per clip), keys that must be there, keys that must differ between records. A
field is a dotted path, and a name on a list is taken of each item: `frames.timestamp`. Values are compared as values: 1
and 1.0 are the same, a mapping in another order is, and an object other than text, a number, a path, or a list or
mapping of such, cannot be compared.

It matters because an index is built once and trusted for months, and an audit that stops at the first bad record does
not tell one slip from a broken index.

It cannot see whether a record is true of the file that it names, beyond that the file decodes. A field that an
invariant names and a record lacks violates that invariant.

```yaml
- id: clip-index
  check: index.records
  with:
    records: $index.clips
    length: {frames: 8}
    increasing: [frames.timestamp]
    all_true: [frames.is_key_frame]
    one_group: [frames.scene_token]
    files: [frames.filename]
    root: data/nuscenes
    unique: [start_token]
  expect:
    bad_count: 0
    examined: {min: 50}
```
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from speccheck.sdk import Check, Context, Evidence, Finding, Live, MeasurementError, Metric, Table, Value, param
from speccheck.sdk.files import portable_name, undecodable
from speccheck.sdk.records import MISSING, as_records, canonical, listed, plain, sampled, text
from speccheck.sdk.records import field as field_of
from speccheck.sdk.wording import counted

_SHOWN = 20
_EXAMPLES = 10
"""Records in the table of `show`."""


@dataclass(frozen=True)
class Params:
    """The records, and what must be true of each."""

    records: Live[Sequence[Any]] = param("the list of records")
    length: Mapping[str, int] = param("how many items each of these fields has", default={})
    increasing: tuple[str, ...] = param("fields whose items increase strictly", default=())
    all_true: tuple[str, ...] = param("fields whose items are all true", default=())
    one_group: tuple[str, ...] = param("fields whose items are all the same", default=())
    files: tuple[str, ...] = param("fields whose items are paths of files that exist", default=())
    root: Path | None = param("folder that those paths start from; the spec's folder where not given", default=None)
    decode: bool = param("also decode each file to its end, as its suffix demands", default=False)
    required: tuple[str, ...] = param("fields that every record has", default=())
    unique: tuple[str, ...] = param("fields that no two records share; looked at in all records", default=())
    sample: int | None = param("how many records to examine, drawn at random; all when not given", default=None, min=1)
    seed: int | None = param("seed of that draw; the entry's when not given", default=None)
    show: tuple[str, ...] = param(
        f"fields shown as a table in the evidence, of the first {_EXAMPLES} records examined", default=()
    )


_KINDS = {
    "length": "fields of another length",
    "increasing": "fields that do not increase strictly",
    "all_true": "fields with something in them that is not true",
    "one_group": "fields that hold more than one value",
    "missing_files": "files that are not there",
    "undecodable_files": "files that do not decode to their end",
    "required": "fields that are not there",
    "unique": "records whose value of a field another record has, too",
}
_NONE_ASKED = "the spec asks for no such invariant"

METRICS: Mapping[str, Metric] = {
    "count": Metric(kind="number", min=0, doc="records in the index"),
    "examined": Metric(kind="number", min=0, doc="records examined"),
    "sampled": Metric(kind="list", of="number", min=0, doc="which, by index; all when no sample was asked for"),
    "seed": Metric(kind="number", doc="seed of the sample", optional="all records are examined"),
    "bad_count": Metric(
        kind="number", min=0, doc="records that violate any invariant", optional="no record was examined"
    ),
    "bad": Metric(kind="list", of="number", min=0, doc="those records, by index", optional="no record was examined"),
    "files": Metric(kind="number", min=0, doc="different files looked at", optional=_NONE_ASKED),
    **{
        f"violations.{kind}": Metric(kind="number", min=0, doc=doc, optional=f"{_NONE_ASKED}, or no record is there")
        for kind, doc in _KINDS.items()
    },
}


@dataclass
class _Found:
    """Violations so far."""

    counts: Counter[str] = field(default_factory=Counter)
    rows: list[tuple[int, str, str, str]] = field(default_factory=list)

    def add(self, index: int, kind: str, path: str, message: str) -> None:
        self.counts[kind] += 1
        self.rows.append((index, kind, path, message))


def measure(params: Params, context: Context) -> Evidence:
    """Examine; MeasurementError when no invariant is declared, or the records or a value can't be compared."""
    asked = _asked(params)
    if not asked:
        raise MeasurementError("no invariant is declared; give at least one of " + ", ".join(_KINDS))
    records = as_records(params.records, "records")
    seed = context.seed if params.seed is None else params.seed
    chosen = sampled(len(records), params.sample, seed)
    found, files = _Found(), _Files(params, context)
    for index in chosen:
        for kind, path, message in _violations(records[index], params, files):
            found.add(index, kind, path, message)
    for index, path, message in _repeated(records, params.unique):
        found.add(index, "unique", path, message)
    bad = sorted({row[0] for row in found.rows})
    metrics: dict[str, Value] = {"count": len(records), "examined": len(chosen), "sampled": chosen}
    if len(chosen) < len(records):
        metrics["seed"] = seed
    if chosen:
        metrics |= {"bad": bad, "bad_count": len(bad)}
        metrics["violations"] = {kind: found.counts[kind] for kind in asked}
    if params.files:
        metrics["files"] = len(files.known)
    tables = {"records": _examples(records, chosen[:_EXAMPLES], params.show)} if params.show else {}
    if found.rows:
        columns = ("record", "invariant", "field", "found")
        tables["violations"] = Table(columns, tuple(found.rows[:200]), title="violations")
    findings = tuple(Finding(f"record {row[0]}: {row[3]}", symbol=row[2]) for row in found.rows[:_SHOWN])
    return Evidence(metrics, tables=tables, findings=findings)


def _examples(records: Sequence[Any], chosen: Sequence[int], paths: Sequence[str]) -> Table:
    rows = []
    for index in chosen:
        values = (field_of(records[index], path) for path in paths)
        rows.append((index, *("(missing)" if value is MISSING else plain(value) for value in values)))
    title = f"the first {len(rows)} records examined" if len(rows) > 1 else "the first record examined"
    return Table(("record", *paths), tuple(rows), title=title)


def _asked(params: Params) -> list[str]:
    given = {
        "length": params.length,
        "increasing": params.increasing,
        "all_true": params.all_true,
        "one_group": params.one_group,
        "missing_files": params.files,
        "undecodable_files": params.files if params.decode else (),
        "required": params.required,
        "unique": params.unique,
    }
    return [kind for kind, fields in given.items() if fields]


class _Files:
    """Files by path, each looked at once."""

    def __init__(self, params: Params, context: Context) -> None:
        self._root = context.folder / (params.root or Path())
        self._decode = params.decode
        self.known: dict[str, tuple[str, str] | None] = {}

    def violation(self, name: str) -> tuple[str, str] | None:
        """The kind of violation and the message, or None for a file that is as it must be."""
        if name not in self.known:
            self.known[name] = self._look(name)
        return self.known[name]

    def _look(self, name: str) -> tuple[str, str] | None:
        path = self._root / name
        if not path.is_file():
            return "missing_files", f"{portable_name(path, self._root)} is not there"
        broken = undecodable(path) if self._decode else ""
        if broken is None:
            return "undecodable_files", f"{name}: nothing here decodes {path.suffix or 'a file without suffix'}"
        return ("undecodable_files", f"{name}: {broken}") if broken else None


def _violations(record: Any, params: Params, files: _Files) -> Iterator[tuple[str, str, str]]:
    """Kind, field and message of each violation of one record, those between records left out."""
    for path, size in params.length.items():
        value = field_of(record, path)
        if value is MISSING or len(listed(value)) != size:
            has = "is not there" if value is MISSING else f"has {counted(len(listed(value)), 'item')}, not {size}"
            yield "length", path, f"{path} {has}"
    tests: list[tuple[str, tuple[str, ...], Callable[[list[Any], str], str]]] = [
        ("increasing", params.increasing, _falling),
        ("all_true", params.all_true, _untrue),
        ("one_group", params.one_group, _several),
    ]
    for kind, paths, fault in tests:
        for path in paths:
            value = field_of(record, path)
            message = "is not there" if value is MISSING else fault(listed(value), path)
            if message:
                yield kind, path, f"{path} {message}"
    for path in params.required:
        if field_of(record, path) is MISSING:
            yield "required", path, f"{path} is not there"
    yield from _file_violations(record, params, files)


def _file_violations(record: Any, params: Params, files: _Files) -> Iterator[tuple[str, str, str]]:
    for path in params.files:
        value = field_of(record, path)
        if value is MISSING or not listed(value):
            yield "missing_files", path, f"{path} names no file"
            continue
        for name in listed(value):
            violation = files.violation(str(name))
            if violation is not None:
                yield violation[0], path, violation[1]


def _falling(items: list[Any], _: str) -> str:
    if not items:
        return "is empty"
    try:
        at = next((i for i in range(1, len(items)) if not items[i - 1] < items[i]), None)
    except TypeError as error:
        return f"cannot be ordered: {error}"
    return "" if at is None else f"does not increase at item {at}: {text(items[at - 1])}, {text(items[at])}"


def _untrue(items: list[Any], _: str) -> str:
    at = next((i for i, item in enumerate(items) if item is not True and item != 1), None)
    return "is empty" if not items else "" if at is None else f"is {text(items[at])} at item {at}"


def _several(items: list[Any], path: str) -> str:
    values = list({canonical(item, path or "a record"): item for item in items}.values())
    return "is empty" if not items else "" if len(values) == 1 else f"holds {len(values)} values: {text(plain(values))}"


def _repeated(records: Sequence[Any], paths: Sequence[str]) -> Iterator[tuple[int, str, str]]:
    """Each record, but for the first, whose value of a field was there before; and those that lack the field."""
    for path in paths:
        seen: dict[Hashable, int] = {}
        for index in range(len(records)):
            value = field_of(records[index], path)
            if value is MISSING:
                yield index, path, f"{path} is not there"
            elif (first := seen.setdefault(canonical(value, path or "a record"), index)) != index:
                yield index, path, f"{path} {text(value)} is that of record {first}, too"


check = Check(params=Params, metrics=METRICS, measure=measure, version=2)
