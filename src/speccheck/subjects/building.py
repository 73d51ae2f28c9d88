"""Building live values: references followed, inline definitions loaded, each thing once in a pool."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from speccheck.loading.references import (
    MissingVariable,
    Reference,
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
from speccheck.subjects.context import Context, suggestion
from speccheck.subjects.folders import CodeFolders
from speccheck.subjects.placement import PLACEMENT, place
from speccheck.subjects.seeding import derived_seed, seeded

_ARGUMENTS = frozenset({"args", "kwargs"})
_STRUCTURE = _ARGUMENTS | {"weights"}
"""Keys whose mapping is no definition, whatever its keys are: ``args: {target: $tokens}`` names an argument."""

_FILLABLE = "function"
"""The loader in whose arguments placeholders may stand."""


@dataclass(frozen=True)
class Setting:
    """What all builds of a process have in common."""

    folder: Path
    seed: int
    environ: Mapping[str, str]
    loader: Callable[[str], Loader | None]
    declarations: Declarations
    code: CodeFolders


@dataclass(frozen=True)
class Place:
    """Where a value stands: in a subject (or in a parameter, if ``subject`` is empty), and the path inside it."""

    subject: str
    path: str = ""

    def item(self, key: str | int) -> Place:
        """The place of an item of a list or mapping that stands here."""
        step = f"[{key}]" if isinstance(key, int) else f".{key}" if self.path else str(key)
        return Place(self.subject, self.path + step)

    @property
    def seed_name(self) -> str:
        """The name under which a seed is derived: a subject's own name, or its name and the path of what is in it."""
        return f"{self.subject}/{self.path}" if self.path or not self.subject else self.subject

    def __str__(self) -> str:
        if not self.subject:
            return f"parameter {self.path!r}" if self.path else "the parameter"
        return f"subject {self.subject!r}" + (f" at {self.path}" if self.path else "")


@dataclass(frozen=True)
class Outcome:
    """A finished build: its value, or the error that asking again gives again."""

    value: Any = None
    error: SubjectError | None = None


class Builder:
    """Builds values from the definitions of one scope, each once in the given pool.

    The pool goes by what a thing is built from: name, definition, and the definitions of everything it reaches. So
    scopes may share one, and a fresh instance comes of an empty one.
    """

    def __init__(self, setting: Setting, definitions: Mapping[str, Json], pool: dict[str, Outcome]) -> None:
        self._setting = setting
        self._definitions = definitions
        self._pool = pool
        self._stack: list[str] = []
        self._keys: dict[str, str] = {}

    def get(self, name: str) -> Any:
        """The subject of that name; SubjectError when there is none or it cannot be built."""
        if name not in self._definitions:
            raise SubjectError(f"there is no subject {name!r}{suggestion(name, self._definitions)}", name)
        if name in self._stack:
            round_trip = " -> ".join([*self._stack[self._stack.index(name) :], name])
            raise SubjectError(f"subject {name!r} is built from itself: {round_trip}", name)
        return self._once(Place(name), self._definitions[name])

    def resolve(self, value: Json, place: Place, *, fillable: bool = False) -> Any:
        """The live value: references and inline definitions built, literals as they are."""
        if isinstance(value, str):
            return self._text(value, place, fillable)
        if isinstance(value, Mapping):
            if definition_key(value, self._setting.declarations) is not None:
                return self._once(place, value)
            return self.items(value, place, fillable=fillable)
        if isinstance(value, (list, tuple)):
            return self.items(value, place, fillable=fillable)
        return value

    def items(self, value: Json, place: Place, *, fillable: bool = False) -> Any:
        """The live values of a list or mapping, which is itself never taken for a definition."""
        if isinstance(value, Mapping):
            return {key: self.resolve(item, place.item(key), fillable=fillable) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.resolve(item, place.item(at), fillable=fillable) for at, item in enumerate(value)]
        return self.resolve(value, place, fillable=fillable)

    def expanded(self, value: Json, place: Place) -> Json:
        """The value with ``${here}`` and ``${env.NAME}`` replaced and nothing built."""
        try:
            return _plain(expand(value, self._setting.folder, self._setting.environ))
        except MissingVariable as error:
            raise SubjectError(f"{place}: {error}", place.subject, error) from error

    def _text(self, text: str, place: Place, fillable: bool) -> Any:
        reference = parse_reference(text)
        if reference is not None:
            return self._follow(reference)
        placeholder = parse_placeholder(text)
        if placeholder is None:
            return literal(self.expanded(text, place)) if text[:2] == "$$" else self.expanded(text, place)
        if not fillable:
            message = f"{place}: {text} stands in a function's args only, where the check that calls it fills it in"
            raise SubjectError(message, place.subject)
        return Placeholder(placeholder.name, placeholder.steps)

    def _follow(self, reference: Reference) -> Any:
        value = self.get(reference.name)
        shown = f"${reference.name}"
        for kind, step in reference.steps:
            try:
                value = getattr(value, str(step)) if kind == "attr" else value[step]
            except Exception as error:
                raise SubjectError(_step_failed(shown, value, kind, step, error), reference.name, error) from error
            shown += f".{step}" if kind == "attr" else f"[{step!r}]"
        return value

    def _once(self, place: Place, definition: Json) -> Any:
        key = self._keys.get(place.subject) if not place.path else None
        if key is None:
            key = self._key(place, definition)
        if place.subject and not place.path:
            self._keys[place.subject] = key
        outcome = self._pool.get(key)
        if outcome is None:
            outcome = self._pool[key] = self._attempt(place, definition)
        if outcome.error is not None:
            raise outcome.error.with_traceback(None)
        return outcome.value

    def _key(self, place: Place, definition: Json) -> str:
        names = reached({"": definition}, {"": "live"}, self._definitions, self._setting.declarations)
        closure = {name: to_wire(self._definitions[name]) for name in names}
        wired = (place.subject, place.path, to_wire(definition), closure)
        return hashlib.sha256(msgspec.json.encode(wired, order="deterministic")).hexdigest()

    def _attempt(self, place: Place, definition: Json) -> Outcome:
        depth = len(self._stack)
        if place.subject and not place.path:
            self._stack.append(place.subject)
        try:
            return Outcome(self._build(place, definition))
        except SubjectError as error:
            return Outcome(error=error)
        finally:
            del self._stack[depth:]

    def _build(self, place: Place, definition: Json) -> Any:
        if not isinstance(definition, Mapping):
            return self.resolve(definition, place)
        name = definition_key(definition, self._setting.declarations)
        loader = None if name is None else self._setting.loader(name)
        if loader is None:
            known = ", ".join(self._setting.declarations.loader_names())
            message = f"{place}: {', '.join(map(repr, definition))} names no loader; loaders are {known}"
            raise SubjectError(message, place.subject)
        return self._load(loader, definition, place)

    def _load(self, loader: Loader, definition: Mapping[str, Json], place: Place) -> Any:
        taken = {loader.name, *loader.keys}
        for key in definition:
            if key not in taken | PLACEMENT | {"seed", "code"}:
                raise SubjectError(f"{place}: the loader {loader.name} takes no {key!r}", place.subject)
        values = {key: self._value(loader, key, item, place) for key, item in definition.items()}
        context = self._context(values, place)
        try:
            with seeded(context.seed):
                value = loader.load({key: item for key, item in values.items() if key in taken}, context)
                return _placed(value, values, taken, context)
        except SubjectError as error:
            if error.name:
                raise
            raise SubjectError(f"{place}: {error}", place.subject, error.cause) from error.cause
        except (Exception, SystemExit) as error:
            message = f"{place}: the loader {loader.name} raised {type(error).__name__}: {error}"
            raise SubjectError(message, place.subject, error) from error

    def _value(self, loader: Loader, key: str, item: Json, place: Place) -> Any:
        inside = place.item(key)
        if key in loader.lazy:
            return self.expanded(item, inside)
        fillable = loader.name == _FILLABLE and key in _ARGUMENTS
        build = self.items if key in _STRUCTURE else self.resolve
        return build(item, inside, fillable=fillable)

    def _context(self, values: Mapping[str, Any], place: Place) -> Context:
        own, tree = values.get("seed"), values.get("code")
        if own is not None and (not isinstance(own, int) or isinstance(own, bool)):
            raise SubjectError(f"{place}: seed is a whole number, not {own!r}", place.subject)
        if tree is not None and not isinstance(tree, str):
            raise SubjectError(f"{place}: code is the name of a code folder, not {tree!r}", place.subject)
        return Context(
            seed=derived_seed(self._setting.seed if own is None else own, place.seed_name),
            folder=self._setting.folder,
            code=self._setting.code,
            tree=tree,
            get=self.get,
            names=tuple(self._definitions),
        )


def _placed(value: Any, values: Mapping[str, Any], taken: set[str], context: Context) -> Any:
    """The value with weights, device and dtype applied, unless its loader takes the key itself."""
    return place(value, {key: values[key] for key in PLACEMENT if key in values and key not in taken}, context)


def _plain(value: Json) -> Json:
    """Texts as exact ``str``: what :func:`expand` marks as literal is a subclass, which audited code need not take."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def _step_failed(shown: str, value: Any, kind: str, step: str | int, error: Exception) -> str:
    of = type(value).__qualname__
    if kind == "attr" and isinstance(error, AttributeError) and not hasattr(type(value), str(step)):
        hint = suggestion(str(step), dir(value))
        if isinstance(value, Mapping) and step in value:
            hint = f'; for its key write {shown}["{step}"]'
        return f"{shown} ({of}) has no attribute {step!r}{hint}"
    written = f"{shown}.{step}" if kind == "attr" else f"{shown}[{step!r}]"
    return f"{written} ({of}) raised {type(error).__name__}: {error}"
