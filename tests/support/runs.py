"""Small runs for tests of what reads and writes them."""

from __future__ import annotations

from speccheck.model.coverage import Coverage
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.evidence import Evidence
from speccheck.model.metrics import Metric
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.spec import Entry, Measurement
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, Outcome, State, Verdict

METRICS = {"value": Metric(kind="number", doc="the number")}


def measurement(value: float = 3.0) -> Measurement:
    """The measurement of one number."""
    return Measurement("value.number", 1, {"value": value})


def entry(name: str = "one", value: float = 3.0, **fields: object) -> Entry:
    """An entry that wants the number to be at most 10."""
    defaults: dict[str, object] = {"expect": {"value": {"max": 10}}}
    return Entry(name, name, "value.number", measurement(value), **{**defaults, **fields})  # type: ignore[arg-type]


def passed_run(run_id: str = "20260304T050607Z-01234567", **fields: object) -> Run:
    """A run of one entry that passed."""
    held = ConstraintVerdict("max", State.HELD, written=10, observed=3.0, limit=10, margin=7.0)
    result = EntryResult(
        entry(),
        Judgement(Outcome.PASSED, verdicts=(Verdict("value", State.HELD, (held,), 3.0),)),
        measurement().digest(),
    )
    values: dict[str, object] = {
        "speccheck_run": 2,
        "id": run_id,
        "title": "one number",
        "spec": "one.yaml",
        "spec_digest": "0" * 64,
        "started": "2026-03-04T05:06:07+00:00",
        "finished": "2026-03-04T05:06:08+00:00",
        "decision": Decision.PASS,
        "coverage": Coverage(1, 1, {"passed": 1}),
        "entries": (result,),
        "measurements": {measurement().digest(): Measured(measurement(), Evidence(metrics={"value": 3.0}), None, 0.1)},
        "checks": {"value.number": CheckDeclaration(1, "A number.", METRICS, fields={"value": "plain"})},
    }
    return Run(**{**values, **fields})  # type: ignore[arg-type]


def outcomes(run: Run) -> dict[str, str]:
    """The outcome of every entry, by id."""
    return {result.entry.id: result.judgement.outcome.value for result in run.entries}


def differing(run: Run, good: Run) -> dict[str, str]:
    """The outcomes that differ from those of the good run."""
    before = outcomes(good)
    return {name: outcome for name, outcome in outcomes(run).items() if before[name] != outcome}
