"""The parts of the schema of specs that no check or loader changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from speccheck.judge import constraint_schemas
from speccheck.loading.settings import MAX_SEED
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
"""What may be written beside any constraint."""

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
    """The keys at the top of a spec."""
    defaults = {"seed": _SEED, "timeout": _TIMEOUT, "severity": _SEVERITY, "tags": _TEXTS}
    properties = {
        "speccheck": {"const": 1, "description": "The format of the spec."},
        "title": {**_TEXT, "description": "What the spec is about."},
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
            "description": "Live things under audit, built when first needed.",
        },
        "baseline": {**_TEXT, "description": "The file of accepted metrics."},
        "defaults": {**_closed(defaults), "description": "What entries have that do not say otherwise."},
        "redact": {**_TEXTS, "description": "Environment variables whose values never reach a file."},
        "checks": {"type": "array", "items": {"$ref": "#/$defs/entry"}, "description": "The entries."},
    }
    return _closed(properties, ("speccheck",))


def entry_schema(check: Json) -> dict[str, Any]:
    """The keys of an entry; ``check`` is the schema of the name of its check."""
    judged: list[Json] = [
        {"required": ["expect"], "not": {"required": ["observe"], "properties": {"observe": {"const": True}}}},
        {"required": ["observe"], "properties": {"observe": {"const": True}}, "not": {"required": ["expect"]}},
    ]
    return _closed({**_measured(check), **_SOFTENED}, ("id", "check"), anyOf=judged)


def _measured(check: Json) -> dict[str, Json]:
    axis = {"anyOf": [{"type": "array", "minItems": 1}, {"type": "object", "minProperties": 1}, _REFERENCE]}
    return {
        "id": {"type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9_.\\-]*$", "description": "Unique in the spec."},
        "title": {**_TEXT, "description": "What the entry shows, in words."},
        "section": {**_TEXT, "description": "The section of a report that the entry belongs to."},
        "check": check,
        "with": {"description": "The parameters of the check."},
        "expect": {"type": "object", "minProperties": 1, "description": "What each metric must be."},
        "observe": {"type": "boolean", "description": "Measured, never counted as judged."},
        "needs": {**_TEXTS, "description": "Entries that must pass before."},
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
        "description": "What must be there; the entry is skipped otherwise.",
    },
    "skip": {**_closed({"reason": _TEXT}, ("reason",)), "description": "Not measured, and why."},
    "expected_failure": {
        **_closed(_FAILURE, ("reason",)),
        "description": "Metrics that must fail, why, and the last day.",
    },
    "waiver": {
        **_closed(_WAIVER, ("owner", "reason", "until")),
        "description": "A failing entry let through: by whom, why, until when, and what must still hold.",
    },
}
