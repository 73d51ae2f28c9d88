"""Read and check the definitions of all subjects, and find which subjects each reaches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from speccheck.loading.cycles import find_cycles
from speccheck.loading.definitions import COMMON_SCHEMAS, LiveReader, Names, loader_of, subject_name_fits, with_seed
from speccheck.loading.diagnostics import Problems
from speccheck.loading.files import Part
from speccheck.loading.forms import Form, shown
from speccheck.loading.interpolate import Resolver
from speccheck.loading.paths import schema_paths
from speccheck.loading.references import definition_key, live_parts, named_subjects
from speccheck.loading.settings import Surroundings
from speccheck.loading.yaml.source import SourceFile, Where
from speccheck.model.declaration import Declarations, LoaderDeclaration
from speccheck.model.values import Json


class Subjects:
    """Portable definitions by name; they keep ``${matrix}`` until the cell of an entry is known."""

    def __init__(self, parts: Mapping[str, Part], code: Mapping[str, str], declarations: Declarations) -> None:
        self.parts = parts
        self.names = Names(parts, code, declarations, {})
        self.definitions: dict[str, Json] = {}
        self.axes: dict[str, frozenset[str]] = {}
        self._declarations = declarations
        self._closures: dict[str, frozenset[str]] = {}
        self._seeded: dict[str, Json] = {}

    def read(self, around: Surroundings) -> None:
        """Read every definition, used or not."""
        for name, part in self.parts.items():
            self._read(name, part, around)
        direct = {name: sorted(self._direct(value)) for name, value in self.definitions.items()}
        self._report_cycles(direct, around.problems)
        for name in self.definitions:
            self._closures[name] = _closure(name, direct)

    def _read(self, name: str, part: Part, around: Surroundings) -> None:
        problems = around.problems
        what = f"subject '{name}'"
        if not subject_name_fits(name):
            hint = "letters, digits and _ only, so that expressions can use it"
            problems.add("SC112", f"'{name}' is not a valid name of a subject", part.key_where(), hint)
        resolver = Resolver(around.root, around.environ, problems, around.variables, matrix="defer")
        value = resolver.value(part.value, part.where, part.file)
        if resolver.failed:
            return
        if not isinstance(value, dict) or not value:
            hint = "write {LOADER: ...}, such as {audio: clip.wav}"
            problems.add("SC108", f"{what} must be a definition, not {shown(value)}", part.where(), hint)
            return
        form = Form(value, part.value, part.where(), what, problems)
        form.flag("override")
        definition = {key: item for key, item in value.items() if key != "override"}
        loader = loader_of(definition, form, self._declarations)
        if loader is None:
            return
        before = problems.errors
        LiveReader(self.names, form).definition(loader, definition, ())
        if problems.errors == before:
            self.definitions[name] = rebased_live(definition, part.file, around.root, self._declarations)
            self.axes[name] = frozenset(resolver.axes)

    def _direct(self, definition: Json) -> frozenset[str]:
        return named_subjects(definition, self.definitions, self._declarations)

    def _report_cycles(self, direct: Mapping[str, list[str]], problems: Problems) -> None:
        for chain in find_cycles(direct):
            where = self.parts[chain[0]].key_where()
            problems.add("SC309", f"subjects are built from each other in a cycle: {' -> '.join(chain)}", where)

    def reached(self, value: Json, *, definable: bool = True) -> frozenset[str]:
        """Return the subjects that a live value reaches, directly or through others."""
        if isinstance(value, str) and not value.startswith("$"):
            return frozenset()
        holder = value if definable else list(value.values()) if isinstance(value, dict) else value
        found: set[str] = set()
        for name in named_subjects(holder, self.definitions, self._declarations):
            found |= self._closures.get(name, frozenset())
        return frozenset(found)

    def for_cell(
        self, names: Iterable[str], resolver: Resolver, where: Where, seed: int, entry: str
    ) -> dict[str, Json]:
        """Return the definitions of those names with the values of the cell, and the seed if it is not 0."""
        found: dict[str, Json] = {}
        for name in sorted(names):
            definition = self._with_seed(name, seed)
            if self.axes[name]:
                definition = self._in_cell(name, definition, resolver, where, entry)
            found[name] = definition
        return found

    def _in_cell(self, name: str, definition: Json, resolver: Resolver, where: Where, entry: str) -> Json:
        missing = self.axes[name] - set(resolver.cell or ())
        if missing:
            axis = sorted(missing)[0]
            message = f"subject '{name}' needs the axis '{axis}', which is missing in the matrix of entry '{entry}'"
            resolver.problems.add("SC306", message, where, "add the axis to the matrix of the entry")
            resolver.failed = True
            return definition
        resolver.axes |= self.axes[name]
        value = resolver.value(definition, lambda: where, SourceFile("", "", resolver.root))
        part = self.parts[name]
        form = Form(value, part.value, part.where(), f"subject '{name}'", resolver.problems)
        LiveReader(self.names, form).expressions(value)
        return value

    def _with_seed(self, name: str, seed: int) -> Json:
        # The default seed is part of a subject, so a measurement must record it.
        if seed == 0:
            return self.definitions[name]
        if name not in self._seeded:
            self._seeded[name] = with_seed(self.definitions[name], seed, self._declarations)
        return self._seeded[name]


def rebased_live(
    value: Json, file: SourceFile, root: Path, declarations: Declarations, *, definable: bool = True
) -> Json:
    """Return a live value of an included file with the paths of its definitions relative to the root spec."""
    if file.folder == root or not isinstance(value, (dict, list)):
        return value
    name = definition_key(value, declarations) if definable and isinstance(value, dict) else None
    loader = None if name is None else declarations.loader(name)
    parts = {key: inner for key, _, inner in live_parts(value, declarations, definable=definable)}

    def moved(key: str | int, item: Json) -> Json:
        if key not in parts:
            return item
        inner = rebased_live(item, file, root, declarations, definable=parts[key])
        if loader is None or name is None:
            return inner
        return schema_paths(inner, _schema_of(str(key), name, loader), file.folder, root)

    if isinstance(value, list):
        return [moved(at, item) for at, item in enumerate(value)]
    return {key: moved(key, item) for key, item in value.items()}


def _schema_of(key: str, name: str, loader: LoaderDeclaration) -> Json:
    if key == name:
        return loader.params
    return loader.keys[key] if key in loader.keys else COMMON_SCHEMAS.get(key, {})


def _closure(name: str, direct: Mapping[str, Iterable[str]]) -> frozenset[str]:
    found: set[str] = set()
    waiting = {name}
    while waiting:
        at = waiting.pop()
        found.add(at)
        waiting |= set(direct.get(at, ())) - found
    return frozenset(found)
