"""The real command on small specs: lists, explanations, baselines, capture, stopping and interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

import speccheck
from support.commands import COMMAND, Project, outcomes

NUMBERS = """\
speccheck: 1
title: Numbers
baseline: accepted.json
checks:
  - {id: low, check: value.number, with: {value: 1}, tags: [small], expect: {value: {max: 10}}}
  - {id: near, check: value.number, with: {value: 9}, severity: warn, expect: {value: {max: 8}}}
  - {id: gate, check: value.number, with: {value: 5}, needs: [low], expect: {value: {min: baseline - 1}}}
"""

AUDITED = """\
import os, subprocess, sys, time, warnings

def loud(text):
    print("audited print", text)
    sys.stdout.write("audited write\\n")
    os.write(1, b"audited descriptor\\n")
    subprocess.run(["echo", "audited child"], check=True)
    warnings.warn("audited warning")
    print("audited error", file=sys.stderr)
    return text

def slow(text):
    open("started", "w").close()
    time.sleep(60)
"""

LOUD = """\
speccheck: 1
title: Code that talks
code: .
subjects: {loud: {function: audited:loud}, slow: {function: audited:slow}}
checks:
  - {id: quiet, check: value.number, with: {value: 1}, expect: {value: 1}}
  - {id: loud, check: determinism.repeat, with: {call: $loud, args: [hello]}, expect: {identical: true}}
"""
SLOW = (
    LOUD + "  - {id: slow, check: determinism.repeat, with: {call: $slow, args: [hello]}, expect: {identical: true}}\n"
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "numbers.yaml").write_text(NUMBERS)
    (tmp_path / "audited.py").write_text(AUDITED)
    (tmp_path / "loud.yaml").write_text(LOUD)
    (tmp_path / "slow.yaml").write_text(SLOW)
    return Project(tmp_path)


def test_a_baseline_is_accepted_shown_and_used(project: Project) -> None:
    project("run", "numbers.yaml", code=3)
    first = project.record()
    assert outcomes(first) == {"low": "passed", "near": "warned", "gate": "error"}
    accept = ("baseline", "accept", first["id"], "--owner", "Ada", "--reason", "the first that is good")
    done = project(*accept, code=0)
    assert done.stdout.splitlines()[0] == f"accepted 2 entries of run {first['id']} into accepted.json"
    assert "left out: near (" in done.stdout
    shown = project("baseline", "show", "accepted.json", code=0).stdout
    assert sorted(line.split()[0] for line in shown.splitlines()[2:]) == ["gate", "low"]
    assert all(word in shown for word in ("Ada", "the first that is good", first["id"]))
    assert "PASS (3 of 3 judged; 1 warned)" in project("run", "numbers.yaml", code=0).stdout
    done = project("run", "numbers.yaml", "--set", "checks.gate.expect.value.min=baseline + 1", code=1)
    assert "(baseline 5.0 + 1.0 = 6)" in done.stdout
    # Judged against what was accepted from itself, the first run proves nothing.
    project("judge", first["id"], "--spec", "numbers.yaml", code=3)


def test_judged_under_a_spec_latest_is_the_last_run_of_that_spec(project: Project) -> None:
    project("run", "numbers.yaml", "--only", "low", code=0)
    project("run", "numbers.yaml", "--only", "low", "--set", "checks.low.with.value=2", code=0)
    wanted = (project.folder / ".speccheck" / "runs" / "latest").read_text().strip()
    project("run", "loud.yaml", code=0)
    done = project("judge", "latest", "--spec", "numbers.yaml", "--format", "json", code=3)
    assert json.loads(done.stdout)["id"] == wanted
    assert "made with --set checks.low.with.value=2; without it, measurements may differ" in done.stderr
    assert "is of loud.yaml" not in done.stderr
    again = ("judge", "latest", "--spec", "numbers.yaml", "--set", "checks.low.with.value=2", "--format", "json")
    done = project(*again, code=0)
    assert outcomes(json.loads(done.stdout))["low"] == "passed"
    assert "made with" not in done.stderr


def test_without_a_run_of_that_spec_the_last_run_is_named(project: Project) -> None:
    project("run", "loud.yaml", code=0)
    done = project("judge", "latest", "--spec", "numbers.yaml", code=3)
    assert "is a run of loud.yaml, not of numbers.yaml" in done.stderr


def test_a_partial_run_is_accepted_only_with_the_option(project: Project) -> None:
    project("run", "numbers.yaml", "--only", "low", code=0)
    accept = ("baseline", "accept", "latest", "--owner", "Ada", "--reason", "trial")
    refused = project(*accept, code=2)
    assert "--partial" in refused.stderr
    assert not (project.folder / "accepted.json").exists()
    project(*accept, "--partial", code=0)
    assert list(json.loads((project.folder / "accepted.json").read_text())["entries"]) == ["low"]


def test_warnings_count_when_asked(project: Project) -> None:
    names = ("run", "numbers.yaml", "--only", "low", "--only", "near")
    assert "PASS (2 of 2 judged; 1 warned)" in project(*names, code=0).stdout
    assert project(*names, "--fail-on", "warn", code=1).stdout.splitlines()[-1].startswith("FAIL (2 of 2 judged")


def test_x_stops_at_the_first_failure(project: Project) -> None:
    done = project("run", "numbers.yaml", "-x", "--set", "checks.low.expect.value.max=0", code=1)
    assert outcomes(project.record()) == {"low": "failed", "near": "skipped", "gate": "skipped"}
    assert done.stdout.splitlines()[-1].startswith("FAIL (1 of 3 judged")


def test_selection_by_id_tag_and_glob(project: Project) -> None:
    for chosen, expected in (("small", ["low"]), ("ne*", ["near"]), ("gate", ["low", "gate"])):
        project("run", "numbers.yaml", "--only", chosen, code=3 if chosen == "gate" else 0)
        assert list(outcomes(project.record())) == expected


def test_the_lists(project: Project) -> None:
    wanted = {
        ("checks",): ["determinism.repeat", "value.number"],
        ("loaders",): ["target", "tensor"],
        ("constraints",): ["min", "each", "tolerance"],
        ("reporters",): ["json", "markdown", "terminal"],
        ("plugins",): ["speccheck"],
        ("entries", "numbers.yaml"): ["low", "near", "gate"],
        ("subjects", "loud.yaml"): ["loud", "slow"],
    }
    for arguments, names in wanted.items():
        rows = project("list", *arguments, code=0).stdout.splitlines()[2:]
        found = [row.split()[0] for row in rows]
        assert [name for name in names if name not in found] == []
    assert "entries SPEC" in project("list", "entries", code=2).stderr
    assert project.runs() == []


def test_sections_are_listed_where_there_are_any(project: Project) -> None:
    heads = project("list", "entries", "numbers.yaml", code=0).stdout.splitlines()[0].split()
    assert heads == ["entry", "check", "tags", "needs", "title"]
    sectioned = ("--set", "checks.near.section='1.10'")
    rows = project("list", "entries", "numbers.yaml", *sectioned, code=0).stdout.splitlines()
    assert rows[0].split() == ["entry", "check", "tags", "needs", "section", "title"]
    assert [row[rows[0].index("section") :].strip() for row in rows[2:]] == ["", "1.10", ""]


def test_a_check_and_a_code_are_explained(project: Project) -> None:
    shown = project("explain", "train.overfit", code=0).stdout
    assert shown.startswith("train.overfit (version ")
    assert all(word in shown for word in ("It cannot see", "Parameters:", "steps (", "Metrics:", "ratio ("))
    assert project("explain", "sc102", code=0).stdout.startswith("SC102: ")


@pytest.mark.parametrize(
    ("name", "close"),
    [("train.overfits", "train.overfit"), ("SC1020", "SC102"), ("one_off", "one_of"), ("jsn", "json")],
)
def test_an_unknown_name_is_answered_with_a_close_one(name: str, close: str, project: Project) -> None:
    assert f"unknown name '{name}'; did you mean '{close}'?" in project("explain", name, code=2).stderr


def test_a_name_far_from_all_others_is_answered_with_the_lists(project: Project) -> None:
    shown = project("explain", "zzzzzz", code=2).stderr
    assert "speccheck list checks|constraints|executors|loaders|reporters shows the names" in shown


@pytest.mark.parametrize(("what", "file"), [("spec", "spec-v1.json"), ("run", "run-v2.json")])
def test_the_schema_is_the_one_that_is_shipped(project: Project, what: str, file: str) -> None:
    shipped = Path(speccheck.__file__).parent / "schema" / file
    assert project("schema", what, code=0).stdout == shipped.read_text("utf-8")


@pytest.mark.parametrize("only", [("json",), ("markdown",), ("terminal",)])
def test_what_audited_code_prints_is_evidence_and_no_output(project: Project, only: tuple[str]) -> None:
    done = project("run", "loud.yaml", "--format", *only, code=0)
    if only == ("json",):
        assert json.loads(done.stdout)["decision"] == "PASS"
        assert done.stdout.startswith("{")
    heads = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith("audited")]
    # A document shows the log as evidence; nothing was printed while it ran.
    assert (heads == []) == (only != ("markdown",))
    assert done.stderr == ""
    log = next(m["evidence"]["log"] for m in project.record()["measurements"].values() if "audited" in json.dumps(m))
    for word in ("print hello", "write", "descriptor", "child", "warning", "error"):
        assert f"audited {word}" in log


def test_two_formats_and_a_folder(project: Project) -> None:
    done = project("run", "loud.yaml", "--out", "kept", "--format", "json", "--format", "markdown", code=0)
    assert sorted(path.name for path in (project.folder / "kept").iterdir() if path.is_file()) == [
        "report.json",
        "report.md",
        "run.json",
    ]
    assert [Path(line).name for line in done.stdout.splitlines() if line.startswith("wrote ")] == [
        "report.json",
        "report.md",
    ]


@pytest.mark.parametrize("format", ["terminal", "markdown", "json"])
def test_the_report_of_a_run_is_that_of_its_file_to_the_letter(project: Project, format: str) -> None:
    expect = "{value: {max: 10, min: 0.5, equals: 1}}"
    (project.folder / "numbers.yaml").write_text(NUMBERS.replace("{value: {max: 10}}", expect))
    live = project("run", "numbers.yaml", "--format", format, code=3).stdout
    stored = project("report", "--format", format, code=0).stdout
    assert stored
    if format == "terminal":  # its live lines are what the table of entries shows
        head, _, table = stored.partition("\noutcome ")
        assert live.endswith(head + table[table.index("\nentries: ") :])
    else:
        assert live == stored


def _interrupted(project: Project, number: signal.Signals) -> tuple[int, str, str]:
    """Run the slow spec and send it this signal once its slow entry has begun."""
    environ = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [*COMMAND, "run", "slow.yaml"]
    started = project.folder / "started"
    with subprocess.Popen(
        command, cwd=project.folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        until = time.monotonic() + 60
        while not started.exists() and time.monotonic() < until:
            time.sleep(0.05)
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=60)
    return process.returncode, stdout, stderr


def test_an_interrupt_keeps_what_was_measured(project: Project) -> None:
    code, stdout, stderr = _interrupted(project, signal.SIGINT)
    assert (code, "Traceback" in stdout + stderr) == (130, False)
    record = project.record()
    assert record["interrupted"] is True
    assert {name: outcomes(record)[name] for name in ("quiet", "loud")} == {"quiet": "passed", "loud": "passed"}
    assert outcomes(record)["slow"] != "passed"
    assert record["decision"] == "ERROR"
    project("report", "latest", code=0)
    project("judge", "latest", code=130)


def test_a_report_written_elsewhere_names_the_folder_of_its_pictures(project: Project) -> None:
    (project.folder / "curve.yaml").write_text(
        "speccheck: 1\ntitle: Curve\nchecks:\n"
        "  - {id: loss, check: series.trend, with: {series: {expr: \"{'loss': [2.0, 1.0]}\"}}, expect: {count: 1}}\n"
    )
    project("run", "curve.yaml", code=0)
    folder = project.folder / ".speccheck" / "runs" / project.runs()[-1]
    assert f"relative to {folder}" in project("report", "--format", "markdown", code=0).stderr
    assert f"relative to {folder}" in project("report", "--format", "markdown", "--out", "r.md", code=0).stderr
    assert project("report", "--format", "markdown", "--out", str(folder / "report.md"), code=0).stderr == ""
    assert project("report", "--format", "json", code=0).stderr == ""
    project("run", "numbers.yaml", "--only", "low", code=0)
    assert project("report", "--format", "markdown", code=0).stderr == ""
