"""Diagnostics as text, and the table of codes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import speccheck.judge
import speccheck.loading
from speccheck.loading import diagnostic_codes, render_diagnostics
from speccheck.loading.codes import explain_code
from speccheck.model.diagnostic import Diagnostic, Position
from support.fake_declarations import FakeDeclarations


def test_a_diagnostic_looks_as_in_the_design() -> None:
    diagnostic = Diagnostic(
        code="SC102",
        message="unknown metric 'max_eror' of check roundtrip.exact",
        position=Position("specs/stage3.yaml", 14, 7),
        hint="did you mean 'max_error'?",
        source="      max_eror: 0",
        length=8,
    )
    assert render_diagnostics([diagnostic]) == (
        "specs/stage3.yaml:14:7: error[SC102]: unknown metric 'max_eror' of check roundtrip.exact\n"
        "   14 |       max_eror: 0\n"
        "      |       ^^^^^^^^ did you mean 'max_error'?\n"
        "1 error; nothing was run. speccheck explain SC102"
    )


def test_nothing_is_nothing() -> None:
    assert render_diagnostics([]) == ""


def test_errors_and_warnings_are_counted_and_the_first_error_is_explained() -> None:
    found = [
        Diagnostic("SC601", "vacuous", severity="warning"),
        Diagnostic("SC505", "no such path (from --set a=1)", hint="did you mean 'b'?"),
        Diagnostic("SC506", "not an override"),
    ]
    assert render_diagnostics(found) == (
        "warning[SC601]: vacuous\n"
        "error[SC505]: no such path (from --set a=1)\n"
        "      | did you mean 'b'?\n"
        "error[SC506]: not an override\n"
        "2 errors, 1 warning; nothing was run. speccheck explain SC505"
    )
    assert render_diagnostics(found[:1]).splitlines()[-1] == "1 warning. speccheck explain SC601"


@pytest.mark.parametrize(
    ("source", "column", "length", "under"),
    [
        ("a: bcd", 4, 3, "   ^^^"),
        ("\ta: b", 5, 1, "\t   ^"),
        ("漢: b", 4, 1, "    ^"),
        ("a: 漢字", 4, 2, "   ^^^^"),
        ("e\u0301: b", 5, 1, "   ^"),
        ("a:", 3, 1, "  ^"),
    ],
)
def test_carets_stand_under_what_they_mean(source: str, column: int, length: int, under: str) -> None:
    found = Diagnostic("SC015", "m", Position("f", 1, column), source=source, length=length)
    assert render_diagnostics([found]).splitlines()[2] == f"      | {under}"


def test_a_long_line_is_cut_around_the_place() -> None:
    source = "x" * 300 + "HERE" + "y" * 300
    lines = render_diagnostics([Diagnostic("SC015", "m", Position("f", 1, 301), source=source, length=4)]).splitlines()
    start = lines[2].index("^")
    assert lines[1][start : start + 4] == "HERE"
    assert len(lines[1]) < 200


def test_nothing_moves_the_cursor() -> None:
    found = Diagnostic("SC004", "bad \x1b[31m", Position("f\x07", 1, 1), hint="\x9b", source="\x1b]0;x\u202e", length=1)
    text = render_diagnostics([found])
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", text.replace("\n", ""))


def emitted(package: str | None) -> set[str]:
    assert package is not None
    texts = [path.read_text() for path in Path(package).parent.rglob("*.py")]
    return {code for text in texts for code in re.findall(r"SC[0-9]{3}", text)}


def test_every_code_that_is_emitted_is_explained() -> None:
    assert emitted(speccheck.loading.__file__) | emitted(speccheck.judge.__file__) <= set(diagnostic_codes())


def test_lists_in_explanations_are_what_is_registered() -> None:
    declarations = FakeDeclarations()
    for name in diagnostic_codes():
        explained = explain_code(name, declarations.loader_names)
        assert explained is not None
        assert explained.startswith(f"{name}: ")
        assert not re.search(r"(?<!\$)\{[a-z_]+\}", explained.split("\n\n")[1])
    assert f"installed: {', '.join(declarations.loader_names())}." in str(
        explain_code("SC108", declarations.loader_names)
    )
    assert all(name in str(explain_code("SC201", declarations.loader_names)) for name in speccheck.judge.CONSTRAINTS)
    assert explain_code("SC999", declarations.loader_names) is None


def test_every_code_says_what_it_is_and_what_to_do() -> None:
    for name, code in diagnostic_codes().items():
        assert re.fullmatch("SC[0-8][0-9]{2}", name)
        assert code.title
        assert code.explanation.endswith(".")
        assert code.remedy.endswith((".", "]"))
    assert list(diagnostic_codes()) == sorted(diagnostic_codes())
