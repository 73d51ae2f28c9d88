"""References in values."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.loading.references import (
    PLACEHOLDERS,
    LiteralText,
    MissingVariable,
    SubjectReference,
    definition_key,
    expand,
    literal,
    parse_placeholder,
    parse_reference,
    reached,
)
from speccheck.model.declaration import FieldKind
from speccheck.model.values import Json
from support.fake_declarations import FakeDeclarations

HERE = Path("/folder")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$clip", SubjectReference("clip")),
        ("$clip.samples[0]", SubjectReference("clip", (("attr", "samples"), ("item", 0)))),
        ("$clip[-1].x_1", SubjectReference("clip", (("item", -1), ("attr", "x_1")))),
        ('$clip["a.b"]', SubjectReference("clip", (("item", "a.b"),))),
        ("$clip['k']", SubjectReference("clip", (("item", "k"),))),
    ],
)
def test_a_reference_is_a_name_and_steps(text: str, expected: SubjectReference) -> None:
    assert parse_reference(text) == expected


@pytest.mark.parametrize(
    "text", ["", "clip", "$", "$$clip", "${vars.x}", "$5", "$clip.", "$clip[", "$clip[a]", "$a b", " $a", "$clip()"]
)
def test_other_text_is_no_reference(text: str) -> None:
    assert parse_reference(text) is None


@pytest.mark.parametrize(("text", "value"), [("$$x", "$x"), ("$$", "$"), ("$x", "$x"), ("x$$y", "x$$y"), ("", "")])
def test_two_dollars_are_one(text: str, value: str) -> None:
    assert literal(text) == value


@pytest.mark.parametrize("name", sorted(PLACEHOLDERS))
def test_a_placeholder_is_a_whole_value(name: str) -> None:
    assert parse_placeholder(f"${{{name}}}") == SubjectReference(name)
    assert parse_placeholder(f"${{ {name}.x[0] }}") == SubjectReference(name, (("attr", "x"), ("item", 0)))
    assert parse_placeholder(f"a ${{{name}}}") is None


@pytest.mark.parametrize("text", ["${vars.output}", "${outputs}", "$${output}", "$output", "${output", "${output.}"])
def test_other_text_is_no_placeholder(text: str) -> None:
    assert parse_placeholder(text) is None


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("${here}/a", "/folder/a"),
        ("${env.A}", "1"),
        ("x${env.A}y${env.B:-2}", "x1y2"),
        ("${env.EMPTY:-d}", "d"),
        ("${env.B:-}", ""),
        ("$${here}", "${here}"),
        ("${output.x}", "${output.x}"),
        ("plain", "plain"),
        ({"a": ["${env.A}", 3, None]}, {"a": ["1", 3, None]}),
    ],
)
def test_expansion_replaces_here_and_env_and_leaves_placeholders(value: Json, expected: Json) -> None:
    assert expand(value, HERE, {"A": "1", "EMPTY": ""}) == expected


def test_a_variable_that_is_not_set_is_named() -> None:
    with pytest.raises(MissingVariable) as caught:
        expand(["${env.NOT_THERE}"], HERE, {})
    assert caught.value.name == "NOT_THERE"


@pytest.mark.parametrize("hostile", ["$clip", "${output}", "${here}", "$${x}", "$$x"])
def test_what_comes_from_the_environment_is_no_reference(hostile: str) -> None:
    text = expand("${env.A}", HERE, {"A": hostile})
    assert text == hostile
    assert isinstance(text, LiteralText)
    assert parse_reference(text) is None
    assert parse_placeholder(text) is None
    assert literal(text) == hostile
    assert expand(text, HERE, {}) == hostile


def test_what_is_escaped_is_no_placeholder() -> None:
    assert parse_placeholder(expand("$${output}", HERE, {})) is None


@given(st.text(alphabet="$ab{}.[]0\"' "))
def test_any_text_is_parsed_or_not(text: str) -> None:
    assert parse_reference(text) is None or text.startswith("$")
    assert parse_placeholder(text) is None or text.startswith("${")
    assert isinstance(literal(text), str)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ({"audio": "a.wav"}, "audio"),
        ({"audio": "a.wav", "device": "cpu", "seed": 3}, "audio"),
        ({"tensor": "float32[3]", "normal": [0, 1]}, "tensor"),
        ({"function": "$uti.encode", "args": []}, "function"),
        ({"audio": 3}, None),
        ({"audio": "a.wav", "normal": [0, 1]}, None),
        ({"audio": "a.wav", "json": "b.json"}, None),
        ({"rate": 16000}, None),
        ({}, None),
    ],
)
def test_a_definition_has_one_loader_and_only_its_keys(value: dict[str, Json], name: str | None) -> None:
    assert definition_key(value, FakeDeclarations()) == name


DEFINITIONS: dict[str, Json] = {
    "uti": {"target": "m:f", "args": {"config": "$config"}},
    "config": {"json": "c.json"},
    "clip": {"audio": "a.wav"},
    "rebuilt": {"expr": "[uti.decode(config) for config in uti.encode(clip)]"},
    "lonely": {"tensor": "float32[1]"},
}


@pytest.mark.parametrize(
    ("value", "kind", "names"),
    [
        ("$clip.samples", "live", {"clip"}),
        ("$uti", "fresh", {"uti", "config"}),
        ("$rebuilt", "live", {"rebuilt", "uti", "config", "clip"}),
        ({"a": "$clip", "b": ["$lonely"]}, "live_mapping", {"clip", "lonely"}),
        ({"expr": "lonely + 1"}, "live", {"lonely"}),
        ({"expr": "lonely + 1"}, "live_mapping", set()),
        ({"function": "m:f", "args": {"expr": "$clip"}}, "live", {"clip"}),
        ("$$clip", "live", set()),
        ("$unknown", "live", set()),
        ("$clip", "plain", set()),
    ],
)
def test_parameters_reach_subjects_through_each_other(value: Json, kind: FieldKind, names: set[str]) -> None:
    assert reached({"p": value}, {"p": kind}, DEFINITIONS, FakeDeclarations()) == names
