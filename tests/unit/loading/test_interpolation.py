"""Phase 1: vars and matrix become values, here and env stay in portable form."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from speccheck.loading import Loaded
from speccheck.model.values import Json
from support.diagnosed import codes, places

Entry = Callable[..., Loaded]
Load = Callable[..., Loaded]

VARS = "vars: {n: 3, f: 0.5, t: true, s: text, none: null, list: [1, {k: v}], map: {a: {b: 7}}}\n"


def params(loaded: Loaded) -> dict[str, Json]:
    assert loaded.spec is not None, loaded.diagnostics
    return loaded.spec.entries[0].measurement.params


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("${vars.n}", 3),
        ("${ vars.f }", 0.5),
        ("${vars.list[0]}", 1),
        ("${vars.list[-1].k}", "v"),
        ("${vars.map.a.b}", 7),
        ('${vars["map"]["a"].b}', 7),
        ("n${vars.n} ${vars.f} ${vars.t} ${vars.s}!", "n3 0.5 true text!"),
        ("$${vars.n}", "$${vars.n}"),
        ("a $${b} ${vars.n}", "a $${b} 3"),
        ("${here}/x", "${here}/x"),
        ("${env.HOMELESS:-x}", "${env.HOMELESS:-x}"),
        ("cost: $5", "cost: $5"),
    ],
)
def test_values_keep_their_type_and_late_references_stay(entry: Entry, text: str, value: Json) -> None:
    loaded = entry(top=VARS, with_=f"{{value: 1, note: '{text}'}}", expect="{value: 1}")
    if isinstance(value, str):
        assert params(loaded)["note"] == value
        return
    assert codes(loaded.diagnostics) == ["SC105"]  # a note is text, and the number stayed a number
    assert params(entry(top=VARS, with_=f"{{value: '{text}'}}"))["value"] == value


def test_vars_may_use_vars_in_any_order(load: Load) -> None:
    loaded = load("speccheck: 1\nvars: {a: '${vars.b}/c', b: '${vars.d}', d: x}\n")
    assert loaded.spec is not None
    assert loaded.spec.vars == {"a": "x/c", "b": "x", "d": "x"}


@pytest.mark.parametrize(
    ("note", "found"),
    [
        ("${vars.m}", "SC302 6:27"),
        ("x${vars.map.c}", "SC302 6:28"),
        ("${vars.list[5]}", "SC302 6:27"),
        ("${vars}", "SC312 6:27"),
        ("${}", "SC312 6:27"),
        ("${vars.n", "SC312 6:27"),
        ("${nothing.x}", "SC301 6:27"),
        ("${n}", "SC301 6:27"),
        ("${env.NOT_SET}", "SC304 6:27"),
        ("${env}", "SC312 6:27"),
        ("a ${vars.n} ${vars.n} ${vars.list}", "SC305 6:49"),
        ("a ${vars.map}", "SC305 6:29"),
        ("a ${vars.none}", "SC305 6:29"),
        ("${matrix.a}", "SC306 6:27"),
        ("a ${output}", "SC310 6:29"),
    ],
)
def test_a_reference_without_value_is_shown_where_it_stands(entry: Entry, note: str, found: str) -> None:
    loaded = entry(top=VARS, with_=f"{{value: 1, note: '{note}'}}")
    assert places(loaded.diagnostics) == [found]
    assert loaded.spec is None


def test_a_suggestion_knows_that_vars_was_forgotten(entry: Entry) -> None:
    (found,) = entry(top="vars: {mode: fast}\n", with_="{value: 1, note: '${mode}'}").diagnostics
    assert found.hint == "did you mean '${vars.mode}'?"


def test_a_cycle_of_vars_is_named_once(load: Load) -> None:
    loaded = load("speccheck: 1\nvars:\n  a: ${vars.b}\n  b: x${vars.c}\n  c: ${vars.a}\n  d: ${vars.a}\n")
    assert codes(loaded.diagnostics) == ["SC303"]
    assert "a -> b -> c -> a" in loaded.diagnostics[0].message


def test_vars_are_checked_though_unused(load: Load) -> None:
    assert places(load("speccheck: 1\nvars: {a: '${vars.b}'}\n").diagnostics) == ["SC302 2:12"]


def test_a_reference_in_a_key_is_refused(entry: Entry) -> None:
    loaded = entry(top=VARS, with_="{value: 1}", expect="{'${vars.s}': 1}")
    assert places(loaded.diagnostics) == ["SC313 7:12"]


def test_a_variable_set_to_a_mapping_is_with(entry: Entry) -> None:
    loaded = entry(top="vars: {w: {value: 4, note: '${here}'}}\n", with_="${vars.w}")
    assert params(loaded) == {"value": 4, "note": "${here}"}


def test_parameters_are_checked_after_expansion(entry: Entry, load: Load) -> None:
    text = "speccheck: 1\nchecks:\n- {id: a, check: demo.files, with: {mode: '${env.MODE}'}, expect: {count: 1}}\n"
    good = load(text, environ={"MODE": "any"})
    assert params(good) == {"mode": "${env.MODE}"}
    bad = load(text, environ={"MODE": "secret-value"})
    assert places(bad.diagnostics) == ["SC105 3:43"]
    assert "secret-value" not in str(bad.diagnostics)
    assert places(load(text).diagnostics) == ["SC304 3:44"]


def test_the_digest_is_free_of_the_machine(load: Load) -> None:
    text = "speccheck: 1\ncode: src\nbaseline: b.json\nsubjects: {c: {audio: '${here}/a.wav'}}\nchecks:\n"
    text += "- {id: a, check: demo.sound, with: {reference: $c, estimate: $c}, expect: {snr_db: {min: baseline}}}\n"
    first, second = load(text, environ={"A": "1"}), load(text, path="other/place.yaml", environ={"A": "2"})
    assert first.spec is not None
    assert second.spec is not None
    assert first.spec.digest == second.spec.digest
    assert first.spec.entries[0].measurement == second.spec.entries[0].measurement
    assert first.spec.folder != second.spec.folder
    changed = load(text.replace("min: baseline", "min: baseline - 1"))
    assert changed.spec is not None
    assert changed.spec.digest != first.spec.digest
    assert changed.spec.entries[0].measurement == first.spec.entries[0].measurement


@pytest.mark.parametrize(
    "text",
    ['["${vars.@}", "${vars.@}"]', '{a: "${vars.@}", b: "${vars.@}"}', "x${vars.@}${vars.@}", '[["${vars.@}"]]'],
)
def test_variables_of_variables_cannot_make_billions_of_values(load: Load, text: str) -> None:
    lines = [f"  v{at}: {text.replace('@', f'v{at + 1}')}\n" for at in range(100)]
    loaded = load("speccheck: 1\nvars:\n" + "".join(lines) + "  v100: x\n")
    assert codes(loaded.diagnostics) == ["SC009"]
