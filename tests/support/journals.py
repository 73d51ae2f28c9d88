"""Runs that have begun and not ended, for tests of their journals."""

from __future__ import annotations

from pathlib import Path

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.coverage import Coverage
from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.verdict import Decision, Judgement, Outcome
from speccheck.store import Redactor, RunFolder, RunStore
from support.runs import entry, measurement, passed_run
from support.store_times import DIGEST, WHEN

TESTS = str(Path(__file__).parents[1])
"""The folder from which a process of its own imports this module."""

LOST = Judgement(Outcome.ERROR, Cause(CauseKind.RUN_ENDED_BEFORE))


def header(*values: float) -> Run:
    """The record of a run that has just begun, of an entry for each value."""
    entries = tuple(
        EntryResult(entry(f"e{index}", value), LOST, measurement(value).digest()) for index, value in enumerate(values)
    )
    coverage = Coverage(len(values), 0, {"error": len(values)})
    return passed_run(
        decision=Decision.ERROR, coverage=coverage, entries=entries, measurements={}, ending="cut", redacted=("TOKEN",)
    )


def measured(value: float, seconds: float = 0.0) -> tuple[str, Measured]:
    """The digest and the record of the measurement of one number."""
    made = measurement(value)
    return made.digest(), Measured(made, Evidence(metrics={"value": value}), None, seconds)


def begun(root: Path, *values: float) -> RunFolder:
    """The folder of a run that has just begun, of an entry for each value."""
    folder = RunStore(root).create(WHEN, DIGEST, Redactor((), {}))
    folder.start(header(*values))
    return folder
