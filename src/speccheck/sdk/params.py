"""Parameters of a check: a frozen dataclass whose fields have docs and bounds.

The JSON Schema, the kinds of the fields and the conversion from YAML derive from the annotations, so that nothing about
a parameter is written twice. A ``Params`` class may inherit fields, from :mod:`speccheck.sdk.training` for example.
"""

from __future__ import annotations

import builtins
import dataclasses
import inspect
import sys
import types
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from speccheck.model.declaration import PLACEHOLDERS, FieldKind
from speccheck.model.values import Json
from speccheck.sdk.live import LIVE, Fresh

P = TypeVar("P")

_SCALARS: dict[Any, str] = {bool: "boolean", int: "integer", float: "number", str: "string"}


def param(
    doc: str,
    *,
    default: Any = dataclasses.MISSING,
    min: float | None = None,
    max: float | None = None,
    above: float | None = None,
    min_length: int | None = None,
    fills: tuple[str, ...] | None = None,
) -> Any:
    """Declare a documented field of a ``Params`` dataclass.

    ``min``, ``max`` (inclusive) and ``above`` (exclusive) bound a number; ``min_length`` a text, list or mapping.
    ``fills`` names the placeholders that the check fills in when it calls a live function, ``()`` for none, so that
    ``validate`` refuses any other; None leaves that to the run.
    """
    metadata = {"doc": doc, "min": min, "max": max, "above": above, "min_length": min_length, "fills": fills}
    if isinstance(default, (list, dict, set)):
        return dataclasses.field(default_factory=lambda: type(default)(default), metadata=metadata)
    return dataclasses.field(default=default, metadata=metadata)


@dataclasses.dataclass(frozen=True)
class Field:
    """The description of a parameter: its kind, JSON Schema (doc, bounds, default) and whether it is required."""

    name: str
    kind: FieldKind
    schema: Json
    required: bool
    annotation: Any


def describe(params: type[Any]) -> tuple[Field, ...]:
    """Return the fields of a ``Params`` dataclass in order; TypeError for an annotation that YAML cannot express."""
    key: Any = params  # a class is hashable, but a type checker does not know that of type[Any]
    return _describe(key)


@lru_cache(maxsize=1024)
def _describe(params: Any) -> tuple[Field, ...]:
    if not dataclasses.is_dataclass(params) or not isinstance(params, type):
        raise TypeError(f"{params!r} is not a dataclass")
    described = []
    for item in dataclasses.fields(params):
        annotation = _evaluate(_owner(params, item.name), item.type)
        kind = _kind(annotation)
        schema = {} if kind in ("live", "fresh") else _schema(annotation, f"{params.__qualname__}.{item.name}")
        schema = {**schema, **_bounds(item.metadata, schema)}
        if item.metadata.get("fills") is not None:
            schema[PLACEHOLDERS] = list(item.metadata["fills"])
        if item.metadata.get("doc"):
            schema["description"] = item.metadata["doc"]
        required = item.default is dataclasses.MISSING and item.default_factory is dataclasses.MISSING
        if not required and kind in ("plain", "path"):
            schema["default"] = _plain(_default(item))
        described.append(Field(item.name, kind, schema, required, annotation))
    return tuple(described)


def params_schema(params: type[Any]) -> Json:
    """Return the JSON Schema (2020-12) of a check's ``with``."""
    fields = describe(params)
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {field.name: field.schema for field in fields},
        "additionalProperties": False,
    }
    required = [field.name for field in fields if field.required]
    return {**schema, "required": required} if required else schema


def bind(params: type[P], values: Mapping[str, Any]) -> P:
    """Build an instance from values that fit the schema: lists become tuples, paths Path, mappings dataclasses."""
    fields = {field.name: field for field in describe(params)}
    return params(**{name: _bound(fields[name], value) for name, value in values.items()})


def _bound(field: Field, value: Any) -> Any:
    return _convert(field.annotation, value) if field.kind in ("plain", "path") else value


class _Anything(type):
    """A type whose attributes and items are itself, such as ``torch.nn.Module`` while torch is not imported."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("_"):  # typing looks these up
            raise AttributeError(name)
        return cls

    def __getitem__(cls, item: Any) -> Any:
        return cls


class _Unimported(metaclass=_Anything):
    """The type of a name imported for type checkers only; its values are not converted."""


class _Lenient(dict[str, Any]):
    def __missing__(self, key: str) -> Any:
        return getattr(builtins, key) if hasattr(builtins, key) else _Unimported


def _owner(params: type[Any], name: str) -> type[Any]:
    """The class whose body annotates the field: names in the annotation are those of its module."""
    return next(base for base in params.__mro__ if name in inspect.get_annotations(base))


def _evaluate(owner: type[Any], annotation: Any) -> Any:
    if not isinstance(annotation, str):
        return annotation
    names = _Lenient(vars(sys.modules[owner.__module__]))
    return eval(annotation, {}, names)  # the annotation is the check's own code


def _kind(annotation: Any) -> FieldKind:
    inner = _without_none(annotation)
    if _is_live(inner):
        return "live"
    if get_origin(inner) is Fresh or inner is Fresh:
        return "fresh"
    origin, args = get_origin(inner), get_args(inner)
    if args and _is_live(args[-1] if origin is not tuple else args[0]):
        return "live_mapping" if isinstance(origin, type) and issubclass(origin, Mapping) else "live_list"
    if inner is Path or Path in args:
        return "path"
    return "plain"


def _is_live(annotation: Any) -> bool:
    return get_origin(annotation) is Annotated and LIVE in annotation.__metadata__


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [arg for arg in get_args(annotation) if arg is not type(None)]
        if len(rest) == 1:
            return rest[0]
    return annotation


def _schema(annotation: Any, where: str) -> dict[str, Any]:
    if annotation in (Any, object, _Unimported) or _is_live(annotation):
        return {}
    if annotation in _SCALARS:
        return {"type": _SCALARS[annotation]}
    if annotation is Path:
        return {"type": "string", "minLength": 1}
    if dataclasses.is_dataclass(annotation) and isinstance(annotation, type):
        return dict(params_schema(annotation))
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return {"enum": list(args)}
    if origin in (Union, types.UnionType):
        return {"anyOf": [{"type": "null"} if arg is type(None) else _schema(arg, where) for arg in args]}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _schema(args[1], where)}
    if isinstance(origin, type) and issubclass(origin, Sequence):
        return _list_schema(origin, args, where)
    raise TypeError(f"{where}: YAML cannot give a value of type {annotation!r}; declare it Live[...] or Fresh[...]")


def _list_schema(origin: type[Any], args: tuple[Any, ...], where: str) -> dict[str, Any]:
    if issubclass(origin, tuple) and not (len(args) == 2 and args[1] is Ellipsis):
        items = [_schema(arg, where) for arg in args]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    return {"type": "array", "items": _schema(args[0], where)}


def _bounds(metadata: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    length = {"string": "minLength", "array": "minItems", "object": "minProperties"}
    keys = {"min": "minimum", "max": "maximum", "above": "exclusiveMinimum"}
    found: dict[str, Any] = {key: metadata[name] for name, key in keys.items() if metadata.get(name) is not None}
    if metadata.get("min_length") is not None:
        found[length[str(schema.get("type", "array"))]] = metadata["min_length"]
    return found


def _default(item: dataclasses.Field[Any]) -> Any:
    if item.default is not dataclasses.MISSING:
        return item.default
    assert item.default_factory is not dataclasses.MISSING
    return item.default_factory()


def _plain(value: Any) -> Json:
    if isinstance(value, Path):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _convert(annotation: Any, value: Any) -> Any:
    if value is None or annotation is Any or annotation is object:
        return value
    inner = _without_none(annotation)
    if inner is Path:
        return Path(value)
    if inner is float:
        return float(value)
    if dataclasses.is_dataclass(inner) and isinstance(inner, type):
        return bind(inner, value)
    origin, args = get_origin(inner), get_args(inner)
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {key: _convert(args[1], item) for key, item in value.items()}
    if isinstance(origin, type) and issubclass(origin, Sequence) and not isinstance(value, str):
        variadic = len(args) == 2 and args[1] is Ellipsis
        kinds = args if issubclass(origin, tuple) and not variadic else (args[0],) * len(value)
        return tuple(_convert(kind, item) for kind, item in zip(kinds, value, strict=True))
    return value
