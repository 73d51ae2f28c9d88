"""Sample runs for tests: every outcome and every state of a verdict, with nothing measured."""

from __future__ import annotations

import math

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.evidence import Artifact, Evidence, Finding, Series, Table
from speccheck.model.run import BaselineUse, EntryResult, Failure, Measured, Run
from speccheck.model.spec import ExpectedFailure, Waiver
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Decision, LimitSource, Outcome, State, Verdict
from speccheck.testing.sample_parts import FILE, constraint, result, run, verdict

_NO_GPU = Cause(CauseKind.DEVICE_ABSENT, {"device": "cuda"})

_HELD, _VIOLATED, _UNKNOWN, _INCONCLUSIVE = State.HELD, State.VIOLATED, State.UNKNOWN, State.INCONCLUSIVE


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
    """Three entries that passed and one observed; one limit is vacuous and one observed value is infinite."""
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
    """One entry of each outcome, with all that a report can say of one."""
    accepted = AcceptedEntry(
        "ee" * 32, {"snr_db": 23.9}, "20270101-010101-aaaaaa", "ana", "first accepted", "2027-01-01"
    )
    warning = Diagnostic("SC140", "nothing could violate 'max: 255'", Position(FILE, 52, 23), "warning", "tighten it")
    results = [*_plain_outcomes(), *_unjudged_outcomes(), _inconclusive(), *_softened_outcomes()]
    shown = {entry.judgement.outcome for entry, _ in results}
    results += [result(outcome.value, outcome, _snr_held()) for outcome in Outcome if outcome not in shown]
    return run(
        results,
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
    nan = constraint(
        "max: 0.5", _UNKNOWN, observed=math.nan, limit=0.5, cause=Cause(CauseKind.VALUE_NAN, {"role": "observed"})
    )
    return [
        result("audio-snr", Outcome.PASSED, _snr_held(), evidence=_audio(24.3)),
        result(
            "audio-reconstruction",
            Outcome.FAILED,
            _snr_violated(),
            verdict("log_mel_l1", constraint("max: 0.3", observed=0.21, limit=0.3, margin=0.09), line=36),
            title="Encode and decode keep the clip",
            notes=(Cause(CauseKind.WAIVER_EXPIRED, {"owner": "ana", "until": "2027-01-31", "reason": "a new codec"}),),
            evidence=worse,
            line=31,
        ),
        result("mel", Outcome.ERROR, verdict("log_mel_l1", nan, line=41), evidence=_audio(3.0, math.nan), line=38),
    ]


def _unjudged_outcomes() -> list[tuple[EntryResult, Measured | None]]:
    trace = 'Traceback (most recent call last):\n  File "uti/text.py", line 31\n    return table[ch]\nKeyError: "e"'
    failure = Failure("subject", "target uti.text:Table raised KeyError: 'e'", trace, "table")
    missed = Cause(CauseKind.NEED_NOT_MET, {"entry": "text-exact", "outcome": "error"})
    return [
        result("text-exact", Outcome.ERROR, check="roundtrip.exact", failure=failure, line=44),
        result("after-text", Outcome.BLOCKED, cause=missed, line=50),
        result("on-gpu", Outcome.SKIPPED, cause=_NO_GPU, line=54),
        result("sizes", Outcome.MEASURED, observe=True, evidence=_audio(9.5), line=58),
    ]


def _inconclusive() -> tuple[EntryResult, Measured | None]:
    limit = {"name": "max", "limit": 2.0, "confidence": 0.95, "keys": 1}
    sample = {"mean": 1.9, "std": 0.7, "n": 3, "p": 0.4138, "least": 135, "most": 1_000_000}
    few = Cause(CauseKind.CONFIDENCE_INCONCLUSIVE, {**limit, **sample, "power": 0.8, "effect": 1.608759})
    unsure = constraint("mean: {max: 2.0, confidence: 0.95}", _INCONCLUSIVE, observed=1.9, limit=2.0, cause=few)
    loss = Evidence(metrics={"loss": [1.2, 1.9, 2.6]})
    warned = verdict("loss", unsure, line=66)
    return result("loss-mean", Outcome.WARNED, warned, check="train.steps", severity="warn", evidence=loss)


def _softened_outcomes() -> list[tuple[EntryResult, Measured | None]]:
    unequal = Cause(CauseKind.NOT_EQUAL, {"observed": False, "expected": True})
    false = constraint("equals: true", _VIOLATED, observed=False, limit=True, cause=unequal)
    true = constraint("equals: true", observed=True, limit=True)
    lossy = ExpectedFailure("the codec is lossy", ("identical",), "2027-06-30")
    waiver = Waiver("ana", "the new codec lands in March", "2027-03-31", {"snr_db": {"min": 20}})
    return [
        result(
            "idempotent",
            Outcome.XFAILED,
            verdict("identical", false, line=72),
            expected_failure=lossy,
            cause=Cause(CauseKind.EXPECTED_FAILURE, {"reason": lossy.reason, "until": "2027-06-30"}),
            evidence=Evidence(metrics={"identical": False}),
            check="roundtrip.exact",
        ),
        result(
            "image-lossy",
            Outcome.XPASSED,
            verdict("identical", true, line=80),
            expected_failure=lossy,
            cause=Cause(CauseKind.HOLDS_UNEXPECTEDLY, {"metrics": ["identical"]}),
            evidence=Evidence(metrics={"identical": True}),
            check="roundtrip.exact",
        ),
        result(
            "old-codec",
            Outcome.WAIVED,
            _snr_violated(),
            waiver=waiver,
            cause=Cause(CauseKind.WAIVED, {"owner": waiver.owner, "until": waiver.until, "reason": waiver.reason}),
            evidence=_audio(21.4),
            line=88,
        ),
    ]


def nothing_judged() -> Run:
    """Every entry skipped or only observed."""
    return run(
        [
            result("on-gpu", Outcome.SKIPPED, cause=_NO_GPU),
            result("sizes", Outcome.MEASURED, observe=True, evidence=_audio(9.5), line=15),
        ],
        Decision.NOTHING_JUDGED,
        title="",
    )


def sample_runs() -> tuple[Run, ...]:
    """Runs for a reporter to render: one that passed, one with every outcome, one in which nothing was judged."""
    return all_passed().stored(), every_outcome().stored(), nothing_judged().stored()
