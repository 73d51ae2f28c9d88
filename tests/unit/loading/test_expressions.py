"""The rules of expressions, and that reading a spec and building it apply the same ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.loading import Loaded, load_spec
from speccheck.loading.expressions import ExpressionError, first_use, free_names, unknown_names
from speccheck.registry import discover
from speccheck.sdk import SubjectError
from speccheck.subjects import SubjectFactory

Load = Callable[..., Loaded]


def test_names_of_an_expression_are_its_free_names() -> None:
    assert free_names("[x + y for x in z if (w := x)] or (lambda q: q + r)") == {"y", "z", "r"}
    assert free_names("f('${here}/a', ${env.A})") == {"f"}
    assert free_names("[y := 1, (lambda: y)()]") == set()


@pytest.mark.parametrize(
    ("text", "offset"), [("a = 1", 2), ("(x + 1", 0), ("  f(x))", 6), ("1 +", None), ("import os", 0), ("", None)]
)
def test_an_error_of_syntax_has_its_place(text: str, offset: int | None) -> None:
    with pytest.raises(ExpressionError) as caught:
        free_names(text)
    assert caught.value.offset == offset


@given(st.text())
def test_any_text_is_an_expression_or_an_error(text: str) -> None:
    try:
        names = free_names(text)
    except ExpressionError as error:
        assert str(error)
        assert error.offset is None or 0 <= error.offset < max(1, len(text))
    else:
        for name in names:
            at = first_use(text, name)
            assert at is None or 0 <= at < len(text)


@pytest.mark.parametrize(
    ("text", "name", "at"),
    [
        ("a.b + b", "b", 6),
        ("[b for a in c] + [a]", "a", 7),
        ("'é' + é", "é", 6),
        ("f(${env.N}, x)", "x", 12),
        (" (1 +\n  name)", "name", 8),
        ("x", "y", None),
    ],
)
def test_the_first_use_of_a_name(text: str, name: str, at: int | None) -> None:
    assert first_use(text, name) == at


def test_subjects_modules_and_listed_functions_may_be_used() -> None:
    assert unknown_names(["clip", "np", "len", "print", "open"], {"clip": None}) == ["open", "print"]


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        ("hash('a')", False),
        ("print(1)", False),
        ("one + None", True),
        ("math.sqrt(max(one, 4))", True),
        ("[y := 1, (lambda: y)()]", True),
        ("__import__('os')", False),
        ("one + tow", False),
        ("one = 2", False),
        ("ValueError", False),
    ],
)
def test_validate_accepts_what_run_accepts(tmp_path: Path, text: str, accepted: bool) -> None:
    path = tmp_path / "spec.yaml"
    path.write_text(f'speccheck: 1\nsubjects: {{one: {{expr: "1"}}, x: {{expr: "{text}"}}}}\n', "utf-8")
    registry = discover()
    codes = [item.code for item in load_spec(str(path), registry, environ={}).diagnostics]
    assert ("SC311" in codes or "SC314" in codes) is not accepted
    factory = SubjectFactory(
        code={}, folder=tmp_path, seed=0, environ={}, loader=registry.load_loader, declarations=registry
    )
    refused = ""
    with factory:
        try:
            factory.scope({"one": {"expr": "1"}, "x": {"expr": text}}).get("x")
        except SubjectError as error:
            refused = str(error)
    assert ("in expr is not" in refused or "is not one Python expression" in refused) is not accepted


def test_an_expression_is_checked_again_with_the_values_of_a_cell(load: Load) -> None:
    lines = [
        "speccheck: 1",
        "subjects:",
        "  made: {expr: '${matrix.of}(1)'}",
        "  named: {expr: 'model_${matrix.of} + made'}",
        "  model_str: {expr: '1'}",
        "checks:",
        "- id: a",
        "  check: demo.repeat",
        "  matrix: {of: [str, hash]}",
        "  with: {call: $named}",
        "  observe: true",
    ]
    found = [(str(item.position), item.message) for item in load("\n".join(lines)).diagnostics]
    assert found == [
        ("spec.yaml:3:16", "an expression cannot use 'hash'"),
        ("spec.yaml:4:17", "an expression cannot use 'model_hash'"),
    ]
