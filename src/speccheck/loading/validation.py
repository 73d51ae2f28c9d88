"""Validate values against JSON Schemas (2020-12), with messages in the words of a spec rather than of a schema.

Schemas of the usual forms are first tried by a few plain comparisons, which accept only values that jsonschema accepts.
Everything else is left to jsonschema, which is imported only then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

from speccheck.loading.diagnostics import did_you_mean
from speccheck.loading.forms import shown
from speccheck.model.values import Json

Quick: TypeAlias = Callable[[Json], bool]
SchemaPath: TypeAlias = tuple[str | int, ...]

_SILENT = frozenset({"description", "title", "default", "examples", "$comment"})
_NOUNS = {
    "string": "text",
    "integer": "an integer",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "null",
}
_LIMITS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "above",
    "exclusiveMaximum": "below",
}
_SIZES = {"minLength", "minItems", "minProperties"}


class Misfit(NamedTuple):
    """One error: ``kind`` is unknown, missing or form; ``expected`` completes "must be"; ``path`` is its place."""

    kind: str
    path: SchemaPath
    expected: str
    hint: str = ""


class SchemaCheck:
    """One schema, compiled when first needed."""

    def __init__(self, schema: Json) -> None:
        self._schema = schema
        self._quick = quick(schema)
        self._validator: Any = None

    def misfits(self, value: Json) -> list[Misfit]:
        """Return every error of the value."""
        if self._quick is not None and self._quick(value):
            return []
        if self._validator is None:
            from jsonschema import Draft202012Validator

            self._validator = Draft202012Validator(self._schema)
        return [misfit for error in self._validator.iter_errors(value) for misfit in _explain(error)]


def quick(schema: Json) -> Quick | None:
    """Return a comparison that is true only for values that fit; None for a schema of another form."""
    if not isinstance(schema, Mapping):
        return None
    keys = set(schema) - _SILENT
    if not keys:
        return _anything
    if keys == {"anyOf"}:
        options = [quick(option) for option in schema["anyOf"]]
        known = [option for option in options if option is not None]
        return lambda value: any(option(value) for option in known)
    if keys == {"enum"}:
        texts = frozenset(item for item in schema["enum"] if isinstance(item, str))
        return lambda value: type(value) is str and value in texts
    return _quick_type(schema, keys - {"type"})


def _anything(value: Json) -> bool:
    return True


def _quick_type(schema: Mapping[str, Json], keys: set[str]) -> Quick | None:
    kind = schema.get("type")
    if kind == "string" and keys <= {"minLength", "format"}:  # jsonschema checks no format either
        least = schema.get("minLength", 0)
        return lambda value: type(value) is str and len(value) >= least
    if kind in ("integer", "number") and keys <= {"minimum", "maximum", "exclusiveMinimum"}:
        return _quick_number(kind, schema)
    if kind == "boolean" and not keys:
        return lambda value: type(value) is bool
    if kind == "null" and not keys:
        return lambda value: value is None
    if kind == "array" and keys <= {"items", "minItems"}:
        item, least = quick(schema.get("items", {})), schema.get("minItems", 0)
        return item and (lambda value: type(value) is list and len(value) >= least and all(map(item, value)))
    return _quick_object(schema) if kind == "object" else None


def _quick_number(kind: str, schema: Mapping[str, Json]) -> Quick:
    types = (int,) if kind == "integer" else (int, float)
    low, high = schema.get("minimum", float("-inf")), schema.get("maximum", float("inf"))
    above = schema.get("exclusiveMinimum")
    if above is None:
        return lambda value: type(value) in types and low <= value <= high
    return lambda value: type(value) in types and low <= value <= high and value > above


def _quick_object(schema: Mapping[str, Json]) -> Quick | None:
    if not set(schema) - _SILENT <= {"type", "properties", "required", "additionalProperties"}:
        return None
    rest = schema.get("additionalProperties", True)
    other = _never if rest is False else _anything if rest is True else quick(rest) or _never
    known = {name: quick(inner) or _never for name, inner in schema.get("properties", {}).items()}
    required = tuple(schema.get("required", ()))

    def fits(value: Json) -> bool:
        if type(value) is not dict:
            return False
        for name in required:
            if name not in value:
                return False
        return all(known.get(name, other)(item) for name, item in value.items())

    return fits


def _never(value: Json) -> bool:
    return False


def _explain(error: Any) -> Iterator[Misfit]:
    path: SchemaPath = tuple(error.absolute_path)
    name, limit, value = error.validator, error.validator_value, error.instance
    if name == "additionalProperties" and limit is False:
        known = list(error.schema.get("properties", {}))
        for key in value:
            if key not in known:
                missing = [option for option in known if option not in value]
                yield Misfit("unknown", (*path, key), "", did_you_mean(key, missing or known))
    elif name == "required":
        for key in limit:
            if key not in value:
                yield Misfit("missing", (*path, key), "")
    elif name in ("anyOf", "oneOf"):
        yield from _alternatives(error, path)
    else:
        yield Misfit("form", path, *_expected(name, limit, value))


def _expected(name: str, limit: Json, value: Json) -> tuple[str, str]:
    if name == "type":
        kinds = [limit] if isinstance(limit, str) else limit
        hint = "put it in quotes" if kinds == ["string"] and isinstance(value, (int, float)) else ""
        return " or ".join(_NOUNS.get(kind, kind) for kind in kinds), hint
    if name == "enum":
        texts = [item for item in limit if isinstance(item, str)]
        hint = did_you_mean(value, texts) if isinstance(value, str) and texts else ""
        return "one of " + ", ".join(shown(item) for item in limit), hint if hint.startswith("did") else ""
    if name == "const":
        return shown(limit), ""
    if name in _LIMITS:
        return f"{_LIMITS[name]} {limit}", ""
    if name in _SIZES:
        return ("more than empty" if limit == 1 else f"of a length of at least {limit}"), ""
    if name in ("maxItems", "maxLength", "maxProperties"):
        return f"of a length of at most {limit}", ""
    if name == "pattern":
        return f"text that matches {limit}", ""
    return f"as in its schema ({name}: {shown(limit)})", ""  # jsonschema's own message would show the value


def _alternatives(error: Any, path: SchemaPath) -> Iterator[Misfit]:
    """Explain the branch whose type fits, or else the types of all branches."""
    fitting: dict[int, list[Any]] = {}
    for inner in error.context:
        fitting.setdefault(inner.schema_path[0], []).append(inner)
    for branch in fitting.values():
        if not any(inner.validator == "type" and not inner.path for inner in branch):
            for inner in branch:
                yield from _explain(inner)
            return
    nouns = [_NOUNS.get(str(option.get("type")), "") for option in error.validator_value if isinstance(option, Mapping)]
    yield Misfit("form", path, " or ".join(dict.fromkeys(noun for noun in nouns if noun)) or "of another form")
