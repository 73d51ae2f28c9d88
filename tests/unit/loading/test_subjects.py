"""Definitions of subjects and live values."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from speccheck.loading import Loaded
from support.diagnosed import codes, places

Load = Callable[..., Loaded]


def subject(load: Load, definition: str, more: str = "") -> Loaded:
    return load(f"speccheck: 1\nsubjects:\n  x: {definition}\n  clip: {{audio: a.wav}}\n{more}")


@pytest.mark.parametrize(
    "definition",
    [
        "{audio: a.wav, device: cpu, dtype: float32, seed: 3}",
        "{target: 'm:f', args: [1, $clip], kwargs: {a: $clip.samples}}",
        "{target: 'm:f', weights: {file: a.pt, key: model, strip: module., strict: false}}",
        "{target: 'm:f', weights: {file: a.pt, missing: [head.*], unexpected: ['ema.*']}}",
        "{function: $clip.play, args: {a: '${output}', b: ['${batch.x[0]}']}}",
        "{expr: 'len([s for s in clip.samples]) + np.pi'}",
        "{tensor: 'float32[3]', normal: [0, 1]}",
        "{target: 'm:f', args: [{function: 'm:g', args: ['${output}']}]}",
        "{target: 'm:f', args: {target: $clip, expr: 'not python'}}",
        "{target: 'm:f', args: [{audio: b.wav}, '$$money', '$${output}', '${here}/x']}",
    ],
)
def test_good_definitions_are_kept(load: Load, definition: str) -> None:
    loaded = subject(load, definition)
    assert loaded.spec is not None, loaded.diagnostics
    assert set(loaded.spec.subjects) == {"x", "clip"}


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ('$config["lr"]', []),
        ("$config[0]", []),
        ("$config.keys", []),  # a method of every mapping
        ("$clip.lr", []),  # what a sound has, its loader does not say
        ("$config.lr", ["SC315"]),
        ('$config["model"].depth', ["SC315"]),
        ("$config[0].depth", ["SC315"]),
    ],
)
def test_a_key_of_plain_data_is_no_attribute(load: Load, reference: str, found: list[str]) -> None:
    loaded = subject(load, f"{{target: 'm:f', args: {{a: '{reference}'}}}}", "  config: {json: a.json}\n")
    assert [code for code in codes(loaded.diagnostics) if code != "SC607"] == found  # 607: there are no entries


@pytest.mark.parametrize(
    ("definition", "found"),
    [
        ("3", ["SC108 3:6"]),
        ("$clip", ["SC108 3:6"]),
        ("{}", ["SC108 3:6"]),
        ("{adio: a.wav}", ["SC108 3:7"]),
        ("{device: cpu}", ["SC108 3:6"]),
        ("{audio: a.wav, json: b.json}", ["SC109 3:21"]),
        ("{audio: a.wav, rate: 16000}", ["SC110 3:21"]),
        ("{target: 'm:f', args: {a: 1}, kwargs: {b: 2}}", ["SC110 3:36"]),
        ("{audio: 3}", ["SC111 3:14"]),
        ("{tensor: 'float32[3]', normal: [0, x]}", ["SC111 3:41"]),
        ("{target: 'm:f', weights: {path: a}}", ["SC111 3:31", "SC111 3:32"]),
        ("{target: 'm:f', seed: -1}", ["SC111 3:28"]),
        ("{target: 'm:f', args: [$clp]}", ["SC307 3:29"]),
        ("{target: 'm:f', args: {a: {b: [$clp.samples]}}}", ["SC307 3:37"]),
        ("{target: 'm:f', args: ['$clip.']}", ["SC308 3:29"]),
        ("{target: 'm:f', args: ['${output}']}", ["SC310 3:29"]),
        ("{expr: 'x = 1'}", ["SC311 3:16"]),
        ("{expr: 'clp.samples'}", ["SC314 3:14"]),
        ("{expr: 'str(clip) + clp.samples'}", ["SC314 3:26"]),
        ("{expr: \"hash('a') + len(dir())\"}", ["SC314 3:14", "SC314 3:30"]),
        ("{target: 'm:f', code: new}", ["SC113 3:28"]),
        ("{target: 'm:f', args: [{tensor: 'f[1]', normal: [0]}]}", ["SC111 3:54"]),
        ("{target: 'm:f', override: 1}", ["SC017 3:32"]),
    ],
)
def test_wrong_definitions_are_shown_where_they_are_wrong(load: Load, definition: str, found: list[str]) -> None:
    assert places(subject(load, definition).diagnostics) == found


@pytest.mark.parametrize("name", ["a-b", "1a", "class", "a b"])
def test_an_expression_must_be_able_to_name_a_subject(load: Load, name: str) -> None:
    assert codes(load(f"speccheck: 1\nsubjects: {{'{name}': {{audio: a.wav}}}}\n").diagnostics)[:1] == ["SC112"]


def test_a_cycle_of_subjects_is_named(load: Load) -> None:
    text = "speccheck: 1\nsubjects:\n  a: {expr: b + 1}\n  b: {target: 'm:f', args: [$c.x]}\n  c: {expr: 'a'}\n"
    (found,) = load(text).diagnostics
    assert found.code == "SC309"
    assert "a -> b -> c -> a" in found.message


def test_a_code_folder_is_named_by_the_spec(load: Load) -> None:
    text = "speccheck: 1\ncode: {old: a, new: b}\nsubjects: {x: {target: 'm:f', code: old}}\n"
    loaded = load(text, files={"a/x": "", "b/x": ""})
    assert loaded.spec is not None
    assert list(loaded.spec.code) == ["old", "new"]
    assert loaded.spec.code["old"].endswith("/a")
    assert codes(load(text.replace("code: old}", "code: odl}")).diagnostics) == ["SC113"]


LIVE = "speccheck: 1\nsubjects: {clip: {audio: a.wav}, enc: {expr: clip.encode}}\nchecks:\n- id: a\n"


@pytest.mark.parametrize(
    ("check", "found", "reached"),
    [
        ("check: demo.repeat\n  with: {call: $enc}\n  expect: {identical: true}", [], {"clip", "enc"}),
        ("check: demo.repeat\n  with: {call: {expr: clip + 1}}\n  expect: {identical: true}", [], {"clip"}),
        ("check: demo.repeat\n  with: {call: plain}\n  expect: {identical: true}", [], set()),
        ("check: demo.repeat\n  with: {call: {rate: 3}}\n  expect: {identical: true}", [], set()),
        ("check: demo.repeat\n  with: {call: $encc}\n  expect: {identical: true}", ["SC307 6:16"], None),
        ("check: demo.repeat\n  with: {call: $enc.}\n  expect: {identical: true}", ["SC308 6:16"], None),
        ("check: demo.repeat\n  with: {call: '${output}'}\n  expect: {identical: true}", ["SC310 6:16"], None),
        (
            "check: demo.repeat\n  with: {call: {tensor: 'f[1]', norml: [0, 1]}}\n  expect: {identical: true}",
            ["SC110 6:33"],
            None,
        ),
        (
            "check: demo.repeat\n  with: {call: {audio: x, zzz: 1}}\n  expect: {identical: true}",
            ["SC605 6:27"],
            set(),
        ),
        ("check: demo.tensors\n  with: {tensors: {audio: $clip}}\n  expect: {finite.audio: true}", [], {"clip"}),
        ("check: demo.tensors\n  with: {tensors: {a: $clp}}\n  expect: {finite.a: true}", ["SC307 6:23"], None),
        (
            "check: demo.tensors\n  with: {tensors: {a: 1}, among: [$clp]}\n  expect: {finite.a: true}",
            ["SC307 6:35"],
            None,
        ),
        ("check: demo.number\n  with: {value: 1, note: $clip}\n  expect: {value: 1}", ["SC603 6:26"], set()),
        ("check: demo.number\n  with: {value: 1, note: $money}\n  expect: {value: 1}", [], set()),
    ],
)
def test_live_parameters_are_checked(load: Load, check: str, found: list[str], reached: set[str] | None) -> None:
    loaded = load(f"{LIVE}  {check}\n")
    assert places(loaded.diagnostics) == found
    assert (None if loaded.spec is None else set(loaded.spec.entries[0].measurement.subjects)) == reached


def test_an_override_set_default_seed_is_part_of_what_is_measured(load: Load) -> None:
    text = f"{LIVE}  check: demo.repeat\n  with: {{call: {{expr: enc(clip)}}}}\n  expect: {{identical: true}}\n"
    plain, seeded = load(text).spec, load(text + "defaults: {seed: 5}\n").spec
    assert plain is not None
    assert seeded is not None
    assert (plain.seed, seeded.seed) == (0, 5)
    assert plain.entries[0].measurement.subjects["clip"] == {"audio": "a.wav"}
    assert seeded.entries[0].measurement.subjects["clip"] == {"audio": "a.wav", "seed": 5}
    assert seeded.entries[0].measurement.params["call"] == {"expr": "enc(clip)", "seed": 5}
    own = load(text.replace("a.wav", "a.wav, seed: 9") + "  seed: 0\ndefaults: {seed: 5}\n").spec
    assert own is not None
    assert own.entries[0].measurement.subjects["clip"]["seed"] == 9
