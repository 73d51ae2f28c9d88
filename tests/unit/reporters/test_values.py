"""The texts of values: the first items and their number, the last line of a text, the names behind a count."""

from __future__ import annotations

import io
from typing import Any

import pytest

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence, Finding
from speccheck.model.verdict import Decision, Outcome, State
from speccheck.reporters import _summary as summary
from speccheck.reporters import markdown, terminal
from speccheck.reporters._values import show
from support.sample_runs import constraint, result, run, verdict

NAMES = [f"layer.{at}.weight" for at in range(30)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ([[1, 2], [3, 4]] * 20, "[[1, 2], [3, 4], [1, 2], [3, 4], [1, 2], …] (40 items)"),
        ({f"key{at}": at for at in range(20)}, "{key0: 0, key1: 1, key2: 2, key3: 3, key4: 4, …} (20 items)"),
        (["x" * 200, "y"], f"[{'x' * 47}…] (2 items)"),
        ([], "[]"),
        ("first\n" + "middle " * 20 + "\nlast\n", '"last" (the last of 3 lines)'),
        ("a\nb", "a\\nb"),
    ],
)
def test_the_first_items_and_the_last_line(value: Any, text: str) -> None:
    assert show(value) == text
    assert len(show(value)) <= 60


def violated(written: str, value: Any, **facts: Any) -> str:
    """The section of an entry with one metric whose value is too long for its verdict."""
    item = constraint(written, State.VIOLATED, **facts)
    evidence = Evidence({"names": value}, findings=facts.pop("findings", ()))
    made = run([result("one", Outcome.FAILED, verdict("names", item), evidence=evidence)], Decision.FAIL)
    stream = io.StringIO()
    terminal.write(made, stream, color=False, width=200)
    return stream.getvalue()


def test_a_list_too_long_for_the_verdict_is_that_of_the_evidence() -> None:
    text = violated("equals: []", NAMES)
    assert "violated: names = [layer.0.weight, layer.1.weight, …] (30 items); wanted equals: []\n" in text


def test_names_stand_beside_their_count() -> None:
    text = violated("length: {equals: 0}", NAMES, observed=30, limit=0, margin=-30.0)
    assert "violated: names = 30 [layer.0.weight, layer.1.weight, " in text
    item = constraint("length: {equals: 0}", State.VIOLATED, observed=2, limit=0, margin=-2.0)
    entry, measured = result("one", Outcome.FAILED, verdict("names", item), evidence=Evidence({"names": ["a", "b"]}))
    assert summary.evidence_items(entry, measured) == ["names 2 [a, b] (violated length equals 0, margin -2)"]


def test_names_that_findings_tell_more_of_are_not_repeated() -> None:
    item = constraint("length: {equals: 0}", State.VIOLATED, observed=2, limit=0, margin=-2.0)
    findings = (Finding("is absent", file="out/a.pt"), Finding("is absent", file="out/b.pt"))
    evidence = Evidence({"names": ["out/a.pt", "out/b.pt"]}, findings=findings)
    made = run([result("one", Outcome.FAILED, verdict("names", item), evidence=evidence)], Decision.FAIL)
    stream = io.StringIO()
    terminal.write(made, stream, color=False, width=80)
    assert "violated: names = 2; wanted" in stream.getvalue()
    assert "  finding: out/{a.pt, b.pt}: is absent\n" in stream.getvalue()
    stream = io.StringIO()
    markdown.render(made, stream)
    assert "2 \\[out/a.pt, out/b.pt\\]" in stream.getvalue()


def test_a_text_that_the_verdict_cut_is_that_of_the_evidence() -> None:
    text = violated('equals: ""', "word\n" * 200 + "KeyError: 1\n", observed="word\n" * 79 + "word…")
    assert 'violated: names = "KeyError: 1" (the last of 201 lines); wanted equals: ""\n' in text


ABSENT = Cause(CauseKind.METRIC_ABSENT, {"metric": "exit_code", "optional": "the command ran out of time"})


def unknown_beside(state: State) -> str:
    absent = constraint("equals: 0", State.UNKNOWN, cause=ABSENT)
    other = constraint("equals: false", state, observed=state is State.VIOLATED, limit=False)
    evidence = Evidence({"timed_out": True}, findings=(Finding("the command did not end within 5 s"),))
    outcome = Outcome.FAILED if state is State.VIOLATED else Outcome.ERROR
    pair = result("one", outcome, verdict("exit_code", absent), verdict("timed_out", other), evidence=evidence)
    stream = io.StringIO()
    terminal.write(run([pair], Decision.FAIL), stream, color=False, width=200)
    return stream.getvalue() + summary.reason_of(pair[0], evidence)


def test_a_violation_comes_before_what_it_makes_unknown() -> None:
    text = unknown_beside(State.VIOLATED)
    assert text.index("violated: timed_out = true") < text.index("unknown: exit_code")
    assert "failed     one      timed_out true (violated equals false); exit_code (unknown" in text


def test_the_finding_that_explains_absent_metrics_comes_first() -> None:
    text = unknown_beside(State.HELD)
    assert text.index("finding: the command did not end within 5 s") < text.index("unknown: exit_code")
    assert "error      one      the command did not end within 5 s; exit_code (unknown" in text
    assert text.count("  finding: ") == 1
    assert text.endswith(
        "the command did not end within 5 s; exit_code: missing from the evidence (absent when: the "
        "command ran out of time)"
    )


def test_the_reason_of_an_error_names_what_is_violated_besides() -> None:
    absent = constraint("equals: 0", State.UNKNOWN, cause=ABSENT)
    soft = constraint("max: 3", State.VIOLATED, observed=4, limit=3, margin=-1.0, severity="warn")
    entry, _ = result("one", Outcome.ERROR, verdict("loss", soft), verdict("exit_code", absent), evidence=Evidence())
    assert summary.reason_of(entry).endswith("; violated besides: loss")
