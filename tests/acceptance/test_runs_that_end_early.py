"""The real command when a run is killed, or when what it writes to fails: no verdict is lost, and none is a PASS."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from support.commands import ENVIRON, Project, outcomes

pytestmark = pytest.mark.slow  # it starts many processes

ENTRY = [sys.executable, "-c", "from speccheck.cli.main import entry; entry()"]
"""The command as the console script runs it, which sees to a standard output that is closed or full."""

AUDITED = """\
import os, shutil, time
from pathlib import Path

def slow(text):
    open("started", "w").close()
    time.sleep(60)

def remove(text):
    for folder in Path(os.environ["RUNS"]).glob("2*"):
        shutil.rmtree(folder)
    return text

def large(text):
    print("x" * 9_000)  # twice, in two lines
    return text
"""

SPEC = """\
speccheck: 1
title: A run that may end early
code: .
subjects:
  slow: {function: audited:slow}
  remove: {function: audited:remove}
  large: {function: audited:large}
checks:
  - {id: first, check: value.number, with: {value: 1}, expect: {value: 1}}
  - {id: away, check: value.number, with: {value: 1}, requires: {packages: [no_such_package]}, expect: {value: 1}}
  - {id: middle, check: determinism.repeat, with: {call: $CALL, args: [hello]}, expect: {identical: true}}
  - {id: last, check: value.number, with: {value: 2}, expect: {value: 2}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "audited.py").write_text(AUDITED)
    for name in ("slow", "remove", "large"):
        (tmp_path / f"{name}.yaml").write_text(SPEC.replace("$CALL", f"${name}"))
    return Project(tmp_path)


def until(true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def running(project: Project) -> subprocess.Popen[str]:
    """A run that measures, after one that passed."""
    assert project("run", "slow.yaml", "--only", "first", code=0).stdout
    command = [*ENTRY, "run", "slow.yaml"]
    process = subprocess.Popen(
        command, cwd=project.folder, env=ENVIRON, text=True, stdout=subprocess.PIPE, start_new_session=True
    )
    until((project.folder / "started").exists)
    return process


def kill(process: subprocess.Popen[str]) -> None:
    """End the run as nothing can prevent; and what it left running."""
    process.kill()
    process.wait()
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def test_a_run_that_is_killed_is_reported_and_judged(project: Project, running: subprocess.Popen[str]) -> None:
    kill(running)
    record = json.loads(project("report", "--format", "json", code=0).stdout)
    assert outcomes(record) == {"first": "passed", "away": "skipped", "middle": "error", "last": "error"}
    assert (record["decision"], record["ending"]) == ("ERROR", "cut")
    assert record["coverage"] == {"total": 4, "judged": 1, "outcomes": {"error": 2, "skipped": 1, "passed": 1}}
    assert record["entries"][2]["judgement"]["cause"] == {"kind": "run-ended-before"}

    shown = project("report", "latest", code=0).stdout.splitlines()
    assert shown[-1] == "ERROR (1 of 4 judged; 2 error, 1 skipped)"
    assert "this run did not end (killed?): these are the results so far" in shown
    markdown = project("report", "latest", "--format", "markdown", code=0).stdout
    assert "**This run did not end (killed?)**: these are the results so far" in markdown

    assert project("judge", record["id"], code=3).stdout.splitlines()[-1] == shown[-1]
    changed = project("judge", "--spec", "slow.yaml", "--set", "checks.first.expect.value=2", code=1).stdout
    assert "FAIL (1 of 4 judged; 2 error, 1 skipped)" in changed
    accept = ("baseline", "accept", "--owner", "a", "--reason", "b", "--file", "b.json")
    assert f"run {record['id']} did not end" in project(*accept, code=2).stderr
    assert not (project.folder / "b.json").exists()


def test_a_run_that_goes_on_is_reported_as_one(project: Project, running: subprocess.Popen[str]) -> None:
    shown = project("report", code=0).stdout
    judged = project("judge", code=3).stdout
    kill(running)
    for text in (shown, judged):
        assert "this run is still running: these are the results so far" in text
        assert "not measured yet: the run is still running" in text
        assert text.splitlines()[-1] == "ERROR (1 of 4 judged; 2 error, 1 skipped)"


def test_a_journal_that_was_edited_is_named_with_the_line(project: Project, running: subprocess.Popen[str]) -> None:
    kill(running)
    (journal,) = project.folder.glob(".speccheck/runs/*/evidence.jsonl")
    lines = journal.read_text().splitlines()
    journal.write_text("\n".join([lines[0], "{}", *lines[1:], ""]))
    for command in ("report", "judge"):
        assert "line 2 is not of this run" in project(command, code=2).stderr


def test_a_folder_that_is_removed_while_the_run_goes_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRON, "RUNS", str(project.folder / ".speccheck" / "runs"))
    done = project("run", "remove.yaml", code=3)
    assert "was removed, or emptied, while the run went on" in done.stderr
    lines = done.stdout.splitlines()
    assert lines[-1] == "ERROR (3 of 4 judged; 1 skipped)"
    assert "this run could not be kept: these are its results" in lines
    assert lines[3].startswith("4/4 passed   last ")


@pytest.mark.parametrize("formats", [(), ("--format", "json"), ("--format", "markdown", "--out", "out")])
def test_a_disk_that_is_full_while_the_run_goes_on(project: Project, formats: tuple[str, ...]) -> None:
    command = [*ENTRY, "run", "large.yaml", *formats]

    def limit() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    done = subprocess.run(
        command, cwd=project.folder, env=ENVIRON, text=True, capture_output=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 3, done.stderr
    assert "run.json: File too large" in done.stderr
    assert "nothing was run" not in done.stderr
    assert "Traceback" not in done.stderr
    if formats == ("--format", "json"):
        record = json.loads(done.stdout)
        assert (record["decision"], outcomes(record)["last"]) == ("ERROR", "passed")
    else:
        assert "4/4 passed   last " in done.stdout
        assert done.stdout.splitlines()[-1] == "ERROR (3 of 4 judged; 1 skipped)"


def test_a_disk_that_is_full_before_the_run(project: Project) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    command = [*ENTRY, "run", "slow.yaml", "--out", "out"]
    done = subprocess.run(
        command, cwd=project.folder, env=ENVIRON, text=True, capture_output=True, check=False, preexec_fn=limit
    )
    assert done.returncode == 2
    assert f"cannot write to {project.folder / 'out'}: File too large" in done.stderr
    assert not (project.folder / "started").exists()
    assert not (project.folder / "out").exists()


@pytest.mark.parametrize("command", ["run slow.yaml --only first", "judge", "report"])
@pytest.mark.parametrize("place", [">/dev/full", ">&-", ">/dev/full 2>/dev/full"])
def test_a_pass_that_cannot_be_told_is_none(project: Project, command: str, place: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("there is no /dev/full here")
    project("run", "slow.yaml", "--only", "first", code=0)
    shell = ["sh", "-c", f'"$0" -c "$1" {command} {place}', ENTRY[0], ENTRY[2]]
    environ = {name: value for name, value in ENVIRON.items() if name != "PYTHONUNBUFFERED"}
    done = subprocess.run(shell, cwd=project.folder, env=environ, text=True, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr
    assert "Traceback" not in done.stderr
    if place != ">/dev/full 2>/dev/full":
        assert "cannot write the report" in done.stderr
    assert project.record("latest")["decision"] == "PASS"


def test_a_reader_of_a_report_may_stop_early(project: Project) -> None:
    project("run", "slow.yaml", "--only", "first", code=0)
    shell = ["bash", "-c", 'set -o pipefail; "$0" -c "$1" report | true', ENTRY[0], ENTRY[2]]
    done = subprocess.run(shell, cwd=project.folder, env=ENVIRON, text=True, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
