"""One JSON Schema (2020-12) for whole specs, made from the declarations, so that an editor completes and checks."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from speccheck.loading.definitions import COMMON_SCHEMAS
from speccheck.loading.references import LIVE_KINDS
from speccheck.loading.schema_parts import PARTS, entry_schema, top_schema
from speccheck.model.declaration import CheckDeclaration, Declarations
from speccheck.model.metrics import Metric, pattern_parts
from speccheck.model.paths import ANY, MetricPath
from speccheck.model.values import Json

_ANY_PART = r"""(\.?[A-Za-z0-9_\-]+|\.?\*|\["[^"]*"\]|\['[^']*'\])"""
_NESTED = ("items", "additionalProperties")
_MANY = ("anyOf", "oneOf", "prefixItems")


def spec_schema(declarations: Declarations) -> Json:
    """The schema of a whole spec. It asks ``declarations`` for every check and loader, which imports them all."""
    checks = {name: found for name in declarations.check_names() if (found := declarations.check(name)) is not None}
    entry = entry_schema(_check_names(checks))
    entry["allOf"] = [_rule(name, declaration) for name, declaration in checks.items()]
    definitions = {
        **PARTS,
        "definition": {"anyOf": [_loader(name, declarations) for name in declarations.loader_names()]},
        "entry": entry,
    }
    for name, declaration in checks.items():
        definitions[f"with {name}"] = _with(declaration)
        definitions[f"expect {name}"] = _expect(declaration.metrics)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "speccheck spec, format 1",
        **top_schema(),
        "$defs": definitions,
    }


def _check_names(checks: Mapping[str, CheckDeclaration]) -> Json:
    return {
        "description": "The check that measures.",
        "anyOf": [{"const": name, "description": declaration.summary} for name, declaration in checks.items()],
    }


def _rule(name: str, declaration: CheckDeclaration) -> Json:
    """What an entry must look like that names this check."""
    then: dict[str, Any] = {
        "properties": {
            "with": {"anyOf": [{"$ref": _pointer(f"with {name}")}, {"$ref": "#/$defs/reference"}]},
            "expect": {"$ref": _pointer(f"expect {name}")},
        }
    }
    if declaration.params.get("required"):
        then["required"] = ["with"]
    return {"if": {"properties": {"check": {"const": name}}, "required": ["check"]}, "then": then}


def _pointer(name: str) -> str:
    return "#/$defs/" + name.replace("~", "~0").replace("/", "~1").replace(" ", "%20")


def _with(declaration: CheckDeclaration) -> Json:
    schema = dict(declaration.params)
    properties = {}
    for name, inner in schema.get("properties", {}).items():
        kind = declaration.fields.get(name, "plain")
        properties[name] = _live(inner, kind) if kind in LIVE_KINDS else lenient(inner)
    return {**schema, "properties": properties, "description": declaration.summary}


def _live(schema: Mapping[str, Json], kind: str) -> Json:
    """A live value: a definition, a reference, or plain data."""
    value = {"anyOf": [{"$ref": "#/$defs/definition"}, True]}
    if kind == "live_mapping":
        return lenient({**schema, "additionalProperties": value})
    if kind == "live_list":
        return lenient({**schema, "items": value})
    return {**schema, **value}


def lenient(schema: Json) -> Json:
    """The schema, and wherever it wants something typed, a text that is a reference as well."""
    if not isinstance(schema, Mapping) or "$ref" in schema:
        return schema
    inner = {key: lenient(value) if key in _NESTED else value for key, value in schema.items()}
    inner |= {key: [lenient(value) for value in schema[key]] for key in _MANY if key in schema}
    if "properties" in schema:
        inner["properties"] = {name: lenient(value) for name, value in schema["properties"].items()}
    if not {"type", "enum", "const", "anyOf", "oneOf"} & set(schema):
        return inner
    silent = {key: inner.pop(key) for key in ("description", "title", "default", "examples") if key in inner}
    return {**silent, "anyOf": [inner, {"$ref": "#/$defs/reference"}]}


def _loader(name: str, declarations: Declarations) -> Json:
    loader = declarations.loader(name)
    assert loader is not None
    own = {name: loader.params, **loader.keys}
    properties = {**COMMON_SCHEMAS, **own, "override": {"type": "boolean"}}
    described = {"description": loader.doc, **own[name]} if isinstance(own[name], Mapping) else own[name]
    return {
        "type": "object",
        "description": loader.doc,
        "properties": {key: lenient(value) for key, value in {**properties, name: described}.items()},
        "required": [name],
        "additionalProperties": False,
    }


def _expect(metrics: Mapping[str, Metric]) -> Json:
    """Names to complete, and patterns for all other ways to write a path of the same metrics."""
    known: dict[str, Json] = {}
    patterns: dict[str, Json] = {}
    for text, metric in metrics.items():
        path = pattern_parts(text)
        described = {"$ref": "#/$defs/expectation", "description": _doc(metric)}
        if all(part != ANY and not part.startswith("{") for part in path):
            known[text] = described
        patterns[f"^{_regex(path)}$"] = described
        below = {"tensor": r"\.(shape|dtype)", "mapping": _ANY_PART}.get(metric.kind)
        if below is not None and (metric.kind == "tensor" or metric.of is not None):
            patterns[f"^{_regex(path)}{below}$"] = described
    return {
        "type": "object",
        "minProperties": 1,
        "properties": known,
        "patternProperties": patterns,
        "additionalProperties": False,
    }


def _doc(metric: Metric) -> str:
    return f"{metric.doc} ({metric.unit})" if metric.unit else metric.doc


def _regex(path: MetricPath) -> str:
    """A pattern (of ECMA 262) for every way to write a metric path."""
    parts = []
    for at, part in enumerate(path):
        if part == ANY or part.startswith("{"):
            parts.append(_ANY_PART)
            continue
        dot = r"\." if at else ""
        name = re.escape(part).replace("\\ ", " ").replace("\\-", "-")
        parts.append(rf"""({dot}{name}|{dot}\*|\["{name}"\]|\['{name}'\])""")
    return "".join(parts)
