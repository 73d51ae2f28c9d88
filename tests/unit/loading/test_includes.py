"""Includes: what wins, what is relative to what, and what is named twice."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from speccheck.loading import Loaded, load_spec
from support.diagnosed import codes, marked
from support.fake_declarations import FakeDeclarations

Load = Callable[..., Loaded]
ENTRY = "- {id: %s, check: demo.number, with: {value: %s}, observe: true}\n"


def test_the_including_file_wins_and_entries_of_the_included_come_first(load: Load) -> None:
    loaded = load(
        "speccheck: 1\ntitle: outer\ninclude: [a.yaml, b.yaml]\nvars: {x: 1}\ndefaults: {seed: 1}\nredact: [C]\n"
        "checks:\n" + ENTRY % ("outer", "'${vars.y}'"),
        files={
            "a.yaml": "title: a\nvars: {x: 2, y: 2}\ndefaults: {seed: 2, timeout: 3}\nredact: [A]\nchecks:\n"
            + ENTRY % ("a", "'${vars.x}'"),
            "b.yaml": "title: b\nvars: {y: 3}\nredact: [A, B]\nchecks:\n" + ENTRY % ("b", 0),
        },
    )
    assert loaded.spec is not None, loaded.diagnostics
    assert loaded.spec.title == "outer"
    assert loaded.spec.vars == {"x": 1, "y": 3}
    assert [entry.id for entry in loaded.spec.entries] == ["a", "b", "outer"]
    assert [entry.measurement.params["value"] for entry in loaded.spec.entries] == [1, 0, 3]
    assert {(entry.measurement.seed, entry.timeout) for entry in loaded.spec.entries} == {(1, 3.0)}
    assert loaded.spec.redact == ("A", "B", "C")


def test_paths_are_relative_to_the_file_that_wrote_them(load: Load, tmp_path: Path) -> None:
    part = (
        "code: src\nbaseline: ../base.json\nvars: {d: '${here}/d', e: '${env.E:-e}'}\n"
        "subjects:\n  clip: {audio: clip.wav}\n  sure: {audio: '${here}/clip.wav', weights: {file: w.pt}}\n"
        "  both: {target: 'm:f', args: [{json: x.json}, plain.txt]}\n"
        "checks:\n- id: f\n  check: demo.files\n  with: {paths: [a, ../b, /c, '${here}/d', '${env.E:-e}/f']}\n"
        "  requires: {files: [g]}\n  observe: true\n"
        "- {id: s, check: demo.sound, with: {reference: {audio: q.wav}, estimate: $both}, observe: true}\n"
    )
    loaded = load(
        "speccheck: 1\ninclude: [shared/part.yaml]\nchecks:\n"
        "- {id: r, check: demo.files, with: {paths: [a, '${vars.d}']}, observe: true}\n",
        files={"shared/part.yaml": part, "shared/src/x.py": ""},
    )
    assert loaded.spec is not None, loaded.diagnostics
    spec = loaded.spec
    assert loaded.diagnostics == ()
    assert spec.code == {"": str(tmp_path / "shared/src")}
    assert spec.baseline == str(tmp_path / "base.json")
    assert spec.vars == {"d": "${here}/shared/d", "e": "${env.E:-e}"}
    assert spec.subjects["clip"] == {"audio": "shared/clip.wav"}
    assert spec.subjects["sure"] == {"audio": "${here}/shared/clip.wav", "weights": {"file": "shared/w.pt"}}
    assert spec.subjects["both"]["args"] == [{"json": "shared/x.json"}, "plain.txt"]
    paths = {entry.id: entry.measurement.params for entry in spec.entries}
    assert paths["f"]["paths"] == ["shared/a", "b", "/c", "${here}/shared/d", "${env.E:-e}/f"]
    assert paths["s"]["reference"] == {"audio": "shared/q.wav"}
    assert paths["r"]["paths"] == ["a", "${here}/shared/d"]
    assert spec.entries[0].requires is not None
    assert spec.entries[0].requires.files == ("shared/g",)


def test_a_file_included_twice_is_read_once(load: Load) -> None:
    files = {
        "a.yaml": "include: [c.yaml]\n",
        "b.yaml": "include: ./c.yaml\n",
        "c.yaml": "checks:\n" + ENTRY % ("c", 1),
    }
    loaded = load("speccheck: 1\ninclude: [a.yaml, b.yaml]\n", files=files)
    assert loaded.spec is not None
    assert [entry.id for entry in loaded.spec.entries] == ["c"]


@pytest.mark.parametrize(
    ("text", "files", "found"),
    [
        ("include: [none.yaml]\n", {}, ["SC401 none.yaml"]),
        ("include: [.]\n", {}, ["SC401 ."]),
        ("include: [a.yaml]\n", {"a.yaml": "include: [spec.yaml]\n"}, ["SC402 spec.yaml"]),
        ("include: [spec.yaml]\n", {}, ["SC402 spec.yaml"]),
        ("include: 3\n", {}, ["SC017 3"]),
        ("include: [3]\n", {}, ["SC017 3"]),
        ("include: ['${env.NONE}/a.yaml']\n", {}, ["SC304 '${env.NONE}/a.yaml'"]),
        ("include: [a.yaml]\n", {"a.yaml": ""}, ["SC014"]),
        ("include: [a.yaml]\n", {"a.yaml": "[x]"}, ["SC014 ["]),
        ("include: [a.yaml]\n", {"a.yaml": "x: ["}, ["SC005"]),
        ("include: [a.yaml]\n", {"a.yaml": "speccheck: 2\n"}, ["SC018 2"]),
        ("include: [a.yaml]\nbad: 1\n", {"a.yaml": "bad: 1\n"}, ["SC015 bad", "SC015 bad"]),
        (
            "include: [a.yaml]\nsubjects: {s: {audio: a}}\n",
            {"a.yaml": "subjects: {s: {audio: b}}\n"},
            ["SC403 s"],
        ),
        (
            "subjects: {s: {audio: a, override: true}}\n",
            {},
            ["SC404 s"],
        ),
        (
            "include: [a.yaml]\nchecks:\n" + ENTRY % ("a", 1),
            {"a.yaml": "checks:\n" + ENTRY % ("a", 2)},
            ["SC403 a"],
        ),
    ],
)
def test_what_is_wrong_with_files_is_told(load: Load, text: str, files: dict[str, str], found: list[str]) -> None:
    assert marked(load(f"speccheck: 1\n{text}", files=files).diagnostics) == found


def test_the_later_may_replace_the_earlier_whole(load: Load) -> None:
    files = {
        "a.yaml": "subjects: {s: {audio: a, device: cpu}}\nchecks:\n"
        + ENTRY % ("one", 1)
        + ENTRY % ("two", 2)
        + ENTRY % ("three", 3)
    }
    text = "speccheck: 1\ninclude: [a.yaml]\nsubjects: {s: {json: b, override: true}}\nchecks:\n"
    text += "- {id: two, check: demo.number, with: {value: 9}, override: true, observe: true, tags: [x]}\n"
    loaded = load(text, files=files)
    assert loaded.spec is not None, loaded.diagnostics
    assert loaded.spec.subjects == {"s": {"json": "b"}}
    assert [entry.id for entry in loaded.spec.entries] == ["one", "two", "three"]
    assert loaded.spec.entries[1].measurement.params == {"value": 9}


def test_the_root_says_its_format(load: Load) -> None:
    assert codes(load("title: x\nchecks:\n" + ENTRY % ("a", 1)).diagnostics) == ["SC016"]
    assert codes(load("").diagnostics) == ["SC014"]
    assert codes(load("speccheck: '1'\n").diagnostics)[0] == "SC018"
    assert codes(load("speccheck: true\n").diagnostics)[0] == "SC018"


def test_a_spec_that_is_not_there_is_told(load: Load, tmp_path: Path) -> None:
    loaded = load("speccheck: 1\n", path="there.yaml")
    assert loaded.spec is not None
    (tmp_path / "there.yaml").unlink()
    missing = load_spec("there.yaml", FakeDeclarations(), environ={})
    assert (codes(missing.diagnostics), missing.spec) == (["SC001"], None)
    assert codes(load_spec("a\0b", FakeDeclarations(), environ={}).diagnostics) == ["SC001"]


@pytest.mark.parametrize("count", [33, 1500])
def test_a_chain_of_includes_has_an_end(load: Load, count: int) -> None:
    files = {f"f{at}.yaml": f"include: [f{at + 1}.yaml]\n" for at in range(1, count)}
    loaded = load("speccheck: 1\ninclude: [f1.yaml]\n", files={**files, f"f{count}.yaml": "vars: {a: 1}\n"})
    assert codes(loaded.diagnostics) == ["SC405"]
    assert "deeper than 32 files" in loaded.diagnostics[0].message
    assert loaded.diagnostics[0].position is not None
    assert loaded.diagnostics[0].position.file.endswith("f31.yaml")


def test_a_chain_as_long_as_the_limit_is_read(load: Load) -> None:
    files = {f"f{at}.yaml": f"include: [f{at + 1}.yaml]\n" for at in range(1, 31)}
    loaded = load("speccheck: 1\ninclude: [f1.yaml]\n", files={**files, "f31.yaml": "vars: {a: 1}\n"})
    assert loaded.spec is not None
    assert loaded.spec.vars == {"a": 1}


@pytest.mark.parametrize("name", ["pipe", "/dev/zero"])
def test_pipes_and_devices_are_refused_at_once(load: Load, tmp_path: Path, name: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    spec = load_spec(str(tmp_path / name), FakeDeclarations(), environ={})
    assert codes(spec.diagnostics) == ["SC001"]
    assert f"{name}: not a regular file" in spec.diagnostics[0].message
    included = load(f"speccheck: 1\ninclude: [{name}]\n")
    assert codes(included.diagnostics) == ["SC401"]
    assert f"{name}: not a regular file" in included.diagnostics[0].message
