"""References in values: subjects (``$clip.samples[0]``), placeholders (``${output}``), ``${here}`` and ``${env.X}``.

Nothing here builds, imports or executes what a reference names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from speccheck.loading.expressions import ExpressionError, free_names
from speccheck.model.declaration import Declarations, FieldKind, LoaderDeclaration
from speccheck.model.values import Json

AccessStep: TypeAlias = tuple[Literal["attr", "item"], str | int]
"""An attribute of a name, or an item of it."""

PLACEHOLDERS: Set[str] = frozenset({"output", "batch", "input", "seed", "generator"})
"""Names that are filled in by the check that calls a function."""

COMMON_KEYS: Set[str] = frozenset({"args", "kwargs", "weights", "device", "dtype", "seed", "code", "product"})
"""Keys that every definition of a subject may have, with any loader."""

ARGUMENT_KEYS: Set[str] = frozenset({"args", "kwargs", "weights"})
"""Common keys whose mappings are never definitions: ``args: {target: $tokens}`` names an argument."""

LIVE_KINDS: Set[str] = frozenset({"live", "live_mapping", "live_list", "fresh"})

_NAME = r"[A-Za-z_][A-Za-z0-9_]*"
_STEPS = rf"""(?:\.{_NAME}|\[-?[0-9]+\]|\["[^"]*"\]|\['[^']*'\])*"""
_REFERENCE = re.compile(rf"\$({_NAME})({_STEPS})")
_PLACEHOLDER = re.compile(rf"\$\{{\s*({'|'.join(sorted(PLACEHOLDERS))})({_STEPS})\s*\}}")
_STEP = re.compile(rf"""\.(?P<attr>{_NAME})|\[(?P<index>-?[0-9]+)\]|\["(?P<dq>[^"]*)"\]|\['(?P<sq>[^']*)'\]""")
_LATE = re.compile(r"\$\$\{|\$\{\s*(?:(here)|env\.([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?)\s*\}")
_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "object": (Mapping,),
    "array": (list, tuple),
    "boolean": (bool,),
    "null": (type(None),),
}


class SubjectReference(msgspec.Struct, frozen=True):
    """A name and the accesses after it: ``$clip.samples[0]`` is ``clip``, ``("attr", "samples")``, ``("item", 0)``."""

    name: str
    steps: tuple[AccessStep, ...] = ()


class MissingVariable(LookupError):  # noqa: N818 - read as a sentence where it is raised
    """An environment variable that a spec reads without a default is not set; ``name`` is its name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"environment variable {name} is not set, and the spec does not give a default")
        self.name = name


class LiteralText(str):
    """Text from ``$${`` or an environment variable, which is never read as a reference."""

    __slots__ = ()


def parse_reference(text: str) -> SubjectReference | None:
    """Return the subject reference that the whole text is, or None, also for ``$$x`` and ``${...}``."""
    if text[:1] != "$" or isinstance(text, LiteralText):
        return None
    match = _REFERENCE.fullmatch(text)
    return None if match is None else SubjectReference(match[1], _steps(match[2]))


def literal(text: str) -> str:
    """Return the text, with ``$$x`` unescaped to ``$x``."""
    if text[:2] == "$$" and text[:3] != "$${" and not isinstance(text, LiteralText):
        return text[1:]
    return text


def parse_placeholder(text: str) -> SubjectReference | None:
    """Return the placeholder (``${output}``, ``${batch.x[0]}``) that the whole text is, or None."""
    if text[:2] != "${" or isinstance(text, LiteralText):
        return None
    match = _PLACEHOLDER.fullmatch(text)
    return None if match is None else SubjectReference(match[1], _steps(match[2]))


@lru_cache(maxsize=4096)
def _steps(text: str) -> tuple[AccessStep, ...]:
    steps: list[AccessStep] = []
    for match in _STEP.finditer(text):
        if match["attr"] is not None:
            steps.append(("attr", match["attr"]))
        elif match["index"] is not None:
            steps.append(("item", int(match["index"])))
        else:
            steps.append(("item", match["dq"] if match["dq"] is not None else match["sq"]))
    return tuple(steps)


def expand(value: Json, here: Path, environ: Mapping[str, str]) -> Json:
    """Return the value with ``${here}`` and ``${env.NAME:-default}`` replaced, ``$${`` unescaped, placeholders kept.

    A default replaces a variable that is not set or empty, as in a shell. Text from the environment or from ``$${`` is
    never read as a reference again. Raises :class:`MissingVariable`.
    """
    if isinstance(value, str):
        return _expand_text(value, here, environ) if "${" in value else value
    if isinstance(value, Mapping):
        return {key: expand(item, here, environ) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [expand(item, here, environ) for item in value]
    return value


def _expand_text(text: str, here: Path, environ: Mapping[str, str]) -> str:
    if isinstance(text, LiteralText):
        return text

    def replaced(match: re.Match[str]) -> str:
        if match[0] == "$${":
            return "${"
        if match[1] is not None:
            return str(here)
        found = environ.get(match[2])
        if match[3] is not None:
            return found or match[3]
        if found is None:
            raise MissingVariable(match[2])
        return found

    expanded = _LATE.sub(replaced, text)
    return LiteralText(expanded) if _LATE.match(text) else expanded


def settled(value: Json, here: Path, environ: Mapping[str, str]) -> Json:
    """Return :func:`expand` of a value that nothing is built from, with ordinary texts."""
    return _ordinary(expand(value, here, environ))


def _ordinary(value: Json) -> Json:
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {key: _ordinary(item) for key, item in value.items()}
    return [_ordinary(item) for item in value] if isinstance(value, list) else value


def environment_names(text: str) -> Iterator[tuple[str, bool]]:
    """Yield each environment variable that the text reads, and whether it has a default there."""
    for match in _LATE.finditer(text):
        if match[2] is not None:
            yield match[2], match[3] is not None


def definition_key(value: Mapping[str, Json], declarations: Declarations) -> str | None:
    """Return the loader that an inline definition names, or None if the mapping is plain data.

    It is a definition if exactly one key is the name of a loader, the loader takes values of that type, and every other
    key is one that the loader takes or one of :data:`COMMON_KEYS`.
    """
    named = [key for key in value if isinstance(key, str) and declarations.loader(key) is not None]
    if len(named) > 1:  # a key that a loader takes may have the name of another loader
        named = [key for key in named if _allows(declarations.loader(key), key, value)]
    if len(named) != 1:
        return None
    loader = declarations.loader(named[0])
    if loader is None or not _allows(loader, named[0], value):
        return None
    return named[0] if fits_type(value[named[0]], loader.params) else None


def _allows(loader: LoaderDeclaration | None, name: str, value: Mapping[str, Json]) -> bool:
    return loader is not None and all(key == name or key in loader.keys or key in COMMON_KEYS for key in value)


def fits_type(value: Json, schema: Json) -> bool:
    """Whether the schema accepts the type of the value; a reference always fits."""
    if not isinstance(schema, Mapping):
        return schema is not False
    if isinstance(value, str) and (parse_reference(value) or "${" in value):
        return True
    for key in ("anyOf", "oneOf"):
        if key in schema and not any(fits_type(value, option) for option in schema[key]):
            return False
    wanted = schema.get("type")
    if wanted is None:
        return "enum" not in schema or value in schema["enum"]
    return any(_is_type(value, name) for name in ([wanted] if isinstance(wanted, str) else wanted))


def _is_type(value: Json, name: str) -> bool:
    if name == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if name == "integer":
        whole = isinstance(value, float) and value.is_integer()
        return (isinstance(value, int) or whole) and not isinstance(value, bool)
    return isinstance(value, _TYPES.get(name, (object,)))


def live_parts(
    value: Json, declarations: Declarations, *, definable: bool = True
) -> Iterator[tuple[str | int, Json, bool]]:
    """Yield the parts of a live value: key or index, value, and whether that value may be a definition.

    Values that a loader takes unbuilt are omitted. The mappings of ``args``, ``kwargs`` and ``weights`` are never
    definitions.
    """
    if isinstance(value, Mapping):
        name = definition_key(value, declarations) if definable else None
        loader = None if name is None else declarations.loader(name)
        for key, item in value.items():
            if loader is None:
                yield key, item, True
            elif key not in loader.lazy:
                yield key, item, key not in ARGUMENT_KEYS
    elif isinstance(value, (list, tuple)):
        for at, item in enumerate(value):
            yield at, item, True


def named_subjects(value: Json, definitions: Mapping[str, Json], declarations: Declarations) -> frozenset[str]:
    """Return the subjects that a live value or a definition names directly."""
    return frozenset(name for name in _mentioned(value, declarations, True) if name in definitions)


def _mentioned(value: Json, declarations: Declarations, definable: bool) -> Iterator[str]:
    if isinstance(value, str):
        reference = parse_reference(value)
        if reference is not None:
            yield reference.name
        return
    if definable and isinstance(value, Mapping) and "expr" in value and definition_key(value, declarations) == "expr":
        yield from _names_of(value["expr"])
    for _, item, inner in live_parts(value, declarations, definable=definable):
        yield from _mentioned(item, declarations, inner)


def _names_of(text: Json) -> frozenset[str]:
    try:
        return free_names(text) if isinstance(text, str) else frozenset()
    except ExpressionError:
        return frozenset()  # reading the spec reports it


def wanted_placeholders(
    value: Json, definitions: Mapping[str, Json], declarations: Declarations, seen: frozenset[str] = frozenset()
) -> frozenset[str]:
    """Return the placeholders that a call of the live value wants filled in: those of a function, and of its function.

    A function among the arguments keeps its own.
    """
    if isinstance(value, str):
        reference = parse_reference(value)
        if reference is None or reference.steps or reference.name in seen:
            return frozenset()
        return wanted_placeholders(definitions.get(reference.name), definitions, declarations, seen | {reference.name})
    if not isinstance(value, Mapping) or definition_key(value, declarations) != "function":
        return frozenset()
    inner = wanted_placeholders(value["function"], definitions, declarations, seen)
    return inner.union(*(_placeholders(value.get(key), declarations, False) for key in ARGUMENT_KEYS))


def _placeholders(value: Json, declarations: Declarations, definable: bool) -> frozenset[str]:
    if isinstance(value, str):
        found = parse_placeholder(value)
        return frozenset() if found is None else frozenset({found.name})
    if isinstance(value, Mapping) and not (definable and definition_key(value, declarations) is not None):
        value = list(value.values())
    if not isinstance(value, (list, tuple)):
        return frozenset()
    return frozenset().union(*(_placeholders(item, declarations, True) for item in value))


def reached(
    params: Mapping[str, Json],
    kinds: Mapping[str, FieldKind],
    definitions: Mapping[str, Json],
    declarations: Declarations,
) -> frozenset[str]:
    """Return the subjects that live and fresh parameters reach, directly or through another subject."""
    found: set[str] = set()
    waiting = {
        name
        for field, value in params.items()
        if kinds.get(field) in LIVE_KINDS
        for name in _mentioned(value, declarations, kinds[field] in ("live", "fresh"))
        if name in definitions
    }
    while waiting:
        name = waiting.pop()
        found.add(name)
        waiting |= named_subjects(definitions[name], definitions, declarations) - found
    return frozenset(found)
