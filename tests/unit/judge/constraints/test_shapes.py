"""Symbolic shapes: unification over the entry, products, wildcards, and what stays unknown."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.judge.parse import parse_expect
from speccheck.judge.shapes import parse_shape
from speccheck.model.evidence import Evidence
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Outcome, State
from unit.judge.judging import judged, one, state, text_of

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "shape": [({"shape": "[A, ...]"}, [3, "float32[3]", {"a": 3}, [True], [2.5], [None]])],
    "tensor": [({"tensor": "float32[...]"}, [3, "float32[3]", [2, 3], [2]])],
}


def tensor(*shape: int, dtype: str = "float32") -> TensorDescription:
    return TensorDescription(dtype, shape)


@pytest.mark.parametrize(
    "text",
    ["[T=8, 3, H, W]", "[]", "[...]", "[ ... , 512]", "[B, ..., 3]", "[N*K_MAX*2]", "[2*3]", "[0]"],
)
def test_shapes_that_can_be_read(text: str) -> None:
    assert parse_shape(text, dtype=False).text == text
    assert parse_shape(f"float32{text}", dtype=True).dtype == "float32"


@pytest.mark.parametrize(
    "text", ["", "8,3", "[8,3", "[-1]", "[B-1]", "[H/2]", "[..., 3, ...]", "[,]", "[B,]", "[T=]", "[T=H]", "[=8]",
             "[3.5]", "[[3]]", "[N*]", "[a b]", "float32[B]"],
)  # fmt: skip
def test_shapes_that_cannot(text: str) -> None:
    with pytest.raises(ValueError):
        parse_shape(text, dtype=False)


def test_a_tensor_has_a_dtype() -> None:
    with pytest.raises(ValueError):
        parse_shape("[B, 3]", dtype=True)


@pytest.mark.parametrize(
    ("dtype", "hint"),
    [("flot32", "did you mean 'float32'?"), ("int46", "did you mean 'int64'?"), ("float", "write float32"), ("q", "")],
)
def test_an_unknown_dtype_is_a_problem_of_the_spec(dtype: str, hint: str) -> None:
    (problem,) = parse_expect({"a": {"tensor": f"{dtype}[...]"}}, None).problems
    assert (problem.code, problem.path, problem.hint) == ("SC204", ("a", "tensor"), hint)
    assert problem.message == f"unknown dtype '{dtype}'"


@pytest.mark.parametrize("dtype", ["bfloat16", "float8_e5m2", "complex64", "uint4", "str8", "float128"])
def test_dtypes_of_every_library(dtype: str) -> None:
    assert one({"tensor": f"{dtype}[...]"}, tensor(2, dtype=dtype)).state is State.HELD


def test_a_symbol_has_one_size_over_the_whole_entry() -> None:
    expect = {"a": {"shape": "[T, 3]"}, "b": {"shape": "[T, 4]"}}
    assert judged(expect, {"a": tensor(8, 3), "b": tensor(8, 4)}).outcome is Outcome.PASSED
    broken = judged(expect, {"a": tensor(8, 3), "b": tensor(9, 4)})
    assert broken.outcome is Outcome.FAILED
    assert broken.verdicts[0].state is State.HELD
    assert "axis 0 is 9, expected T = 8 (T is 8 by axis 0 of a)" in text_of(broken)


def test_bare_symbols_bind_before_products_wherever_they_stand() -> None:
    expect = {"tokens": {"shape": "[B, N*K*2]"}, "n": {"shape": "[N]"}, "k": {"shape": "[K]"}}
    sound = {"tokens": tensor(4, 30), "n": tensor(3), "k": tensor(5)}
    assert judged(expect, sound).outcome is Outcome.PASSED
    broken = judged(expect, {**sound, "tokens": tensor(4, 31)})
    assert "axis 1 is 31, expected N*K*2 = 30" in text_of(broken)


def test_an_unbound_factor_is_unknown() -> None:
    verdict = one({"shape": "[B, N*2]"}, tensor(4, 6))
    assert verdict.state is State.UNKNOWN
    assert "nothing binds N" in text_of(verdict)


def test_a_written_size_binds_and_asserts() -> None:
    expect = {"a": {"shape": "[T=8, 3]"}, "b": {"shape": "[T*2]"}}
    assert judged(expect, {"a": tensor(8, 3), "b": tensor(16)}).outcome is Outcome.PASSED
    broken = judged(expect, {"a": tensor(7, 3), "b": tensor(14)})
    assert [verdict.state for verdict in broken.verdicts] == [State.VIOLATED, State.VIOLATED]
    assert "axis 0 is 7, expected T=8" in text_of(broken)


def test_a_written_size_counts_though_the_symbol_was_bound_before() -> None:
    expect = {"a": {"shape": "[T]"}, "b": {"shape": "[T=8]"}}
    assert judged(expect, {"a": tensor(8), "b": tensor(8)}).outcome is Outcome.PASSED
    assert "axis 0 is 7, expected T=8" in text_of(judged(expect, {"a": tensor(7), "b": tensor(7)}))
    assert "axis 0 is T=8, but T is 7 by axis 0 of a" in text_of(judged(expect, {"a": tensor(7), "b": tensor(8)}))


def test_two_written_sizes_contradict() -> None:
    expect = {"a": {"shape": "[T=8]"}, "b": {"shape": "[T=9]"}}
    verdicts = judged(expect, {"a": tensor(8), "b": tensor(9)}).verdicts
    assert [verdict.state for verdict in verdicts] == [State.HELD, State.VIOLATED]


@pytest.mark.parametrize(
    ("shape", "sizes", "expected"),
    [
        ("[..., 512]", (512,), State.HELD),
        ("[..., 512]", (2, 3, 512), State.HELD),
        ("[B, ..., 512]", (512,), State.VIOLATED),
        ("[2, ..., 512]", (2, 512), State.HELD),
        ("[...]", (), State.HELD),
        ("[]", (), State.HELD),
        ("[]", (1,), State.VIOLATED),
        ("[B, 3]", (2, 3, 4), State.VIOLATED),
        ("[B, B]", (2, 3), State.VIOLATED),
        ("[2*3]", (6,), State.HELD),
    ],
)
def test_axes(shape: str, sizes: tuple[int, ...], expected: State) -> None:
    assert state({"shape": shape}, tensor(*sizes)) is expected


def test_every_shape_fits_is_vacuous() -> None:
    assert one({"shape": "[...]"}, tensor(3)).vacuous
    assert not one({"shape": "[..., 3]"}, tensor(3)).vacuous


def test_a_tensor_wants_its_dtype() -> None:
    assert state({"tensor": "float32[B, 3]"}, tensor(2, 3)) is State.HELD
    verdict = one({"tensor": "float32[B, 3]"}, tensor(2, 3, dtype="float16"))
    assert verdict.state is State.VIOLATED
    assert "dtype float16, expected float32" in text_of(verdict)


@pytest.mark.parametrize("value", ["float32[3]", 3, True, [3.5], [True], {"a": 3}])
def test_other_kinds_are_unknown(value: Any) -> None:
    assert state({"shape": "[B]"}, value) is State.UNKNOWN
    assert state({"tensor": "float32[B]"}, value) is State.UNKNOWN


def test_the_shape_of_a_tensor_is_a_metric_of_its_own() -> None:
    expect = {"x.shape": {"shape": "[B, 3]"}, "x.dtype": "float32", "y": {"shape": "[B]"}}
    assert judged(expect, {"x": tensor(2, 3), "y": tensor(2)}).outcome is Outcome.PASSED
    assert judged({"x": {"shape": "[2, 3]"}}, {"x": [2, 3]}).outcome is Outcome.PASSED


def test_shapes_under_each_and_star_unify_in_sorted_order() -> None:
    expect: dict[str, Any] = {"layers": {"each": {"shape": "[H, H]"}}, "t.*.x": {"shape": "[H]"}}
    metrics = {"layers": {"b": tensor(4, 4), "a": tensor(4, 4)}, "t": {"q": {"x": tensor(4)}}}
    assert judged(expect, metrics).outcome is Outcome.PASSED
    stars = judged({"t.*": {"shape": "[H]"}}, {"t": {"z": tensor(1), "a": tensor(2)}})
    assert stars.verdicts[0].worst.at == "t.z"  # whatever the order of the mapping, which storing changes
    broken = judged(expect, {**metrics, "layers": {"b": tensor(5, 5), "a": tensor(4, 4)}})
    assert broken.verdicts[0].constraints[0].at == "b"
    assert "H is 4 by axis 0 of layers at a" in text_of(broken)


@settings(deadline=None)
@given(st.lists(st.integers(1, 9), max_size=5), st.data())
def test_a_shape_written_with_symbols_fits_exactly_when_equal_letters_are_equal_sizes(
    sizes: list[int], data: st.DataObject
) -> None:
    names = data.draw(st.lists(st.sampled_from("ABC"), min_size=len(sizes), max_size=len(sizes)))
    fits = all(sizes[i] == sizes[j] for i in range(len(sizes)) for j in range(i) if names[i] == names[j])
    evidence = Evidence({"m": tensor(*sizes)})
    expected = State.HELD if fits else State.VIOLATED
    assert state({"shape": f"[{', '.join(names)}]"}, evidence.metrics["m"]) is expected


@pytest.mark.parametrize("written", ["float32[B, 4]", "float32[B, B*4]", "float32[..., B, 4]"])
def test_a_bare_symbol_is_at_least_1(written: str) -> None:
    verdict = one({"tensor": written}, tensor(0, 0 if "*" in written else 4))
    assert verdict.state is State.VIOLATED
    assert "axis 0 is 0, but B is at least 1" in text_of(verdict)


def test_a_symbol_is_0_where_it_is_written_so() -> None:
    assert state({"tensor": "float32[B=0, 4]"}, tensor(0, 4)) is State.HELD
    assert state({"tensor": "float32[0, 4]"}, tensor(0, 4)) is State.HELD
    expect = {"a": {"shape": "[B=0]"}, "b": {"shape": "[B, 4]"}}
    assert judged(expect, {"a": tensor(0), "b": tensor(0, 4)}).outcome is Outcome.PASSED
