"""``--set path=value``: replace one value of a spec from the command line, before anything is resolved.

The value must exist, except for keys that may be added to an entry, its ``with``, an expectation or the defaults.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from speccheck.loading.diagnostics import Problems, did_you_mean
from speccheck.loading.files import DEFAULT_KEYS, ENTRY_KEYS, Merged, Part
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.source import SourceFile, Where, YList, YMap
from speccheck.model.paths import MetricPath, PathError, format_path, parse_path
from speccheck.model.values import Json

_FIXED = ("id", "check", "override")
_TOP = ("vars", "subjects", "checks", "defaults", "title", "code", "baseline", "redact")


class UnknownPathError(Exception):
    """Nothing exists at the path; ``hint`` suggests another."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.hint = hint


class Override:
    """One ``--set``: the parts of its path, the value, and a place that represents the command line."""

    def __init__(self, text: str, path: MetricPath, value: Json, file: SourceFile) -> None:
        self.text = text
        self.path = path
        self.value = value
        self.where = Where(file, 0, len(file.text))
        self.places = (self.where, self.where)


def read_overrides(texts: Sequence[str], problems: Problems) -> list[Override]:
    """Read each ``path=value``; report those of another form."""
    found: list[Override] = []
    for text in texts:
        name, equals, value = _split(text)
        file = SourceFile("--set", value, Path.cwd(), override=text)
        where = Where(file, 0, 1)
        try:
            path = parse_path(name.strip())
        except PathError as error:
            problems.add("SC506", str(error), where)
            continue
        if not equals:
            problems.add("SC506", "an override is path=value", where, f"--set {text}=VALUE")
            continue
        before = problems.errors
        parsed = read_yaml(file, problems)
        if problems.errors == before:
            found.append(Override(text, path, parsed, file))
    return found


def _split(text: str) -> tuple[str, str, str]:
    """Return the path, the equals sign after it and the value; an equals sign in quotes belongs to the path."""
    quote = ""
    for at, sign in enumerate(text):
        if quote:
            quote = "" if sign == quote else quote
        elif sign in "\"'":
            quote = sign
        elif sign == "=":
            return text[:at], sign, text[at + 1 :]
    return text, "", ""


class CellOverrides:
    """Overrides of single cells of matrix entries, applied when the cells are made."""

    def __init__(self) -> None:
        self._waiting: dict[str, list[Override]] = {}
        self._bases: dict[str, str] = {}

    def add(self, cell: str, base: str, override: Override) -> None:
        """Keep an override until the cell with that id is made."""
        self._waiting.setdefault(cell, []).append(override)
        self._bases[cell] = base

    def apply(self, cell: str, entry: YMap, problems: Problems) -> YMap:
        """Return the entry with the overrides of that cell applied."""
        for override in self._waiting.pop(cell, ()):
            try:
                entry = _entry(entry, override, override.path[2:])
            except UnknownPathError as error:
                problems.add("SC505", str(error), override.where, error.hint)
        return entry

    def unused(self, ids: Sequence[str], problems: Problems) -> None:
        """Report each override of a cell that was not made."""
        for cell, overrides in self._waiting.items():
            cells = [name for name in ids if name.startswith(f"{self._bases[cell]}[")]
            for override in overrides:
                problems.add("SC505", f"unknown entry '{cell}'", override.where, did_you_mean(cell, cells))


def apply_overrides(merged: Merged, overrides: Sequence[Override], root: YMap, problems: Problems) -> CellOverrides:
    """Apply each override; return those of single cells."""
    cells = CellOverrides()
    for override in overrides:
        try:
            _apply(merged, override, root, cells)
        except UnknownPathError as error:
            problems.add("SC505", str(error), override.where, error.hint)
    return cells


def _apply(merged: Merged, override: Override, root: YMap, cells: CellOverrides) -> None:
    head, rest = override.path[0], override.path[1:]
    if head in ("vars", "subjects", "defaults"):
        parts: dict[str, Part] = getattr(merged, head)
        _member(parts, override, rest, root, DEFAULT_KEYS if head == "defaults" else ())
    elif head in ("title", "code", "baseline"):
        _member(merged.top, override, (head, *rest), root, (head,))
    elif head == "redact" and not rest:
        parent = root.replaced("redact", override.value, override.places)
        merged.redact = [Part(override.value, parent, "redact")]
    elif head == "checks" and len(rest) > 1:
        _checks(merged, override, cells)
    elif head in _TOP:
        raise UnknownPathError(f"'{format_path(override.path)}' is not a single value", "name a value below it")
    else:
        raise UnknownPathError(f"unknown key '{head}' in an override", did_you_mean(head, _TOP))


def _member(parts: dict[str, Part], override: Override, path: MetricPath, root: YMap, addable: Sequence[str]) -> None:
    if not path:
        raise UnknownPathError(f"'{format_path(override.path)}' is not a single value", "name a value below it")
    for key, length in _matches(parts, path):
        part = parts[key]
        parent, rest = part.parent, path[length:]
        value = _put(part.value, override, rest, ()) if rest else override.value
        places = override.places if not rest else (part.key_where(), part.where())
        parts[key] = Part(value, parent.replaced(key, value, places), key)
        return
    if path[0] not in addable or len(path) > 1:
        hint = did_you_mean(path[0], [*parts, *addable])
        raise UnknownPathError(f"nothing to override at '{format_path(override.path)}'", hint)
    parts[path[0]] = Part(override.value, root.replaced(path[0], override.value, override.places), path[0])


def _checks(merged: Merged, override: Override, cells: CellOverrides) -> None:
    ids, path = merged.entry_ids(), override.path[1:]
    for key, length in _matches(ids, path):
        entry, where = merged.entries[ids[key]]
        merged.entries[ids[key]] = (_entry(entry, override, path[length:]), where)
        return
    base = path[0].split("[", 1)[0]
    if base not in ids or base == path[0]:
        raise UnknownPathError(f"unknown entry '{path[0]}'", did_you_mean(path[0], ids))
    cells.add(path[0], base, override)


def _entry(entry: YMap, override: Override, path: MetricPath) -> YMap:
    if not path:
        raise UnknownPathError("an entry is not a single value", "name a value below it, such as expect or with")
    if path[0] in _FIXED:
        raise UnknownPathError(f"'{path[0]}' of an entry cannot be overridden")
    if path[0] == "with" and "with" not in entry and len(path) == 2:
        value = YMap({path[1]: override.value}, override.where.file, -1, {path[1]: override.places})
        return entry.replaced("with", value, override.places)
    put = _put(entry, override, path, ENTRY_KEYS)
    assert isinstance(put, YMap)
    return put


def _put(value: Json, override: Override, path: MetricPath, addable: Sequence[str], above: MetricPath = ()) -> Json:
    """Return the value with the override applied at the path; ``addable`` are keys that may be new."""
    if isinstance(value, YMap):
        for key, length in _matches(value, path):
            rest, so_far = path[length:], (*above, key)
            inner = value[key]
            if not rest:
                return value.replaced(key, override.value, override.places)
            put = _put(inner, override, rest, _addable_below(so_far), so_far)
            return value.replaced(key, put, (value.key_where(key), value.value_where(key)))
        if len(path) == 1 and (path[0] in addable or "*" in addable):
            return value.replaced(path[0], override.value, override.places)
        hint = did_you_mean(path[0], [*value, *(key for key in addable if key != "*")])
        raise UnknownPathError(f"nothing to override at '{format_path(override.path)}'", hint)
    if isinstance(value, YList) and path[0].isdecimal() and int(path[0]) < len(value):
        at = int(path[0])
        put = _put(value[at], override, path[1:], (), (*above, path[0])) if len(path) > 1 else override.value
        return value.replaced(at, put, value.item_where(at) if len(path) > 1 else override.where)
    raise UnknownPathError(f"nothing to override at '{format_path(override.path)}'")


def _addable_below(path: MetricPath) -> Sequence[str]:
    """Any parameter may be added to ``with``, any constraint to an existing expectation."""
    if path == ("with",) or (path[0] == "expect" and len(path) >= 2):
        return ("*",)
    return ()


def _matches(mapping: Mapping[str, Json], path: MetricPath) -> Iterator[tuple[str, int]]:
    """Yield the keys that the path begins with and how many of its parts each takes, the longest first."""
    found = []
    if path[0] in mapping:
        found.append((path[0], 1))
    for length in range(2, len(path) + 1):
        found += [(key, length) for key in (format_path(path[:length]), ".".join(path[:length])) if key in mapping]
    if not found and len(path) > 1:  # quoted differently
        found = [(key, len(_parts(key))) for key in mapping if _parts(key) == path[: len(_parts(key))]]
    yield from sorted(dict.fromkeys(found), key=lambda item: -item[1])


def _parts(key: str) -> MetricPath:
    try:
        return parse_path(key)
    except PathError:
        return (key,)
