"""More sample runs: odd values, matrix cells, sections, a run cut short, an empty one, and hostile text."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.diagnostic import Diagnostic, Position
from speccheck.model.evidence import Artifact, Evidence, Finding, Series, Table
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.spec import ExpectedFailure, Waiver
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import ConstraintVerdict, Decision, Judgement, LimitSource, Outcome, State, Verdict
from support.sample_runs import all_passed, constraint, every_outcome, nothing_judged, result, run, verdict


def odd_values() -> Run:
    """Infinity, NaN, tensor descriptions, ``*`` paths, keys with signs, cells of a matrix, numbers almost equal."""
    return run(
        [_odd_training(), *_odd_numbers()],
        Decision.FAIL,
        environment={"torch": None, "threads": 8, "devices": ["cpu"], "lr": math.nan},
        selection=("gradients", "lr*"),
        redacted=("API_KEY",),
    )


def _odd_training() -> tuple[EntryResult, Measured | None]:
    norms = {"encoder.layers.0.weight": {"norm": 0.0021}, "head": {"norm": 4.0}, "$tied": {"norm": math.inf}}
    output = TensorDescription("float32", (8, 3, 360, 640))
    steps = {
        "grad": norms,
        "output": output,
        "loss": [2.3 - 0.01 * step for step in range(60)],
        "name": "",
        "label": "1e-6",
        "huge": 2**80,
    }
    at = 'grad["encoder.layers.0.weight"].norm'
    worst = constraint("min: 0.01", State.VIOLATED, observed=0.0021, limit=0.01, margin=-0.0079, at=at)
    shape = constraint('tensor: "float32[8, 3, H, W]"', observed=output, limit="float32[8,3,360,640]")
    long = constraint("each: {min: 0}", margin=1.71, limit=0, at="[59]")
    return result(
        "gradients",
        Outcome.FAILED,
        verdict("grad.*.norm", worst, line=14),
        verdict("output", shape, line=15),
        verdict("loss", long, line=16),
        evidence=Evidence(metrics=steps),
        check="train.steps",
    )


def _odd_numbers() -> list[tuple[EntryResult, Measured | None]]:
    other = LimitSource("checks.lr[lr=0.1].snr_db", "entry", 24.3)
    close = constraint(
        "max: checks.lr[lr=0.1].snr_db", State.VIOLATED, observed=24.3000001, limit=24.3, margin=-1e-7, source=other
    )
    endless = constraint("max: 100", State.VIOLATED, observed=math.inf, limit=100, margin=-math.inf, severity="warn")
    text = constraint("equals: 1", State.VIOLATED, observed="1", limit=1, reason="a text is no number")
    infinite, named = Evidence({"snr_db": math.inf}), Evidence({"name": "1"})
    return [
        result("lr[lr=0.1]", Outcome.MEASURED, cell={"lr": 0.1}, evidence=Evidence({"snr_db": 24.3}), line=20),
        result("lr[lr=0.2]", Outcome.FAILED, verdict("snr_db", close), cell={"lr": 0.2}, line=20, evidence=Evidence()),
        result("endless", Outcome.WARNED, verdict("snr_db", endless, line=31), evidence=infinite),
        result("kind", Outcome.FAILED, verdict("name", text, line=41), evidence=named, check="train.steps"),
    ]


def warnings_count() -> Run:
    """A run that a warning decides, because of ``--fail-on warn``."""
    high = constraint("max: 0.3", State.VIOLATED, observed=0.31, limit=0.3, margin=-0.01)
    held = constraint("min: 20", observed=24.3, limit=20, margin=4.3)
    warned = result("mel", Outcome.WARNED, verdict("log_mel_l1", high, line=18), severity="warn", evidence=Evidence())
    return run([result("audio-snr", Outcome.PASSED, verdict("snr_db", held)), warned], Decision.FAIL, fail_on="warn")


def interrupted() -> Run:
    """A run that was stopped while its second entry ran."""
    held = verdict("snr_db", constraint("min: 20", observed=24.3, limit=20, margin=4.3), line=14)
    return run(
        [
            result("audio-snr", Outcome.PASSED, held, evidence=Evidence({"snr_db": 24.3})),
            result("mel", Outcome.ERROR, cause=Cause(CauseKind.INTERRUPTED), line=18),
        ],
        Decision.ERROR,
        interrupted=True,
        finished="not a time",
    )


def no_entries() -> Run:
    """A run without entries."""
    return run([], Decision.NOTHING_JUDGED)


def long_evidence() -> Run:
    """More rows, findings, lines of a log and of a traceback than a report shows."""
    trace = "\n".join(f"frame {line}" for line in range(50))
    much = Evidence(
        metrics={"values": {f"key {index}": [index] * 30 for index in range(400)}},
        tables={"rows": Table(("index", "value"), tuple((index, index / 7) for index in range(150)))},
        findings=tuple(Finding(f"remark {index}", "a.py", index) for index in range(130)),
        log="\n".join(f"line {index}" for index in range(250)),
        series={"lost": Series((0.0, 1.0), (None, None))},
    )
    low = constraint("min: 20", State.VIOLATED, observed=1.0, limit=20, margin=-19.0)
    return run(
        [
            result("much", Outcome.FAILED, verdict("snr_db", low, line=14), evidence=much, seconds=0.001),
            result("deep", Outcome.ERROR, failure=Failure("raised", "RecursionError: too deep", trace), seconds=7384.0),
        ],
        Decision.FAIL,
    )


def sections() -> Run:
    """Entries in sections of every decision, one far from the first of its section, one in none, a name with signs."""
    held = verdict("snr_db", constraint("min: 20", observed=24.3, limit=20, margin=4.3))
    low = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=12.0, limit=20, margin=-8.0))
    absent = Cause(CauseKind.METRIC_ABSENT, {"metric": "log_mel_l1"})
    lost = verdict("log_mel_l1", constraint("max: 0.5", State.UNKNOWN, limit=0.5, cause=absent))
    failure = Failure("raised", "KeyError: 'clip'", "Traceback: KeyError")
    walked, index, speed, training = "A. Keyframes", "B. Clip index", "C. Speed | <GPU>", "D. Training"
    gpu = Cause(CauseKind.DEVICE_ABSENT, {"device": "cuda"})
    missed = Cause(CauseKind.NEED_NOT_MET, {"entry": "loss", "outcome": "error"})
    clear, noisy = Evidence({"snr_db": 24.3}), Evidence({"snr_db": 12.0})
    return run(
        [
            result("title-page", Outcome.PASSED, held, line=6, evidence=clear),
            result("walk", Outcome.PASSED, held, line=12, evidence=clear, section=walked, title="Keyframes alone"),
            result("index-read", Outcome.ERROR, line=17, failure=failure, section=index),
            result("index-length", Outcome.PASSED, held, line=22, evidence=clear, section=index),
            result("index-times", Outcome.FAILED, low, line=27, evidence=noisy, section=index),
            result("on-gpu", Outcome.SKIPPED, line=32, cause=gpu, section=speed),
            result("sizes", Outcome.MEASURED, line=35, observe=True, evidence=noisy, section=speed),
            result("warm-up", Outcome.PASSED, held, line=38, evidence=clear, section=training),
            result("loss", Outcome.ERROR, lost, line=43, evidence=Evidence(), section=training),
            result("resume", Outcome.BLOCKED, line=48, cause=missed, section=training),
            result("no-sweeps", Outcome.WARNED, low, line=53, severity="warn", evidence=noisy, section=walked),
        ],
        Decision.FAIL,
    )


def hostile(text: str) -> Run:
    """A run with the given text wherever a spec, a plugin or audited code can put one."""
    pairs = [_hostile_entry(text, outcome) for outcome in Outcome]
    pairs.append(result("failure", Outcome.ERROR, failure=Failure(text, text, f"{text}\n{text}", text)))
    return run(
        pairs,
        Decision.FAIL,
        title=text,
        environment={text: text, "list": [text]},
        command=(text, text),
        selection=(text,),
        overrides=(text,),
        redacted=(text,),
        warnings=(Diagnostic("SC140", text, Position(text, 3, 4), "warning", text),),
    )


def _hostile_entry(text: str, outcome: Outcome) -> tuple[EntryResult, Measured | None]:
    replace = msgspec.structs.replace
    entry, measured = result(outcome.value, outcome, evidence=_hostile_evidence(text))
    written = replace(
        entry.entry,
        id=text,
        title=text,
        section=text,
        measurement=replace(entry.entry.measurement, params={text: text}, subjects={text: text}),
        position=Position(text, 3, 4),
        expected_failure=ExpectedFailure(text, (text,), text),
        waiver=Waiver(text, text, text, {text: text}),
    )
    cause = Cause(CauseKind.RECORDED, {"text": text, text: text})
    violated = ConstraintVerdict(
        name="max",
        state=State.VIOLATED,
        nesting=("each",),
        written=text,
        options={text: text},
        observed=text,
        limit=[text],
        source=LimitSource(text, "metric", text),
        margin=-1.0,
        at=text,
        cause=cause,
        vacuous=True,
        why=text,
    )
    unknown = ConstraintVerdict("min", State.UNKNOWN, written=text, limit={text: text}, cause=cause)
    verdicts = (Verdict(text, State.UNKNOWN, (violated, unknown), text, Position(text, 3, 4)),)
    return replace(entry, entry=written, judgement=Judgement(outcome, cause, verdicts, (cause,))), measured


def _hostile_evidence(text: str) -> Evidence:
    return Evidence(
        metrics={text: text, "nested": {text: [text, {text: math.nan}]}},
        tables={text: Table((text, "b"), ((text,), (text, text, text)), text)},
        series={text: Series((0.0, 1.0), (1.0, 2.0), text, text)},
        findings=(Finding(text, text, 1, text), Finding(text)),
        artifacts={text: Artifact(text, text, 1, "image/png"), "script": Artifact("javascript:alert(1)", "", 0)},
        log=f"{text}\n{text}",
    )


SAMPLES: dict[str, Callable[[], Run]] = {
    "all-passed.0": all_passed,
    "every-outcome.1": every_outcome,
    "odd-values.1": odd_values,
    "warnings-count.1": warnings_count,
    "sections.1": sections,
    "long-evidence.1": long_evidence,
    "nothing-judged.4": nothing_judged,
    "no-entries.4": no_entries,
    "interrupted.130": interrupted,
}
"""Every sample, named with the exit code of its decision."""
