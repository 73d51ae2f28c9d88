"""Matrix, needs, and references between entries."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from speccheck.loading import Loaded
from support.diagnosed import codes, marked

Load = Callable[..., Loaded]
NUMBER = "check: demo.number, with: {value: 1}, observe: true"


def entries(load: Load, *lines: str, top: str = "") -> Loaded:
    return load(f"speccheck: 1\n{top}checks:\n" + "".join(f"- {{{line}}}\n" for line in lines))


def test_cells_come_in_spec_order_with_their_values(load: Load) -> None:
    loaded = entries(
        load,
        "id: p, title: 'n ${matrix.n}', section: 'Size ${matrix.size.v}', check: demo.number, seed: '${matrix.n}', "
        "matrix: {n: [1, 2], size: {small: {v: 10}, large: {v: 20}}}, "
        "with: {value: '${matrix.size.v}'}, expect: {value: {max: '${matrix.n}'}}",
    )
    assert loaded.spec is not None, loaded.diagnostics
    cells = loaded.spec.entries
    assert [cell.id for cell in cells] == [
        "p[n=1,size=small]",
        "p[n=1,size=large]",
        "p[n=2,size=small]",
        "p[n=2,size=large]",
    ]
    assert {cell.base for cell in cells} == {"p"}
    assert [cell.measurement.params["value"] for cell in cells] == [10, 20, 10, 20]
    assert [cell.measurement.seed for cell in cells] == [1, 1, 2, 2]
    assert [cell.expect["value"]["max"] for cell in cells] == [1, 1, 2, 2]
    assert [cell.title for cell in cells] == ["n 1", "n 1", "n 2", "n 2"]
    assert [cell.section for cell in cells] == ["Size 10", "Size 20", "Size 10", "Size 20"]
    assert cells[0].cell == {"n": 1, "size": {"v": 10}}


def test_a_subject_is_defined_per_cell(load: Load) -> None:
    top = "subjects: {t: {tensor: 'float32[${matrix.n}]', normal: [0, 1]}, u: {expr: t + 1}}\n"
    loaded = entries(
        load,
        "id: p, check: demo.repeat, matrix: {n: [1, 2]}, with: {call: $u}, observe: true",
        "id: q, check: demo.repeat, with: {call: 1}, observe: true",
        top=top,
    )
    assert loaded.spec is not None, loaded.diagnostics
    tensors = [cell.measurement.subjects.get("t", {}).get("tensor") for cell in loaded.spec.entries]
    assert tensors == ["float32[1]", "float32[2]", None]
    assert loaded.spec.subjects["t"]["tensor"] == "float32[${matrix.n}]"
    digests = {cell.measurement.digest() for cell in loaded.spec.entries}
    assert len(digests) == 3
    wrong = entries(load, "id: p, check: demo.repeat, with: {call: $u}, observe: true", top=top)
    assert marked(wrong.diagnostics) == ["SC306 {call: $u}"]


@pytest.mark.parametrize(
    ("matrix", "found"),
    [
        ("{}", ["SC501 {}"]),
        ("{a: []}", ["SC501 []"]),
        ("{a: {}}", ["SC501 {}"]),
        ("{a: }", ["SC501 }"]),
        ("{a: 3}", ["SC502 3"]),
        ("{a: [1, 1]}", ["SC502 1"]),
        ("{a: [[1], [2]]}", ["SC502 [1]", "SC502 [2]"]),
        ("{'a b': [1]}", ["SC502 'a b'"]),
        ("{a: [1], bb: [2]}", ["SC602 bb"]),
        ("{a: '${vars.none}'}", ["SC302 ${vars.none}"]),
    ],
)
def test_an_axis_that_makes_no_cells_is_an_error(load: Load, matrix: str, found: list[str]) -> None:
    line = f"id: p, matrix: {matrix}, check: demo.number, with: {{value: 1, note: 'x${{matrix.a}}'}}, observe: true"
    assert marked(entries(load, line).diagnostics) == found


def test_an_axis_may_come_from_vars(load: Load) -> None:
    line = "id: p, matrix: {a: '${vars.sizes}'}, check: demo.number, with: {value: '${matrix.a}'}, observe: true"
    loaded = entries(load, line, top="vars: {sizes: [1, 2.5, -3]}\n")
    assert loaded.spec is not None
    assert [cell.id for cell in loaded.spec.entries] == ["p[a=1]", "p[a=2.5]", "p[a=-3]"]


def test_matrix_stands_where_the_design_lets_it(load: Load) -> None:
    line = "id: p, matrix: {a: [1]}, check: demo.number, with: {value: '${matrix.a}'}, observe: true"
    assert codes(entries(load, f"{line}, tags: ['${{matrix.a}}']").diagnostics) == ["SC306"]
    assert codes(entries(load, f"{line}, title: '${{matrix.b}}'").diagnostics) == ["SC306"]


def test_too_many_cells_are_refused(load: Load) -> None:
    axis = "[" + ", ".join(map(str, range(101))) + "]"
    line = f"id: p, matrix: {{a: {axis}, b: {axis}}}, {NUMBER}"
    assert codes(entries(load, line).diagnostics) == ["SC502"]


def test_a_need_means_every_cell(load: Load) -> None:
    loaded = entries(
        load,
        f"id: p, matrix: {{a: [1, 2]}}, seed: '${{matrix.a}}', {NUMBER}",
        f"id: q, needs: p, {NUMBER}",
        f"id: r, needs: [q, 'p[a=2]'], {NUMBER}",
        f"id: s, matrix: {{a: [1, 2]}}, needs: ['p[a=${{matrix.a}}]'], {NUMBER}",
    )
    assert loaded.spec is not None, loaded.diagnostics
    needs = {entry.id: entry.needs for entry in loaded.spec.entries}
    assert needs["q"] == ("p[a=1]", "p[a=2]")
    assert needs["r"] == ("q", "p[a=2]")
    assert needs["s[a=1]"] == ("p[a=1]",)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (["id: abc, needs: abd"], ["SC503 abd"]),
        (["id: abc, needs: [x, abc]"], ["SC503 x", "SC504 abc"]),
        (["id: a, needs: b", "id: b, needs: c", "id: c, needs: [a]"], ["SC504 a"]),
        (["id: a, needs: b", "id: b, needs: a", "id: c, needs: d", "id: d, needs: c"], ["SC504 a", "SC504 c"]),
        (["id: p, matrix: {x: [1]}, seed: '${matrix.x}'", "id: q, needs: ['p[x=2]']"], ["SC503 'p[x=2]'"]),
        (["id: a", "id: a"], ["SC107 a"]),
        (["id: a, needs: 3"], ["SC017 3"]),
    ],
)
def test_needs_exist_and_do_not_go_round(load: Load, lines: list[str], found: list[str]) -> None:
    assert marked(entries(load, *(f"{line}, {NUMBER}" for line in lines)).diagnostics) == found


def test_a_need_of_an_entry_with_errors_of_its_own_is_no_error(load: Load) -> None:
    loaded = entries(load, "id: a, check: demo.numbr, observe: true", f"id: b, needs: a, {NUMBER}")
    assert codes(loaded.diagnostics) == ["SC101"]


OTHER = "id: o, check: demo.repeat, with: {call: 1}, observe: true"


@pytest.mark.parametrize(
    ("limit", "found"),
    [
        ("checks.o.distinct_values", []),
        ("checks.o.distinct_values * 2", []),
        ("checks.oo.distinct_values", ['SC213 "checks.oo.distinct_values"']),
        ("checks.o.distinct_value", ['SC214 "checks.o.distinct_value"']),
        ("checks.a.double", ['SC213 "checks.a.double"']),
        ("checks.m.value", ['SC213 "checks.m.value"']),
        ("checks['m[x=1]'].value", []),
        ("checks['m[x=2]'].value", ["SC213 \"checks['m[x=2]'].value\""]),
    ],
)
def test_metrics_of_other_entries_exist(load: Load, limit: str, found: list[str]) -> None:
    line = f'id: a, check: demo.number, with: {{value: 1}}, expect: {{value: {{max: "{limit}"}}}}'
    matrix = f"id: m, matrix: {{x: [1]}}, seed: '${{matrix.x}}', {NUMBER}"
    assert marked(entries(load, OTHER, line, matrix).diagnostics) == found


def test_one_cell_is_told_in_the_singular(load: Load) -> None:
    line = "id: a, check: demo.number, with: {value: 1}, expect: {value: {max: checks.m.value}}"
    loaded = entries(load, line, f"id: m, matrix: {{x: [1]}}, seed: '${{matrix.x}}', {NUMBER}")
    assert [found.message for found in loaded.diagnostics] == ["entry 'm' has 1 cell"]


def test_references_are_kept_and_do_not_go_round(load: Load) -> None:
    def line(name: str, other: str) -> str:
        return f"id: {name}, check: demo.number, with: {{value: 1}}, expect: {{value: {{max: checks.{other}.value}}}}"

    loaded = entries(load, line("a", "b"), line("b", "c"), f"id: c, {NUMBER}")
    assert loaded.spec is not None
    assert [entry.references for entry in loaded.spec.entries] == [("b",), ("c",), ()]
    assert codes(entries(load, line("a", "b"), line("b", "a")).diagnostics) == ["SC504"]


def test_a_long_chain_of_needs_is_followed(load: Load) -> None:
    lines = [f"id: e{at}, needs: e{at + 1}, {NUMBER}" for at in range(3000)]
    assert entries(load, *lines, f"id: e3000, {NUMBER}").spec is not None
    assert codes(entries(load, *lines, f"id: e3000, needs: e0, {NUMBER}").diagnostics) == ["SC504"]
