"""The parts of a run that are many, entries and measurements, to their form in the file and back.

Most values are their own form. So nothing is copied before something differs: ten thousand entries cost a look.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import msgspec

from speccheck.model.evidence import Evidence
from speccheck.model.spec import Entry, Measurement
from speccheck.model.values import Value, plain, to_wire
from speccheck.model.verdict import ConstraintVerdict, Judgement, Verdict

Convert = Callable[[Any], Any]
S = TypeVar("S", bound=msgspec.Struct)

_SEVERITY = {"fail": "fail", "warn": "warn"}  # the very objects that are left out as defaults


def entry_form(entry: Entry, convert: Convert) -> Entry:
    """An entry, its values converted."""
    return _with(
        entry,
        measurement=measurement_form(entry.measurement, convert),
        expect=_value(entry.expect, convert),
        cell=_value(entry.cell, convert),
        severity=_SEVERITY.get(entry.severity, entry.severity),
        timeout=number(entry.timeout),
    )


def measurement_form(measurement: Measurement, convert: Convert) -> Measurement:
    """A measurement, its values converted."""
    params, subjects = _value(measurement.params, convert), _value(measurement.subjects, convert)
    if params is measurement.params and subjects is measurement.subjects:
        return measurement
    return msgspec.structs.replace(measurement, params=params, subjects=subjects)


def judgement_form(judgement: Judgement, convert: Convert) -> Judgement:
    """A judgement, its values converted."""
    verdicts = tuple(_verdict(verdict, convert) for verdict in judgement.verdicts)
    if all(new is old for new, old in zip(verdicts, judgement.verdicts, strict=True)):
        return judgement
    return msgspec.structs.replace(judgement, verdicts=verdicts)


def evidence_form(evidence: Evidence, convert: Convert) -> Evidence:
    """Evidence, its values converted; on the way out, as a reader will have it."""
    if _is_lean(evidence):
        if plain(evidence.metrics):
            return evidence
        return msgspec.structs.replace(evidence, metrics=_metrics(evidence, convert))
    replace = msgspec.structs.replace
    tables = {
        name: replace(table, rows=tuple(tuple(_value(cell, convert) for cell in row) for row in table.rows))
        for name, table in evidence.tables.items()
    }
    formed = replace(evidence, metrics=_metrics(evidence, convert), tables=tables)
    return msgspec.json.decode(msgspec.json.encode(formed), type=Evidence) if convert is to_wire else formed


def number(value: float | None) -> float | None:
    """The number as a reader of the file will have it: a float, or none for what JSON has no number for."""
    if value is None:
        return None
    try:
        exact = value if type(value) is float else float(value)
    except OverflowError:
        return None
    return exact if math.isfinite(exact) else None


def _is_lean(evidence: Evidence) -> bool:
    """Whether there are metrics and a log alone, as in most."""
    rest = (evidence.tables, evidence.series, evidence.artifacts)
    return evidence.findings == () and not any(part or type(part) is not dict for part in rest)


def _metrics(evidence: Evidence, convert: Convert) -> dict[str, Any]:
    return {name: _value(value, convert) for name, value in evidence.metrics.items()}


def _verdict(verdict: Verdict, convert: Convert) -> Verdict:
    constraints = tuple(_constraint(one, convert) for one in verdict.constraints)
    observed = _value(verdict.observed, convert)
    same = observed is verdict.observed and len(constraints) == len(verdict.constraints)
    if same and all(new is old for new, old in zip(constraints, verdict.constraints, strict=True)):
        return verdict
    return msgspec.structs.replace(verdict, observed=observed, constraints=constraints)


def _constraint(verdict: ConstraintVerdict, convert: Convert) -> ConstraintVerdict:
    return _with(
        verdict,
        observed=_value(verdict.observed, convert),
        limit=_value(verdict.limit, convert),
        margin=number(verdict.margin),
        severity=_SEVERITY.get(verdict.severity, verdict.severity),
    )


def _value(value: Value, convert: Convert) -> Any:
    return value if plain(value) else convert(value)


def _with(struct: S, **fields: Any) -> S:
    for name, value in fields.items():
        if getattr(struct, name) is not value:
            return msgspec.structs.replace(struct, **fields)
    return struct
