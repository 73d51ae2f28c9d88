"""Invented runs for tests, with every outcome and every state of a verdict; nothing is measured."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec
import yaml

from speccheck.judge import coverage
from speccheck.model.baseline import AcceptedEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.evidence import Artifact, Evidence, Finding, Series, Table
from speccheck.model.metrics import Metric
from speccheck.model.run import BaselineUse, EntryResult, Failure, Measured, Run
from speccheck.model.spec import Entry, ExpectedFailure, Measurement, Waiver
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, LimitSource, Outcome, State, Verdict

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

_HELD, _VIOLATED, _UNKNOWN, _INCONCLUSIVE = State.HELD, State.VIOLATED, State.UNKNOWN, State.INCONCLUSIVE


def constraint(text: str, state: State = _HELD, reason: str = "", **facts: Any) -> ConstraintVerdict:
    """Return a judged constraint, from its text in a spec: ``mean: {max: 2.0, confidence: 0.95}``."""
    ((name, limit),) = yaml.safe_load(text).items()
    nesting, options = list[str](), dict[str, Any]()
    while isinstance(limit, Mapping):
        nesting.append(name)
        (name, limit), *beside = limit.items()
        options = dict(beside)
    return ConstraintVerdict(name, state, tuple(nesting), limit, options, cause=recorded(reason), **facts)


def recorded(reason: str) -> Cause | None:
    """Return a cause that is a recorded sentence, or None for an empty one."""
    return Cause(CauseKind.RECORDED, {"text": reason}) if reason else None


def verdict(metric: str, *constraints: ConstraintVerdict, line: int = 0, observed: Any = None) -> Verdict:
    """Return a judged expectation, with the state and observed value of its worst constraint."""
    draft = Verdict(metric, _HELD, constraints, position=Position(FILE, line, 7) if line else None)
    seen = draft.worst.observed if observed is None else observed
    return msgspec.structs.replace(draft, state=draft.worst.state, observed=seen)


def result(
    name: str,
    outcome: Outcome,
    *verdicts: Verdict,
    check: str = "signal.audio",
    line: int = 10,
    reason: str = "",
    notes: tuple[str, ...] = (),
    params: Mapping[str, Any] | None = None,
    evidence: Evidence | None = None,
    failure: Failure | None = None,
    seconds: float = 0.41,
    **entry: Any,
) -> tuple[EntryResult, Measured | None]:
    """Return an entry with its judgement, and the record of its measurement if it has evidence or a failure."""
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
    judged = Judgement(outcome, recorded(reason), verdicts, tuple(filter(None, map(recorded, notes))))
    return EntryResult(written, judged, measurement.digest() if has_record else None), measured


def run(
    results: Iterable[tuple[EntryResult, Measured | None]],
    decision: Decision,
    *,
    title: str = "Unified tokenizer, stage 3.1",
    **facts: Any,
) -> Run:
    """Return a run of these entries; its coverage is counted, its times and digests are invented."""
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


def _audio(snr: float, l1: float = 0.21) -> Evidence:
    return Evidence(metrics={"snr_db": snr, "log_mel_l1": l1})


def _snr_held() -> Verdict:
    return verdict("snr_db", constraint("min: 20", observed=24.3, limit=20, margin=4.3), line=14)


def _snr_violated() -> Verdict:
    why = "the accepted run, less what another seed of the codec changes"
    source = LimitSource("baseline", "baseline", 23.9, "-", 1.0)
    below = constraint("min: baseline - 1.0", _VIOLATED, observed=21.4, limit=22.9, margin=-1.5, source=source, why=why)
    return verdict("snr_db", below, line=35)


def all_passed() -> Run:
    """Return a run of three passed entries and one observed, with a vacuous limit and an infinite value."""
    exact = constraint("above: 20", observed=math.inf, limit=20, margin=math.inf)
    vacuous = constraint("max: 255", observed=0, limit=255, margin=255.0, vacuous=True)
    files = {
        "rebuilt": Artifact("artifacts/audio/rebuilt clip.wav", "ab" * 32, 64_044, "audio/wav"),
        "loss": Artifact("artifacts/audio/loss.png", "cd" * 32, 8_120, "image/png"),
    }
    copied = Evidence(metrics={"snr_db": math.inf}, artifacts=files)
    return run(
        [
            result("audio-snr", Outcome.PASSED, _snr_held(), title="Clip survives", evidence=_audio(24.3)),
            result("copy", Outcome.PASSED, verdict("snr_db", exact, line=20), evidence=copied, line=18),
            result(
                "image-exact",
                Outcome.PASSED,
                verdict("identical", constraint("equals: true", observed=True, limit=True), line=26),
                verdict("max_error", vacuous, line=27),
                check="roundtrip.exact",
                evidence=Evidence(metrics={"identical": True, "max_error": 0}),
                line=24,
            ),
            _observed_losses(),
        ],
        Decision.PASS,
    )


def _observed_losses() -> tuple[EntryResult, Measured | None]:
    evidence = Evidence(
        metrics={"loss": [2.31, 1.9, 0.44], "output": TensorDescription("float32", (8, 3))},
        series={"loss": Series((0.0, 1.0, 2.0, 3.0), (2.31, 1.9, None, 0.44), unit="nats")},
        tables={"norms": Table(("layer", "norm"), (("encoder|0", 0.5), ("head", math.nan)), title="Gradient norms")},
    )
    return result(
        "losses", Outcome.MEASURED, check="train.steps", reason="observed", evidence=evidence, line=30, observe=True
    )


def every_outcome() -> Run:
    """Return a run with an entry of each outcome, and everything that a report can show of one."""
    accepted = AcceptedEntry(
        "ee" * 32, {"snr_db": 23.9}, "20270101-010101-aaaaaa", "ana", "first accepted", "2027-01-01"
    )
    warning = Diagnostic("SC140", "nothing could violate 'max: 255'", Position(FILE, 52, 23), "warning", "tighten it")
    return run(
        [*_plain_outcomes(), *_softened_outcomes()],
        Decision.FAIL,
        baseline=BaselineUse("specs/baselines/stage3.json", "bb" * 32, {"audio-reconstruction": accepted}),
        warnings=(warning,),
        overrides=("vars.decode_mode=diffusion",),
    )


def _plain_outcomes() -> list[tuple[EntryResult, Measured | None]]:
    worse = Evidence(
        metrics={"snr_db": 21.4, "log_mel_l1": 0.21},
        findings=(Finding("clipped samples", "uti/audio.py", 88, "decode_audio"), Finding("one channel is silent")),
        log="loading codec\nwarning: 12 samples clipped\n",
    )
    trace = 'Traceback (most recent call last):\n  File "uti/text.py", line 31\n    return table[ch]\nKeyError: "e"'
    nan = constraint("max: 0.5", _UNKNOWN, observed=math.nan, limit=0.5, reason="the observed value is NaN")
    return [
        result("audio-snr", Outcome.PASSED, _snr_held(), evidence=_audio(24.3)),
        result(
            "audio-reconstruction",
            Outcome.FAILED,
            _snr_violated(),
            verdict("log_mel_l1", constraint("max: 0.3", observed=0.21, limit=0.3, margin=0.09), line=36),
            title="Encode and decode keep the clip",
            reason="1 of 2 expectations is violated: snr_db",
            notes=("the waiver of ana ended on 2027-01-31 and no longer counts",),
            evidence=worse,
            line=31,
        ),
        result("mel", Outcome.ERROR, verdict("log_mel_l1", nan, line=41), evidence=_audio(3.0, math.nan), line=38),
        result(
            "text-exact",
            Outcome.ERROR,
            verdict("identical", constraint("equals: true", _UNKNOWN, reason="not measured"), line=47),
            check="roundtrip.exact",
            failure=Failure("KeyError", "'e'", trace, "uti"),
            reason="the measurement raised KeyError",
            line=44,
        ),
        result("after-text", Outcome.BLOCKED, reason="needs text-exact, which is error", line=50),
        result("on-gpu", Outcome.SKIPPED, reason="requires device cuda, which is not there", line=54),
        result("sizes", Outcome.MEASURED, reason="observed", observe=True, evidence=_audio(9.5), line=58),
    ]


def _softened_outcomes() -> list[tuple[EntryResult, Measured | None]]:
    few = "3 replicates cannot tell; with this mean and spread 9 would"
    unsure = constraint("mean: {max: 2.0, confidence: 0.95}", _INCONCLUSIVE, observed=1.9, limit=2.0, reason=few)
    false = constraint("equals: true", _VIOLATED, observed=False, limit=True)
    true = constraint("equals: true", observed=True, limit=True)
    lossy = ExpectedFailure("the codec is lossy", ("identical",), "2027-06-30")
    waiver = Waiver("ana", "the new codec lands in March", "2027-03-31", {"snr_db": {"min": 20}})
    loss = Evidence(metrics={"loss": [1.2, 1.9, 2.6]})
    return [
        result(
            "loss-mean",
            Outcome.WARNED,
            verdict("loss", unsure, line=66),
            check="train.steps",
            severity="warn",
            evidence=loss,
        ),
        result(
            "idempotent",
            Outcome.XFAILED,
            verdict("identical", false, line=72),
            expected_failure=lossy,
            evidence=Evidence(metrics={"identical": False}),
            check="roundtrip.exact",
        ),
        result(
            "image-lossy",
            Outcome.XPASSED,
            verdict("identical", true, line=80),
            expected_failure=lossy,
            reason="expected to fail, and identical is held",
            evidence=Evidence(metrics={"identical": True}),
            check="roundtrip.exact",
        ),
        result("old-codec", Outcome.WAIVED, _snr_violated(), waiver=waiver, evidence=_audio(21.4), line=88),
    ]


def nothing_judged() -> Run:
    """Return a run whose entries are all skipped or observed."""
    return run(
        [
            result("on-gpu", Outcome.SKIPPED, reason="requires device cuda, which is not there"),
            result("sizes", Outcome.MEASURED, reason="observed", observe=True, evidence=_audio(9.5), line=15),
        ],
        Decision.NOTHING_JUDGED,
        title="",
    )


def sample_runs() -> tuple[Run, ...]:
    """Return runs for a reporter to render: one passed, one with every outcome, one in which nothing was judged."""
    return all_passed().stored(), every_outcome().stored(), nothing_judged().stored()
