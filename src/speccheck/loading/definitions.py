"""Check definitions of subjects, and live values that may contain some. Nothing is built."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from speccheck.loading.diagnostics import did_you_mean, nearest, of_plugin
from speccheck.loading.expressions import (
    ExpressionError,
    first_use,
    free_names,
    known_names,
    unknown_names,
)
from speccheck.loading.files import Part
from speccheck.loading.forms import Form, shown
from speccheck.loading.paths import dig
from speccheck.loading.plain_data import key_as_attribute
from speccheck.loading.references import (
    ARGUMENT_KEYS,
    COMMON_KEYS,
    definition_key,
    fits_type,
    live_parts,
    parse_placeholder,
    parse_reference,
)
from speccheck.loading.text_formats import format_misfit
from speccheck.loading.validation import SchemaCheck
from speccheck.loading.yaml.source import within
from speccheck.model.declaration import Declarations, LoaderDeclaration
from speccheck.model.values import Json

_NAMES = {"type": "array", "items": {"type": "string", "minLength": 1}}

COMMON_SCHEMAS: Mapping[str, Json] = {
    "args": {"type": ["array", "object"], "description": "Arguments: a list, or a mapping of names to values."},
    "kwargs": {"type": "object", "description": "Arguments by name, beside a list of args."},
    "weights": {
        "type": "object",
        "description": "Weights loaded into a torch module.",
        "properties": {
            "file": {"type": "string", "minLength": 1, "format": "path", "description": "A safetensors or torch file."},
            "key": {"type": "string", "description": "The key of the state in the file."},
            "strip": {"type": "string", "description": "A prefix to remove from every name."},
            "strict": {"type": "boolean", "description": "False: what `missing` and `unexpected` allow may differ."},
            "missing": {**_NAMES, "description": "Names or patterns of weights that the file may lack."},
            "unexpected": {**_NAMES, "description": "Names or patterns that the file may have beside."},
        },
        "required": ["file"],
        "additionalProperties": False,
    },
    "device": {"type": "string", "minLength": 1, "description": "The device of a torch module: cpu, cuda, cuda:1."},
    "dtype": {
        "type": "string",
        "minLength": 1,
        "format": "dtype",
        "description": "The element type of a torch module: float32.",
    },
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "description": "Instead of defaults.seed."},
    "code": {"type": "string", "minLength": 1, "description": "The name of one of the spec's code folders."},
    "product": {
        "type": "boolean",
        "description": "Whether the files read here are what is measured, so that they may differ from the baseline's.",
        "default": False,
    },
}
"""The JSON Schemas of the keys that every definition may have."""

_SUBJECT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MATRIX = re.compile(r"\$\{\s*matrix\b")


class Names(NamedTuple):
    """The names that a live value may use: subjects and code folders; with the schema checks compiled so far."""

    subjects: Mapping[str, Part]
    code: Mapping[str, str]
    declarations: Declarations
    compiled: dict[tuple[str, str], SchemaCheck]


class LiveReader:
    """Checks one live value; ``form`` knows the places."""

    def __init__(self, names: Names, form: Form) -> None:
        self._names = names
        self._form = form
        self._problems = form.problems

    def check(
        self, value: Json, path: tuple[str | int, ...], *, definable: bool = True, top: bool = False, fill: bool = False
    ) -> None:
        """Report every error in the value at the path.

        ``definable``: a mapping may be a definition; ``top``: it probably is meant as one; ``fill``: placeholders are
        allowed.
        """
        if isinstance(value, str):
            if value[:1] == "$":
                self._text(value, path, fill)
            return
        if not isinstance(value, (dict, list)):
            return
        if definable and isinstance(value, dict):
            name = definition_key(value, self._names.declarations)
            if name is not None:
                self.definition(name, value, path)
                return
            if top:
                self._nearly(value, path)
        for key, item, inner in live_parts(value, self._names.declarations, definable=False):
            self.check(item, (*path, key), definable=inner, fill=fill)

    def definition(self, name: str, value: Mapping[str, Json], path: tuple[str | int, ...]) -> None:
        """Check a definition; ``name`` is its loader."""
        loader = self._names.declarations.loader(name)
        assert loader is not None
        self._keys(name, loader, value, path)
        self._arguments(value, path)
        if name == "expr":
            self._expression(value["expr"], (*path, "expr"))
        if "code" in value and "code" not in loader.keys:
            self._code(value["code"], (*path, "code"))
        for key, item, inner in live_parts(value, self._names.declarations):
            fill = name == "function" and key in ("args", "kwargs")
            self.check(item, (*path, key), definable=inner, fill=fill)

    def _keys(
        self, name: str, loader: LoaderDeclaration, value: Mapping[str, Json], path: tuple[str | int, ...]
    ) -> None:
        for key, item in value.items():
            if key == name:
                schema = loader.params
            elif key in loader.keys:
                schema = loader.keys[key]
            elif key in COMMON_KEYS:
                schema = COMMON_SCHEMAS[key]
            else:
                hint = did_you_mean(key, [*loader.keys, *sorted(COMMON_KEYS)])
                where = self._form.key_where(*path, key)
                self._problems.add("SC110", f"the loader '{name}' does not take '{key}'", where, hint)
                continue
            self._fits(name, key, schema, item, (*path, key))

    def _fits(self, name: str, key: str, schema: Json, item: Json, path: tuple[str | int, ...]) -> None:
        if _is_reference(item):
            return
        check = self._names.compiled.get((name, key))
        if check is None:
            check = self._names.compiled[name, key] = SchemaCheck(schema)
        form = format_misfit(schema, item)
        for misfit in check.misfits(item) if form is None else [form]:
            found = dig(item, misfit.path)
            if _is_reference(found):
                continue
            place = (*path, *misfit.path)
            what = ".".join(map(str, place[len(path) - 1 :]))
            if misfit.kind == "form":
                message = f"'{what}' must be {misfit.expected}, not {shown(found)}"
                self._problems.add("SC111", message, self._form.where(*place), misfit.hint)
            else:
                word = "unknown key" if misfit.kind == "unknown" else "missing key"
                where = self._form.key_where(*place) if misfit.kind == "unknown" else self._form.where(*place)
                self._problems.add("SC111", f"{word} '{what}'", where, misfit.hint)

    def _arguments(self, value: Mapping[str, Json], path: tuple[str | int, ...]) -> None:
        if "kwargs" in value and isinstance(value.get("args"), dict):
            where = self._form.key_where(*path, "kwargs")
            hint = "put all arguments into one mapping 'args'"
            self._problems.add("SC110", "'kwargs' is allowed only beside a list of args", where, hint)

    def _code(self, name: Json, path: tuple[str | int, ...]) -> None:
        named = [key for key in self._names.code if key]
        if isinstance(name, str) and name not in named and not _is_reference(name):
            hint = did_you_mean(name, named, offer="write code: {NAME: FOLDER} at the top of the spec")
            self._problems.add("SC113", f"unknown code folder '{name}'", self._form.where(*path), hint)

    def expressions(self, value: Json, path: tuple[str | int, ...] = (), *, definable: bool = True) -> None:
        """Check the expressions in a value into which the values of a matrix were put."""
        if definable and isinstance(value, dict) and definition_key(value, self._names.declarations) == "expr":
            self._expression(value["expr"], (*path, "expr"))
        for key, item, inner in live_parts(value, self._names.declarations, definable=definable):
            if isinstance(item, (dict, list)):
                self.expressions(item, (*path, key), definable=inner)

    def _expression(self, text: Json, path: tuple[str | int, ...]) -> None:
        if not isinstance(text, str) or _MATRIX.search(text):
            return
        where = self._form.where(*path)
        try:
            names = free_names(text)
        except ExpressionError as error:
            at = where if error.offset is None else within(where, text, error.offset, 1)
            self._problems.add("SC311", f"not one Python expression: {error}", at)
            return
        for name in unknown_names(names, self._names.subjects):
            match = nearest(name, known_names(self._names.subjects))
            hint = f"did you mean '{match}'?" if match else "speccheck explain SC314 lists what it can use"
            at = within(where, text, first_use(text, name) or 0, len(name))
            self._problems.add("SC314", f"an expression cannot use '{name}'", at, hint)

    def _text(self, text: str, path: tuple[str | int, ...], fill: bool) -> None:
        if text.startswith("$$"):
            return
        if text.startswith("${"):
            if parse_placeholder(text) is not None and not fill:
                hint = "placeholders are allowed in the args of a function"
                self._problems.add("SC310", f"nothing fills in {text} here", self._form.where(*path), hint)
            return
        reference = parse_reference(text)
        if reference is None:
            hint = f"write ${text} if it is text"
            message = f"'{text}' is not a reference to a subject, such as $name.attribute[0]"
            self._problems.add("SC308", message, self._form.where(*path), hint)
        elif reference.name not in self._names.subjects:
            hint = did_you_mean(reference.name, self._names.subjects, offer="the spec does not define subjects")
            match = nearest(reference.name, self._names.subjects)
            hint = f"did you mean '${match}'?" if match else hint
            self._problems.add("SC307", f"unknown subject '{reference.name}'", self._form.where(*path), hint)
        elif (misread := key_as_attribute(reference, self._names.subjects, self._names.declarations)) is not None:
            self._problems.add("SC315", misread.message, self._form.where(*path), misread.hint)

    def _nearly(self, value: Mapping[str, Json], path: tuple[str | int, ...]) -> None:
        """Report a mapping that has a loader's key and is one mistake away from a definition."""
        declarations = self._names.declarations
        for name in value:
            loader = declarations.loader(name)
            if loader is None or not fits_type(value[name], loader.params):
                continue
            for key in value:
                if key != name and key not in loader.keys and key not in COMMON_KEYS:
                    match = nearest(key, [*loader.keys, *COMMON_KEYS])
                    hint = f"did you mean '{match}'?" if match else "remove it, or rename the loader's key"
                    message = f"read as plain data, because the loader '{name}' does not take '{key}'"
                    self._problems.add("SC110" if match else "SC605", message, self._form.key_where(*path, key), hint)


def loader_of(value: Mapping[str, Json], form: Form, declarations: Declarations) -> str | None:
    """Return the loader that a subject's definition names; report a definition with none or several."""
    named = [key for key in value if declarations.loader(key) is not None]
    if len(named) > 1:
        owners = [key for key in named if all(other in _taken(declarations, key) for other in named if other != key)]
        named = owners if len(owners) == 1 else named
    if len(named) == 1:
        return named[0]
    if named:
        message = f"{form.what} names several loaders: {', '.join(named)}"
        form.problems.add("SC109", message, form.key_where(named[1]), "keep one of them")
        return None
    others = [key for key in value if key not in COMMON_KEYS]
    names = declarations.loader_names()
    at = next((key for key in others if nearest(key, names)), others[0] if others else None)
    where = form.fallback if at is None else form.key_where(at)
    hint = of_plugin(at, at, names) if at else did_you_mean("", names)
    form.problems.add(
        "SC108", f"{form.what} does not name a loader" + (f": '{at}' is not one" if at else ""), where, hint
    )
    return None


def subject_name_fits(name: str) -> bool:
    """Whether expressions can use the name for a subject."""
    return _SUBJECT_NAME.fullmatch(name) is not None and not keyword.iskeyword(name)


def with_seed(value: Json, seed: int, declarations: Declarations, *, definable: bool = True) -> Json:
    """Return the value with the seed added to every definition in it that does not set one."""
    if not isinstance(value, (dict, list)):
        return value
    parts = {key: (item, inner) for key, item, inner in live_parts(value, declarations, definable=definable)}

    def seeded(key: str | int, item: Json) -> Json:
        return with_seed(item, seed, declarations, definable=parts[key][1]) if key in parts else item

    if isinstance(value, list):
        return [seeded(at, item) for at, item in enumerate(value)]
    found = {key: seeded(key, item) for key, item in value.items()}
    own = definable and "seed" not in value and definition_key(value, declarations) is not None
    return {**found, "seed": seed} if own else found


def _taken(declarations: Declarations, name: str) -> Iterator[str]:
    loader = declarations.loader(name)
    yield from () if loader is None else loader.keys
    yield from ARGUMENT_KEYS


def _is_reference(value: Json) -> bool:
    return isinstance(value, str) and (parse_reference(value) is not None or "${" in value)
