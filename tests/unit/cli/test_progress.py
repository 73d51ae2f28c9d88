"""Lines of a run while it runs: on a terminal the last message, in a log one now and then, results in both."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import threading
from dataclasses import dataclass, field

import pytest

from speccheck.cli.progress import QUIET, Progress
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Failure, Measured
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict
from speccheck.store import Redactor
from support.runs import entry, measurement


class Clock:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def secrets(*values: str) -> Redactor:
    named = {f"S{number}": value for number, value in enumerate(values)}
    return Redactor(list(named), named)


@dataclass
class Output:
    """Standard output and standard error as a caller sees them, and a clock for the progress."""

    capfd: pytest.CaptureFixture[str]
    clock: Clock = field(default_factory=Clock)

    def progress(self, *, live: bool = True, redactor: Redactor | None = None) -> Progress:
        return Progress(12, live=live, redactor=secrets() if redactor is None else redactor, clock=self.clock)

    def written(self) -> tuple[str, str]:
        out, err = self.capfd.readouterr()
        return out, err


@pytest.fixture
def output(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Output:
    monkeypatch.setenv("COLUMNS", "100")
    return Output(capfd)


def passed(name: str) -> EntryResult:
    return EntryResult(entry(name), Judgement(Outcome.PASSED))


def test_in_a_log_a_message_is_a_line_after_silence_alone(output: Output) -> None:
    progress = output.progress()
    for second in range(36):
        progress.tell(f"step {second}")
        output.clock.now += 1
    assert output.written() == ("  … step 10\n  … step 20\n  … step 30\n", "")
    progress.close()


def test_a_result_breaks_the_silence(output: Output) -> None:
    progress = output.progress()
    output.clock.now += QUIET - 1
    progress.result(passed("one"), None)
    output.clock.now += QUIET - 1
    progress.tell("too soon")
    output.clock.now += 1
    progress.tell("step 1")
    progress.result(passed("two"), None)
    progress.close()
    assert output.written() == (" 1/12 passed   one\n  … step 1\n 2/12 passed   two\n", "")


def test_without_live_lines_messages_alone_go_to_the_standard_error(output: Output) -> None:
    progress = output.progress(live=False)
    output.clock.now += QUIET
    progress.result(passed("one"), None)
    progress.tell("step 1")
    progress.close()
    assert output.written() == ("", "  … step 1\n")


def test_a_message_is_masked_before_it_is_cut_and_steers_nothing(output: Output) -> None:
    progress = output.progress(redactor=secrets("s3cret" * 20))
    output.clock.now += QUIET
    progress.tell("\x1b[31mkey\t" + "s3cret" * 20 + " and" + "\N{SNOWMAN}" * 100 + "\r\n")
    progress.close()
    assert output.written() == (("  …  [31mkey *** and" + "\N{SNOWMAN}" * 100)[:98] + "…\n", "")


def test_a_message_is_cut_by_columns(output: Output) -> None:
    progress = output.progress()
    output.clock.now += QUIET
    progress.tell("\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 100)
    progress.close()
    assert output.written() == ("  … " + "\N{CJK UNIFIED IDEOGRAPH-4E2D}" * 47 + "…\n", "")


LONG = "SECRETTOKEN0123456789" * 30
"""Longer than any part of a line."""


def results() -> dict[str, tuple[EntryResult, Measured]]:
    """Return results with the long secret in the places that a line is made of."""
    made = Measured(measurement(), Evidence({"text": LONG, "items": [LONG, LONG]}))
    failed = Measured(measurement(), None, Failure("raised", f"KeyError: {LONG}"))
    constraint = ConstraintVerdict("equals", State.VIOLATED, written=LONG, observed=LONG, limit="other")
    unknown = ConstraintVerdict(
        "min", State.UNKNOWN, written=3, cause=Cause(CauseKind.RECORDED, {"text": f"no {LONG}"})
    )
    verdicts = tuple(Verdict("text", one.state, (one,), LONG) for one in (constraint, unknown))
    return {
        "metric": (EntryResult(entry(), Judgement(Outcome.MEASURED)), made),
        "verdict": (EntryResult(entry(), Judgement(Outcome.FAILED, verdicts=verdicts)), made),
        "failure": (EntryResult(entry(), Judgement(Outcome.ERROR)), failed),
        "reason": (
            EntryResult(
                entry(), Judgement(Outcome.SKIPPED, Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": f"skip {LONG}"}))
            ),
            failed,
        ),
        "id": (EntryResult(entry(LONG), Judgement(Outcome.PASSED)), made),
    }


@pytest.mark.parametrize("place", results())
@pytest.mark.parametrize("columns", ["60", "100", "300"])
def test_values_are_masked_before_they_are_cut(
    output: Output, place: str, columns: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    progress = output.progress(redactor=secrets(LONG))
    progress.result(*results()[place])
    progress.close()
    written = output.written()[0]
    assert "***" in written
    assert "SECRET" not in written


def test_a_secret_that_only_the_line_has_is_masked(output: Output) -> None:
    progress = output.progress(redactor=secrets("1234"))
    made = Measured(measurement(), Evidence({"value": 1234}))
    progress.result(EntryResult(entry(), Judgement(Outcome.MEASURED)), made)
    progress.close()
    assert output.written() == (" 1/12 measured one  value ***  <0.01 s\n", "")


def test_when_nobody_reads_any_more_the_run_goes_on_in_silence(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []

    class Recording(Redactor):
        def text(self, text: str) -> str:
            masked.append(text)
            return text

    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        progress = output.progress(redactor=Recording((), {}))
    os.close(reader)
    for step in range(3):
        output.clock.now += QUIET
        progress.tell(f"step {step}")
        progress.result(passed("one"), None)
    progress.close()
    assert masked == ["step 0"]
    assert output.written() == ("", "")


def read_all(descriptor: int) -> str:
    """Return what the program of a terminal wrote, once it has closed its end."""
    data = b""
    with contextlib.suppress(OSError):  # on Linux, the sign that the other end is closed
        while part := os.read(descriptor, 10_000):
            data += part
    os.close(descriptor)
    return data.decode()


def test_on_a_terminal_every_message_overwrites_the_last(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        progress = output.progress()
        for step in (1, 2):
            progress.tell(f"step {step}")
        progress.result(passed("one"), None)
        progress.close()
    clear = "\r\x1b[K"
    assert read_all(controller) == f"{clear}  … step 1{clear}  … step 2{clear} 1/12 passed   one\r\n{clear}"


def test_lines_of_two_threads_are_written_one_after_the_other(output: Output) -> None:
    busy: list[str] = []
    overlapping: list[str] = []
    first_inside, both_inside = threading.Event(), threading.Event()

    class Slow(Redactor):
        def text(self, text: str) -> str:
            overlapping.extend(busy)
            busy.append(text)
            if first_inside.is_set():
                both_inside.set()
            first_inside.set()
            both_inside.wait(0.2)  # time for the other to come in, if nothing keeps it out
            busy.remove(text)
            return text

    progress = output.progress(redactor=Slow((), {}))
    output.clock.now += QUIET
    one = threading.Thread(target=progress.tell, args=("step 1",))
    one.start()
    assert first_inside.wait(60)
    progress.result(passed("one"), None)
    one.join(60)
    progress.close()
    assert overlapping == []
    assert output.written() == ("  … step 1\n 1/12 passed   one\n", "")


def unbuilt(name: str, message: str = "no module") -> tuple[EntryResult, Measured]:
    failure = Failure("subject", message, 'Traceback:\n  File "net.py", line 1\nKeyError: 1', "net")
    return EntryResult(entry(name), Judgement(Outcome.ERROR, failure.cause)), Measured(measurement(), None, failure, 0)


def blocked(name: str, need: str = "one") -> tuple[EntryResult, None]:
    cause = Cause(CauseKind.NEED_NOT_MET, {"entry": need, "outcome": "error"})
    return EntryResult(entry(name), Judgement(Outcome.BLOCKED, cause)), None


def test_entries_that_end_for_one_reason_are_one_line(output: Output) -> None:
    progress = output.progress()
    for each in (unbuilt("one"), unbuilt("two"), unbuilt("three"), (passed("four"), None), unbuilt("five")):
        progress.result(*each)
    for each in (blocked("six"), blocked("seven"), blocked("eight", "two"), blocked("nine")):
        progress.result(*each)
    progress.close()
    assert output.written()[0].splitlines() == [
        " 1/12 error    one  cannot build subject net: no module  <0.01 s",
        " 3/12 error    two and 1 more  as one",
        " 4/12 passed   four",
        " 5/12 error    five  as one",
        " 7/12 blocked  six and 1 more  needs one (error)",
        " 8/12 blocked  eight  needs two (error)",
        " 9/12 blocked  nine  as six",
    ]


def test_a_folded_line_is_masked(output: Output) -> None:
    progress = output.progress(redactor=secrets(LONG))
    for name in ("one", LONG, "three"):
        progress.result(*unbuilt(name, LONG))
    progress.result(*blocked(LONG, LONG))
    progress.close()
    written = output.written()[0]
    assert written.count("***") >= 3
    assert "SECRET" not in written


def test_on_a_terminal_a_folded_line_grows(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = pty.openpty()
    with os.fdopen(terminal, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        progress = output.progress()
        for name in ("one", "two", "three"):
            progress.result(*blocked(name, "zero"))
        progress.close()
    clear = "\r\x1b[K"
    lines = [f"{clear} 1/12 blocked  one  needs zero (error)"]
    lines += [f"{clear} {at}/12 blocked  one and {at - 1} more  needs zero (error)" for at in (2, 3, 3)]
    assert read_all(controller) == "".join(lines) + f"\r\n{clear}"
