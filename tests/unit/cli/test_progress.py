"""Lines of a run while it runs: on a terminal the last message, in a log one now and then, and results in both."""

from __future__ import annotations

import contextlib
import os
import pty
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from speccheck.cli.progress import QUIET, Progress
from speccheck.model.run import EntryResult
from speccheck.model.verdict import Judgement, Outcome
from support.runs import entry


class Clock:
    """A clock that goes on only when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Output:
    """Standard output and standard error as they are seen outside, and a clock for what writes to them."""

    capfd: pytest.CaptureFixture[str]
    clock: Clock = field(default_factory=Clock)

    def progress(self, *, live: bool = True, mask: Callable[[str], str] = str) -> Progress:
        return Progress(12, live=live, mask=mask, clock=self.clock)

    def written(self) -> tuple[str, str]:
        return tuple(self.capfd.readouterr())


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
    progress = output.progress(mask=lambda text: text.replace("s3cret" * 20, "***"))
    output.clock.now += QUIET
    progress.tell("\x1b[31mkey\t" + "s3cret" * 20 + " and" + "\N{SNOWMAN}" * 100 + "\r\n")
    progress.close()
    assert output.written() == (("  …  [31mkey *** and" + "\N{SNOWMAN}" * 100)[:99] + "\n", "")


def test_when_nobody_reads_any_more_the_run_goes_on_in_silence(output: Output, monkeypatch: pytest.MonkeyPatch) -> None:
    masked: list[str] = []

    def mask(text: str) -> str:
        masked.append(text)
        return text

    reader, writer = os.pipe()
    with os.fdopen(writer, "w") as closed:
        monkeypatch.setattr(sys, "stdout", closed)
        progress = output.progress(mask=mask)
    os.close(reader)
    for step in range(3):
        output.clock.now += QUIET
        progress.tell(f"step {step}")
        progress.result(passed("one"), None)
    progress.close()
    assert masked == ["step 0"]
    assert output.written() == ("", "")


def read_all(descriptor: int) -> str:
    """What a terminal's program has written, once it has closed its end."""
    data = b""
    with contextlib.suppress(OSError):  # so the other end says on Linux that nothing more comes
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

    def mask(text: str) -> str:
        overlapping.extend(busy)
        busy.append(text)
        if first_inside.is_set():
            both_inside.set()
        first_inside.set()
        both_inside.wait(0.2)  # time for the other to come in, if nothing keeps it out
        busy.remove(text)
        return text

    progress = output.progress(mask=mask)
    output.clock.now += QUIET
    one = threading.Thread(target=progress.tell, args=("step 1",))
    one.start()
    assert first_inside.wait(60)
    progress.result(passed("one"), None)
    one.join(60)
    progress.close()
    assert overlapping == []
    assert output.written() == ("  … step 1\n 1/12 passed   one\n", "")
