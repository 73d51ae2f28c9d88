"""``--set path=value``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from speccheck.loading import Loaded
from speccheck.model.values import Json
from support.diagnosed import codes

Load = Callable[..., Loaded]

SPEC = """
speccheck: 1
vars: {mode: fast, deep: {a: [1, 2]}, shared: &s {value: 5}}
subjects:
  clip: {target: "m:${vars.mode}", args: {rate: 3}}
checks:
- id: a
  check: demo.number
  with: {value: 1}
  expect: {value: {max: 3}, double: 4}
- id: b.c
  check: demo.tensors
  with: {tensors: {out: $clip}}
  expect: {tensors.out: {shape: "[B]"}, 'finite["out"]': true}
- id: m
  check: demo.number
  matrix: {n: [1, 2]}
  with: {value: "${matrix.n}"}
  expect: {value: {max: 3}}
- {id: s1, check: demo.number, with: *s, observe: true}
- {id: s2, check: demo.number, with: *s, observe: true}
"""


def overridden(load: Load, *overrides: str) -> Loaded:
    return load(SPEC, overrides=overrides)


def at(loaded: Loaded, entry: str) -> tuple[Json, Json]:
    assert loaded.spec is not None, loaded.diagnostics
    found = next(item for item in loaded.spec.entries if item.id == entry)
    return found.measurement.params, found.expect


def test_a_constraint_a_parameter_and_a_variable_are_replaced(load: Load) -> None:
    loaded = overridden(load, "checks.a.expect.value.max=7.5", "checks.a.with.value=2", "vars.mode=slow")
    assert at(loaded, "a") == ({"value": 2}, {"value": {"max": 7.5}, "double": 4})
    assert loaded.spec is not None
    assert loaded.spec.subjects["clip"]["target"] == "m:slow"


@pytest.mark.parametrize(
    ("override", "expect"),
    [
        ("checks.a.expect.value.min=1", {"value": {"max": 3, "min": 1}, "double": 4}),
        ("checks.a.expect.double=5", {"value": {"max": 3}, "double": 5}),
        ("checks.a.expect.double={max: 9, why: 'a = b'}", {"value": {"max": 3}, "double": {"max": 9, "why": "a = b"}}),
        ("checks.a.expect={value: 1}", {"value": 1}),
        ("checks.a.expect.value.max=checks.m.value", None),
    ],
)
def test_expectations_can_be_changed(load: Load, override: str, expect: Json) -> None:
    loaded = overridden(load, override)
    if expect is None:
        assert codes(loaded.diagnostics) == ["SC213"]
        assert loaded.diagnostics[0].position is None
        return
    assert at(loaded, "a")[1] == expect


@pytest.mark.parametrize(
    ("override", "expect"),
    [
        ('checks["b.c"].expect["tensors.out"].shape="[N]"', "[N]"),
        ("checks.b.c.expect.tensors.out.shape='[N]'", "[N]"),
        ("checks['b.c'].expect.tensors.out.shape='[N]'", "[N]"),
    ],
)
def test_ids_and_metrics_with_dots_are_found(load: Load, override: str, expect: str) -> None:
    assert at(overridden(load, override), "b.c")[1]["tensors.out"] == {"shape": expect}


def test_one_cell_can_be_changed(load: Load) -> None:
    loaded = overridden(load, 'checks["m[n=2]"].expect.value.max=9')
    assert at(loaded, "m[n=1]")[1] == {"value": {"max": 3}}
    assert at(loaded, "m[n=2]")[1] == {"value": {"max": 9}}
    every = overridden(load, "checks.m.expect.value.max=8")
    assert [at(every, f"m[n={n}]")[1] for n in (1, 2)] == [{"value": {"max": 8}}] * 2


def test_what_an_alias_shares_is_changed_in_one_place(load: Load) -> None:
    loaded = overridden(load, "checks.s1.with.value=6")
    assert (at(loaded, "s1")[0], at(loaded, "s2")[0]) == ({"value": 6}, {"value": 5})


def test_keys_that_may_be_there_can_be_added(load: Load, tmp_path: Path) -> None:
    loaded = overridden(
        load,
        "baseline=other.json",
        "title=New",
        "defaults.seed=4",
        "checks.a.timeout=2m",
        "checks.a.with.scale=3",
        "vars.deep.a.1=7",
        "subjects.clip.args.rate=5",
        "redact=[TOKEN]",
    )
    assert loaded.spec is not None, loaded.diagnostics
    spec = loaded.spec
    assert (spec.baseline, spec.title, spec.redact) == (str(tmp_path / "other.json"), "New", ("TOKEN",))
    assert at(loaded, "a")[0] == {"value": 1, "scale": 3}
    assert (spec.entries[0].timeout, spec.entries[0].measurement.seed) == (120.0, 4)
    assert spec.vars["deep"] == {"a": [1, 7]}
    assert spec.subjects["clip"]["args"] == {"rate": 5}


@pytest.mark.parametrize(
    ("override", "code"),
    [
        ("checks.aa.expect.value.max=1", "SC505"),
        ("checks.a.expect.valeu.max=1", "SC505"),
        ("checks.a.expct.value.max=1", "SC505"),
        ("checks.a.expect.double.max=1", "SC505"),
        ("checks.a=1", "SC505"),
        ("checks=1", "SC505"),
        ("checks.a.id=b", "SC505"),
        ("checks.a.check=demo.files", "SC505"),
        ('checks["m[n=3]"].seed=1', "SC505"),
        ('checks["a[n=3]"].seed=1', "SC505"),
        ("vars.none=1", "SC505"),
        ("vars=1", "SC505"),
        ("vars.deep.b=1", "SC505"),
        ("vars.deep.a.2=1", "SC505"),
        ("vars.deep.a.x=1", "SC505"),
        ("vars.mode.x=1", "SC505"),
        ("subjects.clip.weights=1", "SC505"),
        ("defaults.sed=1", "SC505"),
        ("speccheck=2", "SC505"),
        ("nothing=1", "SC505"),
        ("checks.a.expect.value.max", "SC506"),
        ("=1", "SC506"),
        ("a b=1", "SC506"),
        ("", "SC506"),
        ("vars.mode=[1", "SC005"),
        ("vars.mode={a: ${vars.x}}", "SC007"),
        ("vars.mode='${vars.none}'", "SC302"),
        ("checks.a.with.valeu=1", "SC103"),
        ("checks.a.with.value=x", "SC105"),
        ("checks.a.expect.value.mx=1", "SC201"),
        ("checks.a.timeout=soon", "SC019"),
    ],
)
def test_a_wrong_override_is_named_and_has_no_position(load: Load, override: str, code: str) -> None:
    loaded = overridden(load, override)
    assert codes(loaded.diagnostics) == [code]
    assert loaded.spec is None
    assert loaded.diagnostics[0].position is None
    assert override in loaded.diagnostics[0].message


def test_an_unknown_path_has_a_suggestion(load: Load) -> None:
    (found,) = overridden(load, "checks.a.expect.valeu.max=1").diagnostics
    assert found.hint == "did you mean 'value'?"


@pytest.mark.parametrize(("text", "value"), [("1e-3", 0.001), ("true", True), ("'1'", "1"), ("a=b", "a=b")])
def test_the_value_is_yaml(load: Load, text: str, value: Json) -> None:
    loaded = overridden(load, f"vars.mode={text}")
    assert loaded.spec is not None
    assert loaded.spec.vars["mode"] == value


@pytest.mark.parametrize("text", ["", "{x: [1]}"])
def test_a_value_that_is_no_scalar_is_one_in_text_neither(load: Load, text: str) -> None:
    assert codes(overridden(load, f"vars.mode={text}").diagnostics) == ["SC305"]
