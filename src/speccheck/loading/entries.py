"""Read the entries of a spec: each becomes one entry, or one for each cell of its matrix."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from speccheck.loading.diagnostics import of_plugin
from speccheck.loading.entry_parts import (
    Cell,
    Mention,
    cells,
    expect_positions,
    read_expect,
    read_expected_failure,
    read_others,
    read_waiver,
)
from speccheck.loading.files import ENTRY_KEYS
from speccheck.loading.forms import Form, shown
from speccheck.loading.interpolate import Resolver
from speccheck.loading.overrides import CellOverrides
from speccheck.loading.params import KnownCheck, ParamsReader, with_form
from speccheck.loading.references import settled
from speccheck.loading.settings import MAX_SEED, Defaults, Surroundings
from speccheck.loading.subjects import Subjects
from speccheck.loading.yaml.source import Where, YMap
from speccheck.model.declaration import Declarations
from speccheck.model.spec import Entry, ExpectedFailure, Measurement, Waiver
from speccheck.model.values import Json

_ID = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]*")
_KEYS = frozenset(ENTRY_KEYS)
_CELL_KEYS = ("title", "section", "with", "expect", "needs", "seed")
"""The keys in which ``${matrix}`` is allowed."""


_LATE_KEYS = frozenset({"with", "requires"})
"""The keys in which ``${here}`` and ``${env}`` are kept until the entry is run."""

_AS_WRITTEN = frozenset({"matrix", "id", "check"})


class _Resolved(NamedTuple):
    """The values of an entry with references resolved; keys with an unresolved reference are only in ``broken``.

    ``resolver`` is that of the keys that may use the matrix; ``touched`` are the keys that contain references.
    """

    values: dict[str, Json]
    resolver: Resolver
    broken: set[str]
    touched: set[str]


class Draft(NamedTuple):
    """An entry whose ``needs`` are still as written, the places of its needs, and its references to other entries.

    ``check`` is None for one that is not registered, ``params`` for a ``with`` that cannot be read. The YAML of the
    entry is not kept.
    """

    entry: Entry
    needs_at: tuple[Where, ...]
    mentions: tuple[Mention, ...]
    check: KnownCheck | None
    params: dict[str, Json] | None


class EntryReader:
    """Reads entries; :attr:`uses_baseline` is the place of the first limit that needs a baseline."""

    def __init__(
        self,
        declarations: Declarations,
        subjects: Subjects,
        around: Surroundings,
        defaults: Defaults,
        overrides: CellOverrides,
    ) -> None:
        self._declarations = declarations
        self._subjects = subjects
        self._around = around
        self._problems = around.problems
        self._defaults = defaults
        self._overrides = overrides
        self._checks: dict[str, KnownCheck | None] = {}
        self._params = ParamsReader(subjects, declarations, around, defaults.seed)
        self.uses_baseline: Where | None = None

    def read(self, raw: YMap, where: Where) -> Iterator[Draft]:
        """Yield the entry, or its cells; nothing, with diagnostics, if it has errors."""
        form = Form(raw, raw, where, self._name(raw), self._problems)
        if not raw.keys() <= _KEYS:
            form.only([key for key in ENTRY_KEYS if key != "override"] + ["override"])
        base = self._id(form)
        with self._problems.entry(base):
            check = self._check(form)
            if "override" in raw:
                form.flag("override")
            if "matrix" not in raw:
                yield from self._cell(raw, where, Cell(base, {}), base, check, None)
                return
            yield from self._matrix(raw, where, base, check)

    def _matrix(self, raw: YMap, where: Where, base: str, check: KnownCheck | None) -> Iterator[Draft]:
        resolver = self._around.resolver()
        value = resolver.value(raw["matrix"], lambda: raw.value_where("matrix"), raw.file)
        if resolver.failed:
            return
        form = with_form(value, raw["matrix"], raw.value_where("matrix"), f"'matrix' of entry '{base}'", self._around)
        found = None if form is None else cells(base, form, self._declarations)
        if form is None or found is None:
            return
        used: set[str] = set()
        before = self._problems.errors
        for cell in found:
            with self._problems.entry(cell.id):
                changed = self._overrides.apply(cell.id, raw, self._problems)
                yield from self._cell(changed, where, cell, base, check, used)
        for axis in form.values:
            if axis not in used and self._problems.errors == before:
                message = f"unused axis '{axis}': all its cells measure the same"
                self._problems.add("SC602", message, form.key_where(axis), f"write ${{matrix.{axis}}} where it belongs")

    def _cell(
        self, raw: YMap, where: Where, cell: Cell, base: str, check: KnownCheck | None, used: set[str] | None
    ) -> Iterator[Draft]:
        resolved = self._resolved(raw, cell, used is not None)
        form = Form(resolved.values, raw, where, f"entry '{base}'" if base else "the entry", self._problems)
        params, subjects = self._with(form, check, resolved, cell)
        expect, mentions = self._expect(form, check, params, resolved)
        others = read_others(form, self._defaults, self._around.root)
        waiver, more = self._waiver(form, check, params)
        seed = form.integer("seed", 0, MAX_SEED) if "seed" in form.values else None
        if used is not None:
            used |= resolved.resolver.axes
        if not base:
            return
        version = check.declaration.version if check is not None else 0
        seed = self._defaults.seed if seed is None else seed
        place = raw.value_where("id")
        entry = Entry(
            id=cell.id,
            base=base,
            check=str(raw.get("check")),
            measurement=Measurement(str(raw.get("check")), version, params or {}, seed, subjects),
            expect=dict(expect.values) if expect is not None else {},
            cell=cell.values,
            position=None if place.file.override is not None else place.position(),
            positions=expect_positions(expect) if expect is not None else {},
            expected_failure=self._expected_failure(form, expect),
            waiver=waiver,
            **others,
        )
        needs_at = tuple(form.where("needs", at) for at in range(len(entry.needs)))
        yield Draft(entry, needs_at, (*mentions, *more), check, params)

    def _resolved(self, raw: YMap, cell: Cell, in_matrix: bool) -> _Resolved:
        around = self._around
        inner = Resolver(
            around.root,
            around.environ,
            around.problems,
            around.variables,
            "use" if in_matrix else "refuse",
            cell.values if in_matrix else None,
        )
        outer = around.resolver()
        found = _Resolved({}, inner, set(), set())
        for key, value in raw.items():
            if key in _AS_WRITTEN or not isinstance(value, (str, dict, list)):
                found.values[key] = value
                continue
            resolver = inner if key in _CELL_KEYS else outer
            resolver.touched = resolver.failed = False
            done = resolver.item(raw, key, value)
            if resolver.failed:
                found.broken.add(key)
            elif resolver.touched and key not in _LATE_KEYS:
                found.values[key] = settled(done, around.root, around.environ)
            else:
                found.values[key] = done
            if resolver.touched:
                found.touched.add(key)
        return found

    def _with(
        self, form: Form, check: KnownCheck | None, resolved: _Resolved, cell: Cell
    ) -> tuple[dict[str, Json] | None, dict[str, Json]]:
        """Return the portable parameters (None if they have errors) and the definitions of the subjects they reach."""
        if check is None or "with" in resolved.broken:
            return None, {}
        value = form.values.get("with")
        what = f"'with' of {form.what}"
        if value is None:
            params: Form | None = Form({}, {}, form.where("check"), what, self._problems)
        else:
            params = with_form(value, form.raw["with"], form.where("with"), what, self._around)
        if params is None:
            return None, {}
        read = self._params.read(check, dict(params.values), params, touched="with" in resolved.touched)
        if not check.live:
            return read, {}
        names = self._params.subjects(check, read)
        where = form.where("with")
        return read, self._subjects.for_cell(names, resolved.resolver, where, self._defaults.seed, cell.id)

    def _expect(
        self, form: Form, check: KnownCheck | None, params: dict[str, Json] | None, resolved: _Resolved
    ) -> tuple[Form | None, list[Mention]]:
        if "expect" in resolved.broken:
            return None, []
        observe = form.flag("observe") if "observe" in form.values else False
        if "expect" not in form.values:
            if not observe:
                hint = "write 'expect', or 'observe: true' to measure only"
                self._problems.add("SC210", f"{form.what} does not have expectations", form.where("id"), hint)
            return None, []
        if observe:
            message = f"{form.what} has both 'expect' and 'observe: true'"
            self._problems.add("SC211", message, form.key_where("observe"), "keep one of them")
        expect = form.part("expect")
        if expect is None:
            return None, []
        if not expect.values:
            hint = "write METRIC: {max: LIMIT}, or 'observe: true' to measure only"
            self._problems.add("SC210", f"'expect' of {form.what} is empty", form.key_where("expect"), hint)
            return expect, []
        metrics = None if check is None else check.metrics(params)
        mentions, uses_baseline = read_expect(expect, metrics, "" if check is None else check.name)
        self._note_baseline(uses_baseline, expect)
        return expect, mentions

    def _expected_failure(self, form: Form, expect: Form | None) -> ExpectedFailure | None:
        part = form.part("expected_failure")
        return None if part is None else read_expected_failure(part, {} if expect is None else expect.values)

    def _waiver(
        self, form: Form, check: KnownCheck | None, params: dict[str, Json] | None
    ) -> tuple[Waiver | None, list[Mention]]:
        part = form.part("waiver")
        if part is None:
            return None, []
        metrics = None if check is None else check.metrics(params)
        waiver, mentions, uses_baseline = read_waiver(part, metrics, "" if check is None else check.name)
        self._note_baseline(uses_baseline, part)
        return waiver, mentions

    def _id(self, form: Form) -> str:
        if not form.need("id"):
            return ""
        value = form.values["id"]
        if isinstance(value, str) and _ID.fullmatch(value):
            return value
        hint = "letters, digits, '-', '_' and '.' only" if isinstance(value, str) else "put it in quotes"
        self._problems.add("SC106", f"{shown(value)} cannot be the id of an entry", form.where("id"), hint)
        return ""

    def _check(self, form: Form) -> KnownCheck | None:
        if not form.need("check"):
            return None
        name = form.values["check"]
        if not isinstance(name, str):
            form.wrong("check", "the name of a check")
            return None
        if name not in self._checks:
            declaration = self._declarations.check(name)
            self._checks[name] = None if declaration is None else KnownCheck(name, declaration)
        if self._checks[name] is None:
            hint = of_plugin(name, name.partition(".")[0], self._declarations.check_names())
            self._problems.add("SC101", f"unknown check '{name}'", form.where("check"), hint)
        return self._checks[name]

    def _note_baseline(self, uses_baseline: bool, form: Form) -> None:
        if uses_baseline and self.uses_baseline is None:
            self.uses_baseline = form.fallback

    def _name(self, raw: YMap) -> str:
        name = raw.get("id")
        return f"entry '{name}'" if isinstance(name, str) and name else "the entry"
