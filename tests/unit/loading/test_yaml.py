"""YAML to plain data: what is read, what is refused, and in which words."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import yaml

import speccheck.loading.yaml.events as parsing
from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.events import MAX_DEPTH, collector_paused, decode
from speccheck.loading.yaml.source import SourceFile, YList, YMap, plain
from speccheck.model.values import Json
from support.diagnosed import places


def read(text: str) -> tuple[Json, list[str]]:
    problems = Problems()
    value = read_yaml(SourceFile("f.yaml", text, Path("/")), problems)
    return plain(value), places(problems.sorted())


@pytest.fixture(params=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both parsers of PyYAML."""
    if request.param == "python":
        monkeypatch.setattr(yaml, "__with_libyaml__", False)
    return str(request.param)


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a: 1\nb: [x, {c: ~}]\n", {"a": 1, "b": ["x", {"c": None}]}),
        ("a: '1'\nb: \"2\"\nd: !!str 4\n", {"a": "1", "b": "2", "d": "4"}),
        ("a: !!float 1\nb: !!int 2\nc: !!seq [1]\n", {"a": 1.0, "b": 2, "c": [1]}),
        ("1: x\ntrue: y\n'': z\n", {"1": "x", "true": "y", "": "z"}),
        ("a: |\n  x\n  y\nb: >\n  x\n  y\n", {"a": "x\ny\n", "b": "x y\n"}),
        ("a: &x {b: 1}\nc: *x\n", {"a": {"b": 1}, "c": {"b": 1}}),
        ("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  c: 3\n", {"a": {"b": 1, "c": 2}, "d": {"b": 1, "c": 3}}),
        ("d:\n  <<: [{b: 1}, {b: 2, c: 4}]\n", {"d": {"b": 1, "c": 4}}),
        ("'<<': 1\n", {"<<": 1}),
        ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
        ("a: ${vars.x}\n", {"a": "${vars.x}"}),
        ("", None),
        ("# nothing\n", None),
    ],
)
def test_yaml_is_read(text: str, value: Json) -> None:
    assert read(text) == (value, [])


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("a: 1\na: 2\n", ["SC011 2:1"]),
        ("{a: 1, b: {c: 1, c: 2}}", ["SC011 1:18"]),
        ("a: !!python/object:os.system {}\n", ["SC013 1:4"]),
        ("a: !x 1\n", ["SC013 1:4"]),
        ("a: !!timestamp 2001-01-01\n", ["SC013 1:4"]),
        ("a: !!int x\n", ["SC012 1:4"]),
        ("? [a]\n: 1\n", ["SC010 1:3"]),
        (": 1\n", ["SC005 1:1"]),
        ("<<: 3\n", ["SC010 1:5"]),
        ("a: 1\n--- \nb: 2\n", ["SC008 2:1"]),
        ("a: *x\n", ["SC005 1:4"]),
        ("a: &x [*x]\n", ["SC009 1:4"]),
        ("a: {b: ${vars.x}}\n", ["SC007 1:8"]),
        ("a: [$clip[0]]\n", ["SC007 1:5"]),
        ("a: @x\n", ["SC005 1:4"]),
        ("a: 1\n\tb: 2\n", ["SC005 2:1"]),
        ("a: 'x\n", ["SC005 2:1"]),
        ("é: ü: ö\n", ["SC005 1:5"]),
        ("a: \x07\n", ["SC004 1:4"]),
        ("a: \u2028\n", ["SC004 1:4"]),
        ("a: \ufeff\n", ["SC004 1:4"]),
        ("a: 1e999\nb: 99999999999999999999\n", ["SC012 1:4", "SC012 2:4"]),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text: str, found: list[str]) -> None:
    assert read(text)[1] == found


@pytest.mark.usefixtures("parser")
def test_half_a_surrogate_pair_is_refused() -> None:
    assert [item.split()[0] for item in read('a: "\\ud800"\n')[1]] in (["SC004"], ["SC005"])


@pytest.mark.usefixtures("parser")
def test_depth_is_bounded() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH)[1] == []
    assert [item.split()[0] for item in read("[" * 5000)[1]] == ["SC006"]
    assert [item.split()[0] for item in read("{a: " * 5000)[1]] == ["SC006"]


def test_aliases_cannot_make_billions_of_values() -> None:
    levels = "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 20))
    assert read("a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + levels)[1] == ["SC009 1:1"]


def test_merges_cannot_make_billions_of_values() -> None:
    levels = "".join(f"a{n}: &a{n}\n  <<: [*a{n - 1}, *a{n - 1}]\n  k{n}: *a{n - 1}\n" for n in range(1, 40))
    assert read("a0: &a0 {x: 1}\n" + levels)[1] == ["SC009 1:1"]


def test_several_errors_of_one_document_come_at_once() -> None:
    assert read("a: !x 1\nb: 1\nb: 2\nc: 1e999\n")[1] == ["SC013 1:4", "SC011 3:1", "SC012 4:4"]


def test_bytes_that_are_not_utf_8_are_shown_with_their_place() -> None:
    problems = Problems()
    assert decode("é: 1\nb: ".encode() + b"\xff", "f.yaml", problems) is None
    assert places(problems.sorted()) == ["SC003 2:4"]


def test_a_byte_order_mark_is_dropped() -> None:
    assert decode(b"\xef\xbb\xbfa: 1", "f.yaml", Problems()) == "a: 1"


def test_a_file_may_not_be_too_large() -> None:
    problems = Problems()
    assert decode(b" " * (parsing.MAX_BYTES + 1), "f.yaml", problems) is None
    assert [item.code for item in problems.sorted()] == ["SC002"]


def test_the_collector_is_restored_after_an_error() -> None:
    def fail() -> None:
        with collector_paused():
            assert not gc.isenabled()
            raise ValueError

    assert gc.isenabled()
    with pytest.raises(ValueError):
        fail()
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_containers_are_those_of_python() -> None:
    value = read_yaml(SourceFile("f", "a: [1]\n", Path("/")), Problems())
    assert isinstance(value, YMap)
    assert isinstance(value["a"], YList)
    assert value == {"a": [1]}
    assert type(plain(value)) is dict
    assert type(plain(value)["a"]) is list
