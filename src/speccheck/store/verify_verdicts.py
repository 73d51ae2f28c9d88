"""Verdicts of a record follow from its evidence and its expectations; limits of a baseline are not in the record."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from speccheck.model.cause import CauseKind
from speccheck.model.formatting import shown
from speccheck.model.paths import PathError, parse_path, walk
from speccheck.model.run import EntryResult, Run
from speccheck.model.values import Value, is_masked, wired
from speccheck.model.verdict import ConstraintVerdict, State, Verdict

_NOTHING: Any = object()


def wrong_verdicts(run: Run, result: EntryResult) -> Iterator[str]:
    """Yield what in the verdicts of an entry is not what its evidence and its expectations say."""
    measured = run.measurements.get(result.measured or "")
    metrics = measured.evidence.metrics if measured is not None and measured.evidence is not None else {}
    for verdict in result.judgement.verdicts:
        # Of a long value, a verdict keeps the worst item alone.
        found = _value(metrics, verdict.metric)
        if shown(found) is not None and not is_masked(found) and not _same(verdict.observed, shown(found)):
            yield f"its verdict on {verdict.metric} was given on another value than that of the evidence"
        for constraint in verdict.constraints:
            wanted = _wanted(result.entry.expect, verdict, constraint)
            if wanted is not _NOTHING and not _same(constraint.written, wanted):
                yield f"its verdict on {verdict.metric} was given on another {constraint.name} than that of its expect"
            if constraint.state is State.HELD and _speaks_against(constraint):
                yield f"{verdict.metric} is held, with the cause of a verdict that is not"


def _value(metrics: Mapping[str, Value], metric: str) -> Value:
    """Return the one value that a metric path names, or None."""
    try:
        path = parse_path(metric)
    except PathError:
        return None
    found = [] if "*" in path else [value for _, value in walk(metrics, path)]
    return found[0] if len(found) == 1 else None


def _wanted(expect: Mapping[str, Any], verdict: Verdict, constraint: ConstraintVerdict) -> Value:
    """Return the limit of a constraint in the expectations, where it stands directly under its metric."""
    node = expect.get(verdict.metric, _NOTHING)
    if constraint.demanded_by != "expect" or constraint.nesting or constraint.written is None:
        return _NOTHING
    if isinstance(node, Mapping) and "$masked" not in node:
        return node.get(constraint.name, _NOTHING)
    return node if constraint.name == "equals" else _NOTHING


def _speaks_against(constraint: ConstraintVerdict) -> bool:
    """Whether there is a cause, which what holds has only where it was judged with a confidence (or by format 1)."""
    cause = constraint.cause
    return cause is not None and cause.kind is not CauseKind.RECORDED and "confidence" not in constraint.options


def _same(left: Value, right: Value) -> bool:
    """Whether two values are written in one way; of a masked one, nothing is known."""
    return is_masked(left) or is_masked(right) or _text(left) == _text(right)


def _text(value: Value) -> str:
    return json.dumps(wired(value), sort_keys=True)
