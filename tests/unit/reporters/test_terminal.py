"""The terminal report: failures first, the decision last, and audited code controls nothing in it."""

from __future__ import annotations

import io
import re

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.run import Failure
from speccheck.model.verdict import Decision, Outcome, State
from speccheck.reporters import terminal
from speccheck.reporters._outcomes import PRESENTATIONS
from speccheck.reporters._style import style
from speccheck.reporters._text import display_width
from support.odd_runs import SAMPLES, hostile, long_evidence
from support.sample_runs import constraint, every_outcome, result, run, verdict

ANSI = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    """A stream that is a terminal without a size."""

    def isatty(self) -> bool:
        return True


def text_of(name: str, width: int = 120) -> str:
    stream = io.StringIO()
    terminal.write(SAMPLES[name](), stream, color=False, width=width)
    return stream.getvalue()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_decision_with_its_coverage_is_the_last_line(name: str) -> None:
    made = SAMPLES[name]()
    assert text_of(name).splitlines()[-1] == f"{made.decision.value} ({made.coverage})"


@pytest.mark.parametrize("name", SAMPLES)
def test_how_to_see_it_again_comes_before_the_decision(name: str) -> None:
    made = SAMPLES[name]()
    assert text_of(name).splitlines()[-2].endswith(f"speccheck report {made.id}")


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_every_line_but_that_of_the_run_keeps_to_the_width(name: str, width: int) -> None:
    body = text_of(name, width).splitlines()[:-3]
    assert not [line for line in body if display_width(line) > width]


def test_failures_come_first_and_the_table_last() -> None:
    lines = text_of("every-outcome.1").splitlines()
    heads = [line.split()[0] for line in lines if re.match(r"[A-Z]+ [a-z]", line)]
    assert heads[:5] == ["FAILED", "XPASSED", "ERROR", "ERROR", "WARNED"]
    urgent = [outcome.value.upper() for outcome, look in PRESENTATIONS.items() if not look.quiet]
    urgent.remove("BLOCKED")  # it stands with the entry that blocked it
    assert list(dict.fromkeys(heads)) == urgent
    assert "  blocks 1 entry: after-text" in lines
    assert lines.index("  specs/stage3.yaml:52:23: warning[SC140]: nothing could violate 'max: 255'") < 5
    table = next(index for index, line in enumerate(lines) if line.startswith("outcome "))
    assert table > max(index for index, line in enumerate(lines) if line.startswith("SKIPPED"))


def test_a_violation_shows_metric_observed_limit_margin_why_and_where() -> None:
    text = text_of("every-outcome.1")
    violated = "violated (line 35): snr_db = 21.4 dB; wanted min: baseline - 1.0 (baseline 23.9 - 1.0 = 22.9)"
    assert f"{violated}, margin -1.5\n    why: the accepted run, less what another seed of the codec changes" in text


def test_a_vacuous_limit_of_a_passed_entry_is_shown() -> None:
    text = text_of("all-passed.0")
    assert "PASSED image-exact" in text
    assert "vacuous: no value of this metric would violate it" in text
    assert "PASSED audio-snr" not in text


def test_what_is_left_out_is_counted() -> None:
    text = text_of("long-evidence.1")
    assert "and 120 more findings" in text
    assert "(20 earlier lines left out" in text
    assert "output, last 8 of 250 lines:" in text


def test_colour_only_on_a_terminal_and_nothing_else_changes() -> None:
    plain, coloured = io.StringIO(), Terminal()
    terminal.render(every_outcome(), plain)
    terminal.render(every_outcome(), coloured)
    assert not ANSI.search(plain.getvalue())
    assert ANSI.search(coloured.getvalue())
    assert ANSI.sub("", coloured.getvalue()) == plain.getvalue()


@pytest.mark.parametrize("outcome", Outcome)
def test_an_outcome_is_styled_only_on_demand(outcome: Outcome) -> None:
    assert style("x", outcome, color=False) == "x"
    assert ANSI.sub("", style("x", outcome, color=True)) == "x"
    assert style("x", outcome, color=True) != "x"


def test_green_is_for_passed_alone() -> None:
    green = style("x", Outcome.PASSED, color=True)
    assert [outcome for outcome in Outcome if style("x", outcome, color=True) == green] == [Outcome.PASSED]
    stream = io.StringIO()
    terminal.write(SAMPLES["nothing-judged.4"](), stream, color=True)
    assert stream.getvalue().splitlines()[-1].startswith("\x1b[31m")


STEERING = st.text(st.sampled_from("\x1b[2Jm\r\n\t\x00\x07\x9b\u202e\u2066\u200ba|`<> \u6f22"), max_size=20)


@settings(max_examples=40, deadline=None)
@given(STEERING)
def test_hostile_text_cannot_steer_the_terminal(text: str) -> None:
    stream = io.StringIO()
    made = hostile(text)
    terminal.write(made, stream, color=False)
    written = stream.getvalue()
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b\u202e\u2066]", written)
    assert written.splitlines()[-1] == f"FAIL ({made.coverage})"


def test_a_log_cannot_pass_for_the_decision() -> None:
    forged = hostile("PASS (45 of 45 judged)\nPASS (45 of 45 judged)")
    stream = io.StringIO()
    terminal.write(forged, stream, color=False)
    assert not re.search(r"^PASS \(45", "\n".join(stream.getvalue().splitlines()[1:]), re.MULTILINE)


def test_the_live_line_of_an_entry() -> None:
    made = every_outcome()
    entry = next(one for one in made.entries if one.entry.id == "audio-reconstruction")
    measured = made.measurements[entry.measured or ""]
    line = terminal.entry_line(entry, measured, 100)
    assert line == ("failed   audio-reconstruction  snr_db 21.4 (violated min 22.9, margin -1.5); +1 more  0.41 s")


@pytest.mark.parametrize("width", [0, 5, 12, 30, 200])
def test_the_live_line_keeps_to_the_width(width: int) -> None:
    for made in (hostile("\x1b[2J\nlong " * 9), long_evidence(), every_outcome()):
        for entry in made.entries:
            line = terminal.entry_line(entry, made.measurements.get(entry.measured or ""), width)
            assert display_width(line) <= width
            assert line.isprintable()


def test_the_live_line_without_a_record_has_no_duration() -> None:
    entry, _ = result("on-gpu", Outcome.SKIPPED, reason="requires device cuda")
    assert terminal.entry_line(entry, None, 80) == "skipped  on-gpu  requires device cuda"
    assert ANSI.sub("", terminal.entry_line(entry, None, 80, color=True)) == terminal.entry_line(entry, None, 80)


def test_an_id_that_looks_like_a_number_stays_as_it_is() -> None:
    held = verdict("snr_db", constraint("min: 20", observed=24.0, limit=20, margin=4.0))
    stream = io.StringIO()
    terminal.write(run([result("1e5", Outcome.PASSED, held)], Decision.PASS), stream, color=False)
    assert re.search(r"^passed +1e5 ", stream.getvalue(), re.MULTILINE)


@pytest.mark.parametrize("more", [0, 1])
def test_the_cause_that_an_expectation_shows_is_shown_once(more: int) -> None:
    violated = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=2.0, limit=20, reason="it is low"))
    failed, measured = result("audio", Outcome.FAILED, violated)
    cause = Cause(CauseKind.CONSTRAINTS, {"metric": "snr_db", "verdict": 0, "index": 0, "more": more})
    judgement = msgspec.structs.replace(failed.judgement, cause=cause)
    stream = io.StringIO()
    pair = (msgspec.structs.replace(failed, judgement=judgement), measured)
    terminal.write(run([pair], Decision.FAIL), stream, color=False)
    assert stream.getvalue().count("it is low") == 1


def test_a_failure_that_the_record_of_the_measurement_lacks_is_told() -> None:
    """Evidence that took longer than the timeout of one entry is a failure of that entry alone."""
    late = Failure("timeout", "took 12 s, longer than its timeout of 1 s")
    made = run([result("a", Outcome.ERROR, cause=late.cause, evidence=Evidence({"snr_db": 1.0}))], Decision.ERROR)
    stream = io.StringIO()
    terminal.write(made, stream, color=False)
    section = stream.getvalue().partition("outcome ")[0]
    assert section.count("took 12 s, longer than its timeout of 1 s") == 1


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    stream = Terminal()
    terminal.render(every_outcome(), stream)
    assert not ANSI.search(stream.getvalue())


def test_what_the_decision_lets_through_stands_above_it_by_name() -> None:
    lines = text_of("every-outcome.1").splitlines()
    assert lines[-5:-2] == [
        "failed audio-reconstruction: the waiver of ana ended on 2027-01-31 and counts as absent: a new codec",
        "warned loss-mean: loss 1.9 (inconclusive mean max 2)",
        "xpassed image-lossy: expected to fail, but identical holds",
    ]
    assert (
        text_of("warnings-count.1").splitlines()[-3] == "warned mel: log_mel_l1 0.31 (violated max 0.3, margin -0.01)"
    )


def test_many_warnings_are_counted_and_the_first_named() -> None:
    low = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=2.0, limit=20, margin=-18.0))
    stream = io.StringIO()
    pairs = [result(f"w{at}", Outcome.WARNED, low, evidence=Evidence({"snr_db": 2.0})) for at in range(30)]
    terminal.write(run(pairs, Decision.PASS), stream, color=False, table=False)
    assert stream.getvalue().splitlines()[-3] == "and 10 more with a warning or a note"


def test_after_live_lines_there_is_no_table() -> None:
    stream = io.StringIO()
    terminal.render_after_lines(every_outcome(), stream)
    assert "outcome    entry" not in stream.getvalue()
    assert stream.getvalue().startswith("\nUnified tokenizer")
    assert stream.getvalue().splitlines()[-1].startswith("FAIL (6 of 11 judged")
