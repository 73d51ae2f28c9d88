"""Short forms for the judge's tests: one entry, judged by what the test gives."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Mapping
from typing import Any

from speccheck.judge import judge
from speccheck.model.baseline import BaselineEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.metrics import Metric
from speccheck.model.spec import Entry, Measurement
from speccheck.model.verdict import ConstraintVerdict, Judgement, State
from speccheck.sdk import judgement_text, verdict_text

TODAY = datetime.date(2026, 6, 30)
MEASUREMENT = Measurement("family.check", 1)
NO_BASELINE = BaselineEntry(cause=Cause(CauseKind.BASELINE_FILE_ABSENT, {"path": "b.json"}))


METRICS = {
    "max_error": Metric("number", "largest difference", min=0.0),
    "share": Metric("number", "share", min=0.0, max=1.0),
    "identical": Metric("bool", "all the same"),
    "sha256": Metric("text", "digest"),
    "losses": Metric("list", "loss per step", of="number", min=0.0),
    "names": Metric("list", "names", of="text"),
    "tokens": Metric("tensor", "what was made"),
    "delta": Metric("mapping", "differences", of="list", replicates=True),
    "rates": Metric("mapping", "rates", of="number", min=0.0, max=1.0),
    "grad.*.norm": Metric("number", "norm", min=0.0),
    "tensors.{tensors}": Metric("tensor", "each tensor"),
    "anything": Metric("any", "anything"),
}


def any_metric(**more: Any) -> Metric:
    """A declaration of kind any."""
    return Metric("any", "a metric", **more)


def judged(
    expect: Mapping[str, Any],
    metrics: Mapping[str, Any] | None,
    *,
    declared: Mapping[str, Metric] | None = None,
    others: Mapping[str, Mapping[str, Any]] | None = None,
    baseline: Mapping[str, Any] | None = None,
    today: datetime.date = TODAY,
    params: Mapping[str, Any] | None = None,
    same: Collection[str] = (),
    **entry: Any,
) -> Judgement:
    """The judgement of an entry ``e`` with these expectations on evidence with these metrics."""
    measurement = MEASUREMENT if params is None else Measurement("family.check", 1, dict(params))
    return judge(
        Entry("e", "e", "family.check", measurement, expect=dict(expect), **entry),
        None if metrics is None else Evidence(dict(metrics)),
        others or {},
        NO_BASELINE if baseline is None else BaselineEntry(dict(baseline)),
        today,
        declared or {},
        same=same,
    )


def one(constraints: Any, value: Any, *, metric: Metric | None = None, **more: Any) -> ConstraintVerdict:
    """The worst verdict of constraints on a single metric ``m`` of this value."""
    declared = {"m": metric} if metric is not None else {}
    return judged({"m": constraints}, {"m": value}, declared=declared, **more).verdicts[0].worst


def state(constraints: Any, value: Any, **more: Any) -> State:
    """The state of that verdict."""
    return one(constraints, value, **more).state


def text_of(found: ConstraintVerdict | Judgement) -> str:
    """The sentence that a report prints for a verdict or a judgement."""
    return verdict_text(found) if isinstance(found, ConstraintVerdict) else judgement_text(found)


def kind_of_cause(found: ConstraintVerdict | Judgement) -> CauseKind | None:
    """The kind of the cause of a verdict or a judgement."""
    return None if found.cause is None else found.cause.kind
