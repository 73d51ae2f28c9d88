"""The conversion of entries and measurements, the many parts of a run, to their form in the file and back.

Most values are their own form, so nothing is copied until something differs.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from speccheck.model.cause import Cause
from speccheck.model.evidence import Evidence
from speccheck.model.spec import Entry, Measurement, Waiver
from speccheck.model.values import Value, plain, to_wire
from speccheck.model.verdict import ConstraintVerdict, Judgement, LimitSource, Verdict

Convert = Callable[[Any], Any]
S = TypeVar("S", bound=msgspec.Struct)

_SEVERITY = {"fail": "fail", "warn": "warn"}  # the very objects that are left out as defaults
_DEMANDED_BY = {"expect": "expect"}


def entry_form(entry: Entry, convert: Convert) -> Entry:
    """Return an entry, its values converted."""
    return _with(
        entry,
        measurement=measurement_form(entry.measurement, convert),
        expect=_items(entry.expect, convert),
        cell=_items(entry.cell, convert),
        waiver=_waiver(entry.waiver, convert),
        severity=_SEVERITY.get(entry.severity, entry.severity),
        timeout=number(entry.timeout),
    )


def _waiver(waiver: Waiver | None, convert: Convert) -> Waiver | None:
    return None if waiver is None else _with(waiver, worst=_items(waiver.worst, convert))


def measurement_form(measurement: Measurement, convert: Convert) -> Measurement:
    """Return a measurement, its values converted."""
    params, subjects = _value(measurement.params, convert), _value(measurement.subjects, convert)
    if params is measurement.params and subjects is measurement.subjects:
        return measurement
    return msgspec.structs.replace(measurement, params=params, subjects=subjects)


def judgement_form(judgement: Judgement, convert: Convert) -> Judgement:
    """Return a judgement, its values converted."""
    return _with(
        judgement,
        verdicts=_each(judgement.verdicts, _verdict, convert),
        cause=_cause(judgement.cause, convert),
        notes=_each(judgement.notes, _cause, convert),
    )


def evidence_form(evidence: Evidence, convert: Convert) -> Evidence:
    """Evidence, its values converted; on the way out, as a reader will have it."""
    if _is_lean(evidence):
        if plain(evidence.metrics):
            return evidence
        return msgspec.structs.replace(evidence, metrics=_items(evidence.metrics, convert))
    replace = msgspec.structs.replace
    tables = {
        name: replace(table, rows=tuple(tuple(_value(cell, convert) for cell in row) for row in table.rows))
        for name, table in evidence.tables.items()
    }
    formed = replace(evidence, metrics=_items(evidence.metrics, convert), tables=tables)
    return msgspec.json.decode(msgspec.json.encode(formed), type=Evidence) if convert is to_wire else formed


def number(value: float | None) -> float | None:
    """Return the number as a reader of the file gets it: a float, or None where JSON lacks a number."""
    if value is None:
        return None
    try:
        exact = value if type(value) is float else float(value)
    except OverflowError:
        return None
    return exact if math.isfinite(exact) else None


def _is_lean(evidence: Evidence) -> bool:
    """Return whether there are metrics and a log alone, as in most."""
    rest = (evidence.tables, evidence.series, evidence.artifacts)
    return evidence.findings == () and not any(part or type(part) is not dict for part in rest)


def _items(values: dict[str, Value], convert: Convert) -> dict[str, Any]:
    """Return a mapping, its values converted; the mapping itself is never a tag, whatever its keys."""
    converted = {name: _value(value, convert) for name, value in values.items()}
    return values if all(converted[name] is value for name, value in values.items()) else converted


def _each(found: tuple[S, ...], form: Callable[[S, Convert], Any], convert: Convert) -> tuple[Any, ...]:
    """Return every item in its other form; the very tuple when none differs."""
    formed = tuple(form(one, convert) for one in found)
    return found if all(new is old for new, old in zip(formed, found, strict=True)) else formed


def _verdict(verdict: Verdict, convert: Convert) -> Verdict:
    return _with(
        verdict,
        observed=_value(verdict.observed, convert),
        constraints=_each(verdict.constraints, _constraint, convert),
    )


def _constraint(verdict: ConstraintVerdict, convert: Convert) -> ConstraintVerdict:
    return _with(
        verdict,
        written=_value(verdict.written, convert),
        options=_items(verdict.options, convert),
        observed=_value(verdict.observed, convert),
        limit=_value(verdict.limit, convert),
        source=_source(verdict.source, convert),
        margin=number(verdict.margin),
        cause=_cause(verdict.cause, convert),
        severity=_SEVERITY.get(verdict.severity, verdict.severity),
        demanded_by=_DEMANDED_BY.get(verdict.demanded_by, verdict.demanded_by),
    )


def _source(source: LimitSource | None, convert: Convert) -> LimitSource | None:
    if source is None:
        return None
    return _with(source, value=_value(source.value, convert), number=number(source.number))


def _cause(cause: Cause | None, convert: Convert) -> Cause | None:
    if cause is None:
        return None
    return _with(cause, fields=_items(cause.fields, convert), because=_cause(cause.because, convert))


def _value(value: Value, convert: Convert) -> Any:
    return value if plain(value) else convert(value)


def _with(struct: S, **fields: Any) -> S:
    for name, value in fields.items():
        if getattr(struct, name) is not value:
            return msgspec.structs.replace(struct, **fields)
    return struct
