"""Make one JSON Schema (2020-12) of whole specs from the declarations, for completion and checks in an editor."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from speccheck.judge import constraint_schemas
from speccheck.loading.definitions import COMMON_SCHEMAS
from speccheck.loading.references import LIVE_KINDS
from speccheck.loading.settings import MAX_SEED
from speccheck.model.declaration import PLACEHOLDERS, CheckDeclaration, Declarations
from speccheck.model.metrics import Metric, pattern_parts
from speccheck.model.paths import ANY, MetricPath
from speccheck.model.values import Json

_DATE = {"type": "string", "pattern": "^([0-9]{4}-[0-9]{2}-[0-9]{2}|.*\\$\\{.*)$"}
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"anyOf": [_TEXT, {"type": "array", "items": _TEXT}]}
_REFERENCE = {"$ref": "#/$defs/reference"}
_SEVERITY = {"enum": ["fail", "warn"], "description": "What a violation does: fail the run, or warn."}
_SEED = {"anyOf": [{"type": "integer", "minimum": 0, "maximum": MAX_SEED}, _REFERENCE]}
_TIMEOUT = {"type": ["number", "string"], "description": "120s, 2m, 500ms, or a number of seconds."}

BESIDE: Mapping[str, Json] = {
    "why": {"type": "string", "description": "Where the threshold comes from."},
    "severity": _SEVERITY,
}
"""The keys that are allowed beside any constraint."""

PARTS: Mapping[str, Json] = {
    "reference": {"type": "string", "pattern": "\\$", "description": "${vars.NAME}, ${matrix.NAME}, $subject."},
    "expectation": {
        "description": "A plain value means equality; otherwise constraints, all of which must hold.",
        "anyOf": [{"type": ["number", "string", "boolean", "array"]}, {"$ref": "#/$defs/constraints"}],
    },
    "constraints": {
        "type": "object",
        "minProperties": 1,
        "properties": {**constraint_schemas(), **BESIDE},
        "additionalProperties": False,
    },
}


def _closed(properties: Mapping[str, Json], required: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
    return {**schema, "required": list(required)} if required else schema


def top_schema() -> dict[str, Any]:
    """Return the schema of the keys at the top of a spec."""
    defaults = {"seed": _SEED, "timeout": _TIMEOUT, "severity": _SEVERITY, "tags": _TEXTS}
    properties = {
        "speccheck": {"const": 1, "description": "The format of the spec."},
        "title": {**_TEXT, "description": "The title of the spec."},
        "include": {**_TEXTS, "description": "Files whose vars, subjects, defaults and entries belong to this spec."},
        "code": {
            "anyOf": [_TEXT, {"type": "object", "additionalProperties": _TEXT, "minProperties": 1}],
            "description": "The folder that targets are loaded from, or folders by name.",
        },
        "vars": {"type": "object", "description": "Values for ${vars.NAME}."},
        "subjects": {
            "type": "object",
            "additionalProperties": {"$ref": "#/$defs/definition"},
            "propertyNames": {"pattern": "^[A-Za-z_][A-Za-z0-9_]*$"},
            "description": "Objects under audit, built when first needed.",
        },
        "baseline": {**_TEXT, "description": "The file of accepted metrics."},
        "defaults": {**_closed(defaults), "description": "Defaults of all entries."},
        "redact": {**_TEXTS, "description": "Environment variables whose values never reach a file."},
        "checks": {"type": "array", "items": {"$ref": "#/$defs/entry"}, "description": "The entries."},
    }
    return _closed(properties, ("speccheck",))


def entry_schema(check: Json) -> dict[str, Any]:
    """Return the schema of an entry; ``check`` is the schema of the name of its check."""
    judged: list[Json] = [
        {"required": ["expect"], "not": {"required": ["observe"], "properties": {"observe": {"const": True}}}},
        {"required": ["observe"], "properties": {"observe": {"const": True}}, "not": {"required": ["expect"]}},
    ]
    return _closed({**_measured(check), **_SOFTENED}, ("id", "check"), anyOf=judged)


def _measured(check: Json) -> dict[str, Json]:
    axis = {"anyOf": [{"type": "array", "minItems": 1}, {"type": "object", "minProperties": 1}, _REFERENCE]}
    return {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$", "description": "Unique in the spec."},
        "title": {**_TEXT, "description": "The title of the entry: what it shows."},
        "section": {**_TEXT, "description": "The section of a report that the entry belongs to."},
        "check": check,
        "with": {"description": "The parameters of the check."},
        "expect": {"type": "object", "minProperties": 1, "description": "What each metric must be."},
        "observe": {"type": "boolean", "description": "Measure without judging."},
        "needs": {**_TEXTS, "description": "Entries that must pass first."},
        "tags": {**_TEXTS, "description": "Words to select by."},
        "matrix": {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": axis,
            "description": "Axes; the entry has one cell for each combination.",
        },
        "seed": {**_SEED, "description": "Seeds random, numpy and torch before the measurement."},
        "timeout": _TIMEOUT,
        "override": {"const": True, "description": "Replaces the entry of that id in an included file."},
    }


_FAILURE = {"metrics": _TEXTS, "reason": _TEXT, "until": _DATE}
_WAIVER = {"owner": _TEXT, "reason": _TEXT, "until": _DATE, "worst": {"type": "object"}}
_SOFTENED: Mapping[str, Json] = {
    "severity": _SEVERITY,
    "requires": {
        **_closed({"packages": _TEXTS, "files": _TEXTS, "device": _TEXT}),
        "description": "Requirements; if one is not met, the entry is skipped.",
    },
    "skip": {**_closed({"reason": _TEXT}, ("reason",)), "description": "Skip the entry, for this reason."},
    "expected_failure": {
        **_closed(_FAILURE, ("reason",)),
        "description": "Metrics that must fail, why, and the last day.",
    },
    "waiver": {
        **_closed(_WAIVER, ("owner", "reason", "until")),
        "description": "Accept a failing entry: owner, reason, last day, and the constraints that must still hold.",
    },
}


_ANY_PART = r"""(\.?[A-Za-z0-9_\-]+|\.?\*|\["[^"]*"\]|\['[^']*'\])"""
_INNER = ("items", "additionalProperties")
_MANY = ("anyOf", "oneOf", "prefixItems")


def spec_schema(declarations: Declarations) -> Json:
    """Return the schema of a whole spec. This looks up, and so imports, every check and loader."""
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
    """Return the rule for entries that name this check."""
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
        own = {key: value for key, value in inner.items() if key != PLACEHOLDERS}
        properties[name] = _live(own, kind) if kind in LIVE_KINDS else lenient(own)
    return {**schema, "properties": properties, "description": declaration.summary}


def _live(schema: Mapping[str, Json], kind: str) -> Json:
    """Return the schema of a live value: a definition, a reference, or plain data."""
    value = {"anyOf": [{"$ref": "#/$defs/definition"}, True]}
    if kind == "live_mapping":
        return lenient({**schema, "additionalProperties": value})
    if kind == "live_list":
        return lenient({**schema, "items": value})
    return {**schema, **value}


def lenient(schema: Json) -> Json:
    """Return the schema with references accepted wherever it requires a type."""
    if not isinstance(schema, Mapping) or "$ref" in schema:
        return schema
    inner = {key: lenient(value) if key in _INNER else value for key, value in schema.items()}
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
    """Return names to complete, and patterns for all other ways to write a path of the same metrics."""
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
    """Return a pattern (of ECMA 262) for every way to write a metric path."""
    parts = []
    for at, part in enumerate(path):
        if part == ANY or part.startswith("{"):
            parts.append(_ANY_PART)
            continue
        dot = r"\." if at else ""
        name = re.escape(part).replace("\\ ", " ").replace("\\-", "-")
        parts.append(rf"""({dot}{name}|{dot}\*|\["{name}"\]|\['{name}'\])""")
    return "".join(parts)
