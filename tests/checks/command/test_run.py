from __future__ import annotations

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from speccheck.checks.command.run import check
from speccheck.sdk import Evidence, MeasurementError, process
from speccheck.sdk.tail import counted_lines
from support.checking import changed, measured
from support.context import FakeContext


def python(context: FakeContext, code: str, **params: Any) -> Evidence:
    return measured(check, context, command=("python", "-c", code), **params)


def test_a_command_that_ends_well(context: FakeContext) -> None:
    evidence = python(
        context,
        "import sys; print('step 1\\nloss=0.5'); print('careful', file=sys.stderr)",
        patterns={"loss": r"^loss=[0-9.]+$", "warned": "careful", "nan": "nan"},
    )
    assert evidence.metrics == {
        "exit_code": 0,
        "timed_out": False,
        "stdout": "step 1\nloss=0.5\n",
        "stderr": "careful\n",
        "stdout_lines": 2,
        "matches": {"loss": True, "warned": True, "nan": False},
    }
    assert (context.artifacts / evidence.artifacts["stdout"].path).read_text() == "step 1\nloss=0.5\n"
    assert (context.artifacts / evidence.artifacts["stderr"].path).read_text() == "careful\n"


@pytest.mark.parametrize(
    ("code", "exit_code"), [("raise SystemExit(3)", 3), ("import os; os.kill(os.getpid(), 9)", -9)]
)
def test_how_it_ends(context: FakeContext, code: str, exit_code: int) -> None:
    failing = python(context, code)
    assert failing.metrics["exit_code"] == exit_code
    assert changed(python(context, "pass"), failing) == {"exit_code"}


def test_no_match_runs_from_one_output_into_the_other(context: FakeContext) -> None:
    code = "import sys; sys.stdout.write('ab'); sys.stderr.write('cd')"
    assert python(context, code, patterns={"across": "bc|b\\s*c"}).metrics["matches"] == {"across": False}


def test_files_left_missing_and_stale(context: FakeContext) -> None:
    for name in ("old.txt", "again.txt", "touched.txt"):
        (context.folder / name).write_text(name)
    os.utime(context.folder / "touched.txt", (1, 1))
    code = "open('new.txt', 'w').close(); open('again.txt', 'w').write('other'); open('touched.txt', 'a').close()"
    code += "; import os; os.utime('touched.txt')"
    leaves = tuple(map(Path, ("new.txt", "again.txt", "touched.txt", "old.txt", "gone.txt")))
    evidence = python(context, code, leaves=leaves)
    metrics = evidence.metrics
    assert (metrics["missing"], metrics["stale"], metrics["left"]) == (["gone.txt"], ["old.txt"], 3)
    assert [finding.file for finding in evidence.findings] == ["gone.txt"]


def test_a_file_left_by_an_earlier_run_is_stale_in_the_next(context: FakeContext) -> None:
    leaves = (Path("out/a.txt"),)
    first = python(context, "import os; os.mkdir('out'); open('out/a.txt', 'w').write('x')", leaves=leaves)
    assert (first.metrics["stale"], first.metrics["left"]) == ([], 1)
    second = python(context, "pass", leaves=leaves)
    assert (second.metrics["stale"], second.metrics["left"], second.metrics["missing"]) == (["out/a.txt"], 0, [])


def test_without_leaves_nothing_is_said_of_them(context: FakeContext) -> None:
    assert not {"missing", "stale", "left", "matches"} & set(python(context, "pass").metrics)


def test_a_link_to_nothing_is_missing(context: FakeContext) -> None:
    metrics = python(context, "import os; os.symlink('gone', 'latest.pt')", leaves=(Path("latest.pt"),)).metrics
    assert (metrics["missing"], metrics["left"]) == (["latest.pt"], 0)


def test_out_of_time_the_whole_group_is_stopped(context: FakeContext) -> None:
    code = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(60)"
    )
    began = time.monotonic()
    evidence = python(replace(context, timeout=1.5), code, patterns={"pid": "[0-9]+"}, leaves=(Path("a"),))
    assert time.monotonic() - began < 20
    assert set(evidence.metrics) == {"timed_out", "stdout", "stderr"}
    assert evidence.metrics["timed_out"] is True
    assert evidence.findings[0].message == "the command did not end within 1.35 s and was stopped"
    assert_gone(int(evidence.metrics["stdout"]))


def assert_gone(pid: int) -> None:
    """Assert that a process has ended (or is a zombie that nobody has reaped yet)."""
    for _ in range(100):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return
        if state == "Z":
            return
        time.sleep(0.05)
    raise AssertionError(f"process {pid} still runs")


def test_a_command_that_ignores_being_asked_is_killed(context: FakeContext) -> None:
    code = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    began = time.monotonic()
    metrics = python(replace(context, timeout=2.0), code).metrics
    assert (metrics["timed_out"], metrics["stdout"]) == (True, "deaf\n")
    assert time.monotonic() - began < 20


@dataclass
class Answering(FakeContext):
    """A context that leaves a file for each message, by which a command learns that it was heard."""

    def progress(self, message: str) -> None:
        super().progress(message)
        (self.folder / message).touch()


HEARD = """
import pathlib, sys, time

def heard(name):
    return any(pathlib.Path(name).exists() or time.sleep(0.01) for _ in range(6000))
"""


@pytest.mark.parametrize("timeout", [None, 600.0])
@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_the_last_line_is_told_while_it_runs(
    context: FakeContext, monkeypatch: pytest.MonkeyPatch, stream: str, timeout: float | None
) -> None:
    monkeypatch.setattr(process, "EVERY", 0.01)
    answering = Answering(context.folder, context.artifacts, timeout=timeout)
    code = f"{HEARD}\nfor name in ('one', 'two'):\n    sys.{stream}.write(f'begin\\n{{name}}\\npart')\n"
    code += f"    sys.{stream}.flush()\n    assert heard(name)\n    sys.{stream}.write('.')\n"
    evidence = python(answering, code)
    assert evidence.metrics["exit_code"] == 0
    assert evidence.metrics[stream] == "begin\none\npart.begin\ntwo\npart."
    assert answering.messages == ["one", "two"]


def test_a_command_that_is_watched_is_stopped_in_time(context: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EVERY", 0.01)
    evidence = python(replace(context, timeout=1.0), "import time; print('begun', flush=True); time.sleep(60)")
    assert (evidence.metrics["timed_out"], evidence.metrics["stdout"]) == (True, "begun\n")


def test_nothing_is_told_of_a_command_that_prints_nothing(
    context: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "EVERY", 0.001)
    assert python(context, "import time; time.sleep(0.1)").metrics["exit_code"] == 0
    assert context.messages == []


@pytest.mark.skipif(not hasattr(os, "pidfd_open"), reason="the system has no such descriptors")
def test_where_the_exit_cannot_be_waited_for_it_is_looked_for(
    context: FakeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def forbidden(pid: int) -> int:
        raise PermissionError(f"no descriptor of {pid}")

    monkeypatch.setattr(os, "pidfd_open", forbidden)
    monkeypatch.setattr(process, "EVERY", 0.01)
    assert python(context, "raise SystemExit(3)").metrics["exit_code"] == 3
    metrics = python(replace(context, timeout=1.0), "import time; time.sleep(60)").metrics
    assert metrics["timed_out"] is True
    monkeypatch.delattr(os, "pidfd_open")
    assert python(context, "raise SystemExit(4)").metrics["exit_code"] == 4


def test_a_process_left_in_the_background_delays_nothing(context: FakeContext) -> None:
    code = "import subprocess, sys; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(5)'])"
    began = time.monotonic()
    assert python(context, code).metrics["exit_code"] == 0
    assert time.monotonic() - began < 4


def test_surroundings(context: FakeContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEPT", "kept")
    monkeypatch.delenv("PYTHONHASHSEED", raising=False)
    (context.folder / "sub").mkdir()
    code = "import os, sys; print(os.getcwd(), os.environ['KEPT'], os.environ['ADDED'], sys.stdin.read())"
    code += "; print(os.environ.get('PYTHONHASHSEED'))"
    here = python(context, code, env={"ADDED": "ä"}, input="grüße")
    assert here.metrics["stdout"].split() == [str(context.folder), "kept", "ä", "grüße", "None"]
    there = python(context, code, env={"ADDED": "1"}, cwd=Path("sub"))
    assert there.metrics["stdout"].split()[0] == str(context.folder / "sub")


def test_a_large_output_is_cut_in_the_metric_and_whole_in_the_artifact(context: FakeContext) -> None:
    evidence = python(context, "print('first'); print('x' * 300_000); print('last')", patterns={"first": "^first$"})
    assert evidence.metrics["stdout"] == "last\n"
    assert evidence.metrics["matches"] == {"first": True}
    assert evidence.metrics["stdout_lines"] == 3
    assert evidence.artifacts["stdout"].size == 300_012


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_large_output_is_cut_between_lines(context: FakeContext, end: str) -> None:
    line = "a secret that may well be cut in two" + end
    code = f"import sys; sys.stdout.buffer.write({line.encode()!r} * 10_000)"
    assert python(context, code).metrics["stdout"] == line * (64 * 1024 // len(line))


def test_of_one_long_line_nothing_is_kept(context: FakeContext) -> None:
    metrics = python(context, "import sys; sys.stderr.write('secret' * 20_000)").metrics
    assert metrics["stderr"] == "[120000 bytes are left out: the last line is longer than 64 KiB]"


def test_bytes_that_are_no_text(context: FakeContext) -> None:
    metrics = python(context, "import sys; sys.stdout.buffer.write(bytes([0xff, 0x61]))").metrics
    assert metrics["stdout"] == "\N{REPLACEMENT CHARACTER}a"


def test_a_command_that_is_not_there(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match=r"no command 'no-such-tool' on PATH \(/nowhere\)"):
        measured(check, context, command=("no-such-tool",), env={"PATH": "/nowhere"})
    with pytest.raises(MeasurementError, match="cannot be started"):
        measured(check, context, command=("./no-such-script",))
    script = context.folder / "script.sh"
    script.write_text("#!/bin/sh\n")
    with pytest.raises(MeasurementError, match="Permission denied"):
        measured(check, context, command=(str(script),))


def test_a_folder_that_is_not_there(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="working folder"):
        python(context, "pass", cwd=Path("gone"))


def test_a_pattern_that_is_none(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="pattern bad"):
        python(context, "open('ran', 'w')", patterns={"bad": "("})
    assert not (context.folder / "ran").exists()


def test_no_shell_stands_between(context: FakeContext) -> None:
    evidence = python(context, "import sys; print(sys.argv)", patterns={})
    assert "-c" in evidence.metrics["stdout"]
    echoed = measured(check, context, command=("python", "-c", "import sys; print(sys.argv[1])", "$HOME | tee x"))
    assert echoed.metrics["stdout"] == "$HOME | tee x\n"


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {
        "command": ["python", "-c", "import pathlib; print('loss=0.5'); pathlib.Path('left.txt').write_text('done')"],
        "patterns": {"loss": r"loss=[0-9.]+$", "error": "Error"},
        "leaves": ["left.txt"],
    }


def test_the_lines_that_matched_are_named_and_kept(context: FakeContext) -> None:
    code = "for i in range(31): print('loss=nan' if i == 3 else f'line {i}')"
    evidence = python(context, code, patterns={"nan": "^loss=nan$", "absent": "^loss=inf$"})
    (found,) = evidence.findings
    assert (found.message, found.file, found.line) == ("matches nan: loss=nan", "stdout.txt", 4)
    log = evidence.log.splitlines()
    assert log[:4] == ["[3 lines are left out]", "loss=nan", "[7 lines are left out]", "line 11"]
    assert log[-1] == "line 30"
    assert counted_lines(log) == evidence.metrics["stdout_lines"] == 31


@pytest.mark.parametrize(("output", "pattern", "line"), [("", "$", 1), ("a\n\nb", "^$", 2), ("a\nb\n", "b", 2)])
def test_the_line_of_a_match(context: FakeContext, output: str, pattern: str, line: int) -> None:
    evidence = python(context, f"print({output!r}, end='')", patterns={"it": pattern})
    assert [finding.line for finding in evidence.findings] == [line]


def test_a_short_output_is_whole_in_the_log(context: FakeContext) -> None:
    evidence = python(context, "import sys; print('one'); print('two'); print('three', file=sys.stderr)")
    assert evidence.log == "one\ntwo\nthree"
