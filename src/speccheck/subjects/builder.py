"""Build live values: follow references and load definitions, each once per pool."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from speccheck.loading.references import (
    MissingVariable,
    SubjectReference,
    definition_key,
    expand,
    literal,
    parse_placeholder,
    parse_reference,
    reached,
)
from speccheck.model.declaration import Declarations
from speccheck.model.values import Json, to_wire
from speccheck.sdk.errors import SubjectError
from speccheck.sdk.live import Placeholder
from speccheck.sdk.loading import Loader
from speccheck.subjects.code_import import CodeImporter
from speccheck.subjects.input_files import InputFiles, Reading
from speccheck.subjects.loader_context import LoaderContext, step_failed, suggestion
from speccheck.subjects.location import Location
from speccheck.subjects.pool import BuildResult, Pool
from speccheck.subjects.seeding import derived_seed, seeded
from speccheck.subjects.torch_options import TORCH_OPTIONS, apply_torch_options

_ARGUMENTS = frozenset({"args", "kwargs"})
_STRUCTURE = _ARGUMENTS | {"weights"}
"""Keys whose mapping is never a definition: in ``args: {target: $tokens}``, ``target`` names an argument."""

_LONGEST_PATH = 1024

_FILLABLE = "function"
"""The loader whose arguments may contain placeholders."""


@dataclass(frozen=True)
class BuildSettings:
    """The settings that all builds of a process share."""

    folder: Path
    seed: int
    environ: Mapping[str, str]
    loader: Callable[[str], Loader | None]
    declarations: Declarations
    code: CodeImporter
    files: InputFiles


class SubjectBuilder:
    """Builds values from the definitions of one scope, each once per pool.

    The key of a value in the pool is made of its name, its definition and the definitions of all subjects it reaches.
    Scopes can therefore share a pool, and an empty pool gives fresh instances. The files behind what is asked for are
    added to ``files``.
    """

    def __init__(
        self,
        settings: BuildSettings,
        definitions: Mapping[str, Json],
        pool: Pool,
        files: dict[str, str],
        remarks: dict[str, None],
    ) -> None:
        self._settings = settings
        self._definitions = definitions
        self._pool = pool
        self._stack: list[str] = []
        self._keys: dict[str, str] = {}
        self._parts: list[set[str]] = []
        self.reached: set[str] = set()
        """The keys of all values that were asked for."""
        self.built = False
        """Whether something was built for them, with or without success."""
        self.again: list[str] = []
        """The names of those that were changed before, and of which building gave the same object again."""
        self._files = [files]
        self._readings: list[Reading] = []
        self._remarks = [remarks]  # of what was asked for; above it, of each build under way

    def get(self, name: str) -> Any:
        """Return the subject of that name. SubjectError when it is not defined or cannot be built."""
        if name not in self._definitions:
            raise SubjectError(f"not defined{suggestion(name, self._definitions)}", name)
        if name in self._stack:
            cycle = " -> ".join([*self._stack[self._stack.index(name) :], name])
            raise SubjectError(f"built from itself: {cycle}", name)
        return self._once(Location(name), self._definitions[name])

    def resolve(self, value: Json, location: Location, *, fillable: bool = False) -> Any:
        """Return the live value: references and definitions are built, literals stay as they are."""
        if isinstance(value, str):
            return self._text(value, location, fillable)
        if isinstance(value, Mapping):
            if definition_key(value, self._settings.declarations) is not None:
                return self._once(location, value)
            return self.items(value, location, fillable=fillable)
        if isinstance(value, (list, tuple)):
            return self.items(value, location, fillable=fillable)
        return value

    def items(self, value: Json, location: Location, *, fillable: bool = False) -> Any:
        """Return the live values of a list or mapping; the mapping itself is never a definition."""
        if isinstance(value, Mapping):
            return {key: self.resolve(item, location.item(key), fillable=fillable) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolve(item, location.item(at), fillable=fillable) for at, item in enumerate(value)]
        return self.resolve(value, location, fillable=fillable)

    def expanded(self, value: Json, location: Location) -> Json:
        """Replace ``${here}`` and ``${env.NAME}``, and build nothing."""
        try:
            return _plain(expand(value, self._settings.folder, self._settings.environ))
        except MissingVariable as error:
            raise location.error(str(error), error) from error

    def _text(self, text: str, location: Location, fillable: bool) -> Any:
        reference = parse_reference(text)
        if reference is not None:
            return self._follow(reference)
        placeholder = parse_placeholder(text)
        if placeholder is None:
            plain = self.expanded(text, location)
            self._declare(plain)
            return literal(plain) if text[:2] == "$$" else plain
        if not fillable:
            raise location.error(f"{text} belongs in the args of a function, where the check that calls it fills it in")
        return Placeholder(placeholder.name, placeholder.steps)

    def _declare(self, text: Json) -> None:
        """Count a file that a definition names to those that are read: C code may open it by itself."""
        if self._readings and isinstance(text, str) and 0 < len(text) <= _LONGEST_PATH and "\0" not in text:
            path = self._settings.folder / text
            if os.path.isfile(path):  # noqa: PTH113 - never an OSError, however odd the text
                self._readings[-1].declare(path)

    def _follow(self, reference: SubjectReference) -> Any:
        value = self.get(reference.name)
        shown = f"${reference.name}"
        for kind, step in reference.steps:
            try:
                value = getattr(value, str(step)) if kind == "attr" else value[step]
            except Exception as error:
                raise SubjectError(step_failed(shown, value, kind, step, error), reference.name, error) from error
            shown += f".{step}" if kind == "attr" else f"[{step!r}]"
        return value

    def _once(self, location: Location, definition: Json) -> Any:
        key = self._keys.get(location.subject) if not location.path else None
        if key is None:
            key = self._key(location, definition)
        if location.subject and not location.path:
            self._keys[location.subject] = key
        self.reached.add(key)
        if self._parts:
            self._parts[-1].add(key)
        outcome = self._pool.get(key)
        if outcome is None:
            outcome = self._add(key, location, definition)
        self._files[-1].update(outcome.files)
        if outcome.error is not None:
            raise outcome.error.with_traceback(None)
        self._remarks[-1] |= dict.fromkeys(outcome.remarks)
        return outcome.value

    def _add(self, key: str, location: Location, definition: Json) -> BuildResult:
        self.built = True
        self._parts.append(set())
        try:
            outcome = self._attempt(location, definition)
        finally:
            parts = self._parts.pop()
        if not self._pool.add(key, location.name, outcome, parts):
            self.again.append(location.name)
        return outcome

    def _key(self, location: Location, definition: Json) -> str:
        names = reached({"": definition}, {"": "live"}, self._definitions, self._settings.declarations)
        closure = {name: to_wire(self._definitions[name]) for name in names}
        wired = (location.subject, location.path, to_wire(definition), closure)
        return hashlib.sha256(msgspec.json.encode(wired, order="deterministic")).hexdigest()

    def _attempt(self, location: Location, definition: Json) -> BuildResult:
        depth, level = len(self._stack), len(self._readings)
        if location.subject and not location.path:
            self._stack.append(location.subject)
        files: dict[str, str] = {}
        self._files.append(files)
        self._remarks.append({})
        try:
            with self._settings.files.reading() as reading:
                self._readings.append(reading)
                value = self._build(location, definition)
            product = isinstance(definition, Mapping) and definition.get("product") is True
            files = files if product else files | reading.digests()
            return BuildResult(value, files=files, remarks=tuple(self._remarks[-1]))
        except SubjectError as error:
            return BuildResult(error=error)
        finally:
            del self._stack[depth:], self._readings[level:], self._files[level + 1 :], self._remarks[level + 1 :]

    def _build(self, location: Location, definition: Json) -> Any:
        if not isinstance(definition, Mapping):
            return self.resolve(definition, location)
        name = definition_key(definition, self._settings.declarations)
        loader = None if name is None else self._settings.loader(name)
        if loader is None:
            known = ", ".join(self._settings.declarations.loader_names())
            raise location.error(f"{', '.join(map(repr, definition))} names no loader; the loaders are {known}")
        return self._load(loader, definition, location)

    def _load(self, loader: Loader, definition: Mapping[str, Json], location: Location) -> Any:
        taken = {loader.name, *loader.keys}
        for key in definition:
            if key not in taken | TORCH_OPTIONS | {"seed", "code", "product"}:
                raise location.error(f"the loader {loader.name} does not accept the key {key!r}")
        values = {key: self._value(loader, key, item, location) for key, item in definition.items()}
        context = self._context(values, location)
        try:
            with self._working(location), seeded(context.seed):
                value = loader.load({key: item for key, item in values.items() if key in taken}, context)
                return self._with_torch_options(value, values, taken, context, location)
        except SubjectError as error:
            if error.name:
                raise
            raise location.error(str(error), error.cause) from error.cause
        except (Exception, SystemExit) as error:
            raise location.error(f"the loader {loader.name} raised {type(error).__name__}: {error}", error) from error

    @contextmanager
    def _working(self, location: Location) -> Iterator[None]:
        """Work in the folder of the spec, whatever the folder was that the process was started in."""
        with ExitStack() as stack:
            try:
                stack.enter_context(chdir(self._settings.folder))
            except OSError as error:
                raise location.error(f"cannot work in the folder of the spec: {error}", error) from error
            yield

    def _with_torch_options(
        self, value: Any, values: Mapping[str, Any], taken: set[str], context: LoaderContext, location: Location
    ) -> Any:
        """Apply weights, device and dtype, except those that the loader accepts as keys of its own."""

        def remark(text: str) -> None:
            self._remarks[-1][f"{location.owner}: {text}"] = None

        options = {key: values[key] for key in TORCH_OPTIONS if key in values and key not in taken}
        return apply_torch_options(value, options, context, remark)

    def _value(self, loader: Loader, key: str, item: Json, location: Location) -> Any:
        inside = location.item(key)
        if key in loader.lazy:
            return self.expanded(item, inside)
        fillable = loader.name == _FILLABLE and key in _ARGUMENTS
        build = self.items if key in _STRUCTURE else self.resolve
        return build(item, inside, fillable=fillable)

    def _context(self, values: Mapping[str, Any], location: Location) -> LoaderContext:
        own, tree = values.get("seed"), values.get("code")
        if own is not None and (not isinstance(own, int) or isinstance(own, bool)):
            raise location.error(f"seed must be a whole number, not {own!r}")
        if tree is not None and not isinstance(tree, str):
            raise location.error(f"code must be the name of a code folder, not {tree!r}")
        return LoaderContext(
            seed=derived_seed(self._settings.seed if own is None else own, location.seed_name),
            folder=self._settings.folder,
            code=self._settings.code,
            tree=tree,
            get=self.get,
            names=tuple(self._definitions),
            reading=self._readings[-1],
        )


def _plain(value: Json) -> Json:
    """Turn every text into an exact ``str``; :func:`expand` marks literals by a subclass, unknown to audited code."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value
