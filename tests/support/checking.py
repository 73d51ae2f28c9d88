"""Measure with a check in a test, and compare the evidence with the check's declaration."""

from __future__ import annotations

import math
from typing import Any

from speccheck.sdk import Check, Evidence
from speccheck.sdk.params import describe
from speccheck.testing.metrics import missing_metrics, yielded_problems
from support.context import FakeContext


def measured(check: Check[Any], context: FakeContext, **params: Any) -> Evidence:
    """Measure, and assert that the evidence holds what the check declares: no more, no less, within its bounds."""
    given = check.params(**params)
    evidence = check.measure(given, context)
    named = {field.name: getattr(given, field.name) for field in describe(check.params)}
    assert list(yielded_problems(check.metrics, evidence.metrics)) == []
    # `*` may match nothing: an empty subject is a subject too.
    assert [path for path in missing_metrics(check.metrics, named, evidence.metrics) if "*" not in path] == []
    return evidence


def changed(before: Evidence, after: Evidence) -> set[str]:
    """The metrics (top-level names) that two measurements do not share; NaN is NaN."""
    names = {*before.metrics, *after.metrics}
    return {name for name in names if not _alike(before.metrics.get(name), after.metrics.get(name))}


def _alike(a: Any, b: Any) -> bool:
    if isinstance(a, float) and isinstance(b, float) and math.isnan(a) and math.isnan(b):
        return True
    return bool(a == b) and type(a) is type(b)
