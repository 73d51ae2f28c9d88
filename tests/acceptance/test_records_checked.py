"""Records that were edited: every command that reads one says what is wrong, and does nothing with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from speccheck.cli.main import main
from support.commands import ENVIRON, Project

SPEC = """\
speccheck: 1
title: Numbers
baseline: accepted.json
redact: [TOKEN]
checks:
  - {id: low, check: value.number, with: {value: 1}, expect: {value: {max: 10}}}
  - {id: high, check: value.number, with: {value: 30}, expect: {value: {max: 8}}}
  - {id: near, check: value.number, with: {value: 9}, severity: warn, expect: {value: {max: 8}}}
  - {id: gate, check: value.number, with: {value: 5}, expect: {value: {min: baseline - 1}}}
  - id: said
    check: command.run
    with: {command: [python, -c, "print('it is hunter2')"]}
    expect: {exit_code: 0}
"""

Edit = Callable[[dict[str, Any]], None]


def entry(record: dict[str, Any], name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(result for result in record["entries"] if result["entry"]["id"] == name)
    return found


def outcome(name: str, new: str, decision: str = "FAIL") -> Edit:
    """Give an entry another outcome, and the run the decision and coverage that follow."""

    def edit(record: dict[str, Any]) -> None:
        entry(record, name)["judgement"]["outcome"] = new
        names = [result["judgement"]["outcome"] for result in record["entries"]]
        judged = [one for one in names if one in ("passed", "failed", "warned", "xfailed", "xpassed", "waived")]
        counts = {one: names.count(one) for one in names}
        record["coverage"] = {"total": len(names), "judged": len(judged), "outcomes": counts}
        record["decision"] = decision

    return edit


def put(*path: str | int, value: Any) -> Edit:
    """Put a value at a place of the record; the name of an entry stands for its place."""

    def edit(record: dict[str, Any]) -> None:
        node: Any = record
        for step in path[:-1]:
            node = entry(record, str(step)) if node is record["entries"] else node[step]
        node[path[-1]] = value

    return edit


def both(*edits: Edit) -> Edit:
    """Make several edits."""

    def edit(record: dict[str, Any]) -> None:
        for one in edits:
            one(record)

    return edit


def measurement(name: str, *path: str | int, value: Any, of_entry: bool) -> Edit:
    """Change what an entry measured, in the measurement, and in the entry too."""

    def edit(record: dict[str, Any]) -> None:
        result = entry(record, name)
        found = [record["measurements"][result["measured"]]["measurement"]]
        found += [result["entry"]["measurement"]] if of_entry else []
        for node in found:
            for step in path[:-1]:
                node = node[step]  # noqa: PLW2901
            node[path[-1]] = value

    return edit


def repeat(record: dict[str, Any]) -> None:
    record["entries"].append(entry(record, "low"))
    outcome("low", "passed")(record)


def swap(record: dict[str, Any]) -> None:
    low, high = entry(record, "low"), entry(record, "high")
    low["measured"], high["measured"] = high["measured"], low["measured"]


def rename(record: dict[str, Any]) -> None:
    digest = entry(record, "low")["measured"]
    record["measurements"]["0" * 64] = record["measurements"].pop(digest)
    entry(record, "low")["measured"] = "0" * 64


def lose(record: dict[str, Any]) -> None:
    del record["measurements"][entry(record, "low")["measured"]]


def artifact(path: str) -> Edit:
    def edit(record: dict[str, Any]) -> None:
        evidence = record["measurements"][entry(record, "said")["measured"]]["evidence"]
        evidence["artifacts"]["stdout"]["path"] = path

    return edit


def declare(pattern: str) -> Edit:
    def edit(record: dict[str, Any]) -> None:
        record["checks"]["value.number"]["metrics"][pattern] = {"kind": "number", "doc": "any"}

    return edit


EDITS: dict[str, tuple[Edit, str]] = {
    "another decision": (put("decision", value="PASS"), "decision is PASS, and FAIL follows"),
    "nothing judged": (put("decision", value="NOTHING JUDGED"), "FAIL follows"),
    "more coverage": (put("coverage", "judged", value=5), "4 of 5 judged; 1 warned, 1 error follows"),
    "other counts": (put("coverage", "outcomes", "warned", value=2), "coverage"),
    "another outcome": (outcome("high", "passed", "ERROR"), "entry 'high' is passed, but value is violated"),
    "an error that passed": (outcome("gate", "passed"), "entry 'gate' is passed, but value is unknown"),
    "an error that warned": (outcome("gate", "warned"), "entry 'gate' is warned, but value is unknown"),
    "an outcome without the waiver": (outcome("high", "waived", "ERROR"), "entry 'high' is waived, but has no waiver"),
    "an outcome that was not expected": (outcome("high", "xfailed", "ERROR"), "but has no expected failure"),
    "a verdict less": (
        both(outcome("high", "passed", "ERROR"), put("entries", "high", "judgement", "verdicts", value=[])),
        "has 0 verdicts on 1 expectations",
    ),
    "a state of the verdict alone": (
        both(
            outcome("high", "passed", "ERROR"),
            put("entries", "high", "judgement", "verdicts", 0, "state", value="held"),
        ),
        "value is violated",
    ),
    "an interrupted run": (
        both(outcome("high", "skipped", "NOTHING JUDGED"), put("interrupted", value=True)),
        "entry 'high' is skipped, but it was measured",
    ),
    "an id twice": (repeat, "entry 'low' is there twice"),
    "another parameter": (measurement("low", "params", "value", value=2, of_entry=True), "not what its digest says"),
    "another parameter of the entry": (
        put("entries", "low", "entry", "measurement", "params", "value", value=2),
        "entry 'low' is not of the measurement that it names",
    ),
    "another seed": (measurement("low", "seed", value=7, of_entry=True), "not what its digest says"),
    "another version": (measurement("low", "version", value=7, of_entry=True), "not what its digest says"),
    "another check": (measurement("low", "check", value="value.equal", of_entry=True), "not what its digest says"),
    "another digest": (rename, "measurement 000000000000 of value.number is not what its digest says"),
    "the measurement of another": (swap, "is not of the measurement that it names"),
    "no measurement": (lose, "entry 'low' names a measurement that is not there"),
    "passed without a measurement": (put("entries", "low", "measured", value=None), "'low' is passed, and was not"),
    "a pattern that is none": (declare("a..b"), "check 'value.number' declares the metric 'a..b'"),
    "a pattern with a brace": (declare("a.{b"), "check 'value.number' declares the metric 'a.{b'"),
    "an artifact above": (artifact("../../secret"), "artifact 'stdout' of measurement"),
    "an artifact at the root": (artifact("/etc/passwd"), "outside the run's folder: '/etc/passwd'"),
    "an artifact of another drive": (artifact("C:\\windows\\system.ini"), "outside the run's folder"),
    "a masked measurement": (
        measurement("said", "params", "command", 0, value="sh", of_entry=False),
        "entry 'said' is not of the measurement that it names",
    ),
}

TWICE = {
    "at the top": ('\n "decision": "FAIL"', '\n "decision": "FAIL",\n "decision": "PASS"', "'decision'"),
    "first": ('\n "decision": "FAIL"', '\n "decision": "PASS",\n "decision": "FAIL"', "'decision'"),
    "deep": ('"kind": "number"', '"kind": "number", "kind": "number"', "'kind'"),
    "in another spelling": ('\n "id":', '\n "\\u0069d": "x",\n "id":', "'id'"),
    "an unknown one": ('\n "id":', '\n "zzz": 1,\n "zzz": 2,\n "id":', "'zzz'"),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a run of the spec."""
    folder = tmp_path_factory.mktemp("records")
    (folder / "pyproject.toml").write_text("")
    (folder / "numbers.yaml").write_text(SPEC)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(ENVIRON, "TOKEN", "hunter2")
        Project(folder)("run", "numbers.yaml", code=1)
    return folder


@pytest.fixture
def file(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The run's file of record, in a copy of the folder that the test is in."""
    folder = tmp_path / "copy"
    shutil.copytree(made, folder)
    monkeypatch.chdir(folder)
    (found,) = folder.glob(".speccheck/runs/*/run.json")
    return found


def call(*arguments: str) -> Result:
    return CliRunner().invoke(main, arguments)


ACCEPT = ("baseline", "accept", "latest", "--owner", "ada", "--reason", "why", "--dirty")
COMMANDS = (("report",), ("judge",), ("judge", "latest", "--spec", "numbers.yaml"), ACCEPT)


def assert_refused(file: Path, message: str) -> None:
    """Assert that no command takes the record, and that each names the file and what is wrong."""
    for command in COMMANDS:
        done = call(*command)
        assert done.exit_code == 2, (command, done.output)
        assert "error[SC810]" in done.output
        assert message in " ".join(done.output.split()), done.output
        assert str(file.parent.name) in done.output
        assert "PASS" not in done.output.replace("decision is PASS", "")
    assert not Path("accepted.json").exists()


def test_the_record_itself_is_taken(file: Path) -> None:
    assert [call(*command).exit_code for command in COMMANDS] == [0, 1, 1, 0]
    data = file.read_bytes()
    file.write_bytes(json.dumps(json.loads(data)).encode())  # as another program may write it
    assert [call(*command).exit_code for command in COMMANDS] == [0, 1, 1, 0]


@pytest.mark.parametrize("name", EDITS)
def test_an_edited_record_is_refused(file: Path, name: str) -> None:
    edit, message = EDITS[name]
    record = json.loads(file.read_bytes())
    edit(record)
    file.write_text(json.dumps(record))
    assert_refused(file, message)


@pytest.mark.parametrize("edit", ["evidence", "limit"])
def test_metrics_that_the_judgement_does_not_follow_from_are_not_accepted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "numbers.yaml").write_text(SPEC.partition("  - id: said")[0].replace("redact: [TOKEN]\n", ""))
    Project(tmp_path)("run", "numbers.yaml", code=1)
    (file,) = tmp_path.glob(".speccheck/runs/*/run.json")
    record = json.loads(file.read_bytes())
    if edit == "evidence":
        record["measurements"][entry(record, "low")["measured"]]["evidence"]["metrics"]["value"] = 2
    else:
        put("entries", "low", "entry", "expect", "value", "max", value=0)(record)
    file.write_text(json.dumps(record))
    done = call(*ACCEPT)
    assert done.exit_code == 2, done.output
    assert "error[SC810]" in done.output
    assert "'low'" in done.output
    assert not Path("accepted.json").exists()


@pytest.mark.parametrize("name", TWICE)
def test_a_key_twice_is_refused(file: Path, name: str) -> None:
    before, after, key = TWICE[name]
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after, 1))
    assert_refused(file, f"the key {key} is there twice")


@pytest.mark.parametrize("name", ["value", "owner", "said"])
def test_a_baseline_with_a_key_twice_is_refused(file: Path, name: str) -> None:
    assert call(*ACCEPT).exit_code == 0
    path = Path("accepted.json")
    text = path.read_text()
    first = {"value": 0, "owner": "eve", "said": json.loads(text)["entries"]["said"]}[name]
    path.write_text(text.replace(f'"{name}": ', f'"{name}": {json.dumps(first)}, "{name}": ', 1))
    readers = (("judge", "latest", "--spec", "numbers.yaml"), ACCEPT, ("baseline", "show", "accepted.json"))
    found = [call(*command) for command in readers]
    for code, output in [(done.exit_code, done.output) for done in found]:
        assert code == 2, output
        assert "error[SC810]" in output
        assert "accepted.json" in output
    Project(Path.cwd())("run", "numbers.yaml", code=2)
    assert len(Project(Path.cwd()).runs()) == 1


def test_an_edited_record_is_not_the_newest_of_a_spec(file: Path) -> None:
    record = json.loads(file.read_bytes())
    put("decision", value="PASS")(record)
    file.write_text(json.dumps(record))
    done = call("judge", "latest", "--spec", "numbers.yaml")
    assert done.exit_code == 2
