"""The contract of a check: rules for its module, its declarations and each of its measurements."""

from __future__ import annotations

import dataclasses
import importlib
import inspect
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import jsonschema
import yaml

from speccheck.model.evidence import Evidence
from speccheck.model.metrics import declared
from speccheck.model.paths import PathError, parse_path
from speccheck.model.values import Json
from speccheck.registry import Registry, RegistryError
from speccheck.sdk.check import Check, Context
from speccheck.sdk.params import bind, describe, params_schema
from speccheck.testing.metrics import declaration_problems, missing_metrics, nonfinite_problems, yielded_problems

LONGEST = 300
"""The greatest number of lines of a check's file: split a longer one, or move its helpers beside it."""

_LIMITS = re.compile(r"\b(cannot|does not|not) see\b|\bsees (only|one|no|nothing)\b")
_EXAMPLE = re.compile(r"```yaml\n(.*?)```", re.DOTALL)


class ContractError(AssertionError):
    """A check, loader or reporter breaks its contract; the message lists every problem."""


def broken(name: str, problems: Iterable[str]) -> None:
    """Raise ContractError with all the problems, if any."""
    found = list(problems)
    if found:
        raise ContractError("\n  ".join([f"{name} breaks its contract:", *found]))


def check_contract(registry: Registry, name: str) -> None:
    """Raise ContractError unless the check's module, parameters, metrics and examples keep the contract."""
    check = registry.load_check(name)
    module = importlib.import_module(registry.checks[name].target.partition(":")[0])
    source = inspect.getsourcefile(module)
    broken(
        name,
        [
            *_module_problems(module.__doc__ or "", Path(source) if source else None),
            *_check_problems(registry, name, check),
            *_example_problems(name, check, inspect.cleandoc(module.__doc__ or "")),
        ],
    )


def run_check(registry: Registry, name: str, values: Mapping[str, Any], context: Context) -> Evidence:
    """Return the evidence of one measurement; ContractError when its metrics differ from the declarations.

    ``values`` are parameters: live ones as the objects themselves (``Fresh`` around a factory), the others as YAML
    gives them. The latter are first compared with the schema.
    """
    check = registry.load_check(name)
    broken(name, _value_problems(check, values))
    evidence = check.measure(bind(check.params, values), context)
    if not isinstance(evidence, Evidence):
        raise ContractError(f"{name} returned {type(evidence).__name__}, not Evidence")
    broken(name, evidence_problems(check, values, evidence))
    return evidence


def evidence_problems(check: Check[Any], values: Mapping[str, Any], evidence: Evidence) -> Iterator[str]:
    """Yield the problems of the evidence of a successful measurement: metrics, tables and series."""
    defaults = {field.name: field.schema.get("default") for field in describe(check.params)}
    yield from yielded_problems(check.metrics, evidence.metrics)
    for path in missing_metrics(check.metrics, {**defaults, **values}, evidence.metrics):
        yield f"metric {path} is declared and not optional, but was not returned"
    yield from nonfinite_problems(check.metrics, evidence.metrics)
    yield from _shape_problems(evidence)


def _module_problems(doc: str, source: Path | None) -> Iterator[str]:
    first = doc.strip().partition("\n")[0]
    if not first:
        yield "its module lacks a docstring"
    elif first[-1] not in ".?!":
        yield "the first line of its docstring is not a sentence; `list checks` shows only that line"
    if not _LIMITS.search(" ".join(doc.split())):
        yield "its docstring does not state what it cannot see"
    lines = len(source.read_text("utf-8").splitlines()) if source else 0
    if lines > LONGEST:
        yield f"its file has {lines} lines; the limit is {LONGEST}"


def _check_problems(registry: Registry, name: str, check: Check[Any]) -> Iterator[str]:
    if check.version < 1:
        yield f"its version is {check.version}; the first is 1"
    if not (dataclasses.is_dataclass(check.params) and getattr(check.params, "__dataclass_params__").frozen):  # noqa: B009
        yield "its Params is not a frozen dataclass"
    try:
        declaration = registry.check(name)
    except RegistryError as error:
        yield str(error)
        return
    live = sorted(name for name, kind in declaration.fields.items() if kind != "plain") if declaration else []
    if check.pure and live:
        yield f"it declares `pure`, but {', '.join(live)} may run audited code or read files"
    schema = declaration.params if declaration else {}
    properties = schema.get("properties", {})
    yield from schema_problems(schema)
    yield from _field_problems("parameter ", properties)
    yield from declaration_problems(check.metrics, properties)


def schema_problems(schema: Json) -> Iterator[str]:
    """Yield the problems of a JSON Schema (2020-12), and the defaults in it that do not fit their own schema."""
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError as error:
        yield f"its JSON Schema is invalid: {error.message}"
        return
    for key, item in schema.get("properties", {}).items() if isinstance(schema, dict) else ():
        if "default" in item:
            for misfit in jsonschema.Draft202012Validator(item).iter_errors(item["default"]):
                yield f"the default of {key} does not fit its schema: {misfit.message}"


def _field_problems(where: str, properties: Mapping[str, Json]) -> Iterator[str]:
    for key, schema in properties.items():
        if not schema.get("description", "").strip():
            yield f"{where}{key} lacks a doc"
        yield from _field_problems(f"{where}{key}.", schema.get("properties", {}))


def _example_problems(name: str, check: Check[Any], doc: str) -> Iterator[str]:
    known = {field.name for field in describe(check.params)}
    required = {field.name for field in describe(check.params) if field.required}
    examples = [entry for text in _EXAMPLE.findall(doc) for entry in _entries(text)]
    for entry in examples:
        if entry.get("check") != name:
            yield f"an example in its docstring uses check {entry.get('check')!r}"
            continue
        given = set(entry.get("with", {}))
        if strange := sorted(given - known):
            yield f"an example gives {strange[0]}, which is not a parameter"
        if missing := sorted(required - given):
            yield f"an example lacks the parameter {missing[0]}"
        for path in entry.get("expect", {}):
            yield from _path_problems(check, path)


def _entries(text: str) -> list[dict[str, Any]]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        return [{"check": f"(invalid YAML: {error})"}]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _path_problems(check: Check[Any], path: str) -> Iterator[str]:
    try:
        if declared(check.metrics, parse_path(path)) is None:
            yield f"an example expects {path}, which is not a metric"
    except PathError as error:
        yield f"an example expects {path}: {error}"


def _value_problems(check: Check[Any], values: Mapping[str, Any]) -> Iterator[str]:
    kinds = {field.name: field.kind for field in describe(check.params)}
    schema = params_schema(check.params)
    for key in sorted(set(schema.get("required", [])) - set(values)):
        yield f"the case lacks the parameter {key}"
    for key, value in values.items():
        if key not in kinds:
            yield f"the case gives {key}, which is not a parameter"
        elif kinds[key] in ("plain", "path"):
            for misfit in jsonschema.Draft202012Validator(schema["properties"][key]).iter_errors(value):
                yield f"the case's {key} does not fit: {misfit.message}"


def _shape_problems(evidence: Evidence) -> Iterator[str]:
    for name, series in evidence.series.items():
        if len(series.x) != len(series.y):
            yield f"series {name} differs in length: {len(series.x)} in x, {len(series.y)} in y"
    for name, table in evidence.tables.items():
        if any(len(row) != len(table.columns) for row in table.rows):
            yield f"table {name} has a row whose length differs from the number of columns, {len(table.columns)}"
