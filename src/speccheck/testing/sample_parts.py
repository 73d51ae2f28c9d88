"""The parts of sample runs: judged constraints and expectations, entries with their results, and whole runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
import yaml

from speccheck.judge import coverage
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.diagnostic import Position
from speccheck.model.evidence import Evidence
from speccheck.model.metrics import Metric
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.spec import Entry, Measurement
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, Outcome, State, Verdict

FILE = "specs/stage3.yaml"

CHECKS = {
    "signal.audio": CheckDeclaration(
        version=2,
        summary="How close a decoded clip is to the original.",
        metrics={
            "snr_db": Metric(kind="number", doc="signal to noise ratio", unit="dB", infinite=True),
            "log_mel_l1": Metric(kind="number", doc="mean distance of log mel spectra", min=0),
        },
    ),
    "roundtrip.exact": CheckDeclaration(
        version=1,
        summary="Whether decoding the encoding gives the input back.",
        metrics={
            "identical": Metric(kind="bool", doc="every sample equal"),
            "max_error": Metric(kind="number", doc="largest difference", min=0, max=255, unit="levels"),
        },
    ),
    "train.steps": CheckDeclaration(
        version=1,
        summary="Losses and gradients of a few training steps.",
        metrics={
            "loss": Metric(kind="list", of="number", doc="loss of each step", unit="nats", replicates=True),
            "grad.*.norm": Metric(kind="number", doc="gradient norm of a parameter", min=0),
            "output": Metric(kind="tensor", doc="what the model returned"),
        },
    ),
}


def constraint(text: str, state: State = State.HELD, reason: str = "", **facts: Any) -> ConstraintVerdict:
    """Return one judged constraint, from its text in a spec: ``mean: {max: 2.0, confidence: 0.95}``.

    ``reason`` is a cause recorded as a sentence, ``cause`` any other; a number outside its limit needs neither.
    """
    ((name, limit),) = yaml.safe_load(text).items()
    nesting, options = list[str](), dict[str, Any]()
    while isinstance(limit, Mapping):
        nesting.append(name)
        (name, limit), *beside = limit.items()
        options = dict(beside)
    facts = {"cause": recorded(reason) or _outside(name, state, facts), **facts}
    return ConstraintVerdict(name, state, tuple(nesting), limit, options, **facts)


def _outside(name: str, state: State, facts: Mapping[str, Any]) -> Cause | None:
    relation = {"min": "below", "max": "above"}.get(name)
    if relation is None or state is not State.VIOLATED:
        return None
    source = facts.get("source")
    sides = {"observed": facts.get("observed"), "limit": facts.get("limit")}
    fields = {**sides, "relation": relation, "limit_name": name}
    return Cause(CauseKind.OUTSIDE_LIMIT, fields | ({"source": msgspec.structs.asdict(source)} if source else {}))


def recorded(reason: str) -> Cause | None:
    """Return a cause recorded as a sentence, or None without one."""
    return Cause(CauseKind.RECORDED, {"text": reason}) if reason else None


def verdict(metric: str, *constraints: ConstraintVerdict, line: int = 0, observed: Any = None) -> Verdict:
    """Return one judged expectation; its state and observed value are those of its worst constraint."""
    draft = Verdict(metric, State.HELD, constraints, position=Position(FILE, line, 7) if line else None)
    seen = draft.worst.observed if observed is None else observed
    return msgspec.structs.replace(draft, state=draft.worst.state, observed=seen)


def result(
    name: str,
    outcome: Outcome,
    *verdicts: Verdict,
    check: str = "signal.audio",
    line: int = 10,
    reason: str = "",
    cause: Cause | None = None,
    notes: tuple[Cause, ...] = (),
    params: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    failure: Failure | None = None,
    seconds: float = 0.41,
    **entry: Any,
) -> tuple[EntryResult, Measured | None]:
    """Return an entry with its judgement, and the record of its measurement if there is evidence or a failure.

    Without ``cause`` or ``reason`` the outcome is due to the failure, or to the first expectation that is not held.
    """
    measurement = Measurement(check, CHECKS[check].version, dict({"entry": name} if params is None else params))
    written = Entry(
        id=name,
        base=name.partition("[")[0],
        check=check,
        measurement=measurement,
        expect={item.metric: {one.name: one.written for one in item.constraints} for item in verdicts},
        position=Position(FILE, line, 5),
        positions={item.metric: item.position for item in verdicts if item.position},
        **entry,
    )
    has_record = evidence is not None or failure is not None
    measured = Measured(measurement, evidence, failure, seconds) if has_record else None
    cause = cause or recorded(reason) or (failure.cause if failure else _due_to(verdicts, outcome))
    judged = Judgement(outcome, cause, verdicts, notes)
    return EntryResult(written, judged, measurement.digest() if has_record else None), measured


def _due_to(verdicts: Sequence[Verdict], outcome: Outcome) -> Cause | None:
    if outcome is Outcome.PASSED:
        return None
    found = [
        {"metric": verdict.metric, "verdict": at, "index": index}
        for at, verdict in enumerate(verdicts)
        for index, item in enumerate(verdict.constraints)
        if item.state is not State.HELD
    ]
    more = {"more": len(found) - 1} if len(found) > 1 else {}
    return Cause(CauseKind.CONSTRAINTS, {**found[0], **more}) if found else None


def run(
    results: Iterable[tuple[EntryResult, Measured | None]],
    decision: Decision,
    *,
    title: str = "Unified tokenizer, stage 3.1",
    **facts: Any,
) -> Run:
    """Return a run of these entries with their coverage; its times and digests are made up."""
    pairs = list(results)
    known: dict[str, Any] = {
        "started": "2027-02-17T07:34:33+00:00",
        "finished": "2027-02-17T07:35:14+00:00",
        "environment": {"python": "3.11.9", "torch": "2.9.1+cpu", "git_commit": "0a7df36d", "git_dirty": False},
        "command": ("speccheck", "run", FILE),
    }
    return Run(
        speccheck_run=2,
        id="20270217-073514-4c965e",
        title=title,
        spec=FILE,
        spec_digest="5d" * 32,
        decision=decision,
        coverage=coverage([entry.judgement.outcome for entry, _ in pairs]),
        entries=tuple(entry for entry, _ in pairs),
        measurements={entry.measured: measured for entry, measured in pairs if entry.measured and measured},
        checks=CHECKS,
        **{**known, **facts},
    )
