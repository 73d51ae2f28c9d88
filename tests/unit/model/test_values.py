"""Metric values and their exact JSON form."""

from __future__ import annotations

import json
import math
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.values import (
    MAX_DEPTH,
    Masked,
    TensorDescription,
    bare,
    format_value,
    from_wire,
    is_masked,
    plain,
    to_wire,
)

TENSORS = st.builds(
    TensorDescription,
    st.sampled_from(["float32", "bool", "float8_e4m3fn", "int64"]),
    st.lists(st.integers(0, 2**40), max_size=5).map(tuple),
)
KEYS = st.one_of(st.text(max_size=6), st.sampled_from(["$number", "$tensor", "$map", "$masked", "$", "a.b"]))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6) | TENSORS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


def same(first: Any, second: Any) -> bool:
    """Equal in value, in kind and in the order of keys; NaN is the same as NaN and -0.0 is not 0.0."""
    return type(first) is type(second) and repr(first) == repr(second)


@given(VALUES)
def test_every_value_comes_back_from_json(value: Any) -> None:
    text = json.dumps(to_wire(value), allow_nan=False)
    assert same(from_wire(json.loads(text)), value)


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        (math.nan, {"$number": "nan"}),
        (-math.inf, {"$number": "-inf"}),
        (TensorDescription("float32", (8, 3)), {"$tensor": "float32[8,3]"}),
        (TensorDescription("int64", ()), {"$tensor": "int64[]"}),
        ({"$number": "nan"}, {"$map": [["$number", "nan"]]}),
        ({"a": {"$b": math.inf}}, {"a": {"$map": [["$b", {"$number": "inf"}]]}}),
        ((1, 2), [1, 2]),
        (1.0, 1.0),
    ],
)
def test_the_wire_form(value: Any, wire: Any) -> None:
    assert same(to_wire(value), wire)


@pytest.mark.parametrize("value", [object(), b"bytes", bytearray(b"x"), {1: 2}, {"a": {None: 1}}, [object()], {1, 2}])
def test_what_is_no_plain_data_is_refused(value: Any) -> None:
    with pytest.raises(TypeError, match="metric"):
        to_wire(value)


@pytest.mark.parametrize(
    "wire",
    [
        {"$number": "abc"},
        {"$number": "1e5"},
        {"$number": 5},
        {"$number": None},
        {"$number": ["nan"]},
        {"$tensor": 5},
        {"$tensor": "float32"},
        {"$tensor": "float32[" + "9" * 5000 + "]"},
        {"$map": [[1]]},
        {"$map": [1]},
        {"$map": [[1, 2]]},
        {"$map": [["a", 1, 2]]},
        {"$map": {"a": 1}},
        {"$map": None},
        [{"a": {"$number": "abc"}}],
    ],
)
def test_a_tag_that_is_never_written_is_refused(wire: Any) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_wire(wire)


def nested(depth: int) -> Any:
    value: Any = 1
    for level in range(depth):
        value = [value] if level % 2 else {"a": value}
    return value


def test_nesting_has_an_end_both_ways() -> None:
    assert to_wire(nested(MAX_DEPTH)) == from_wire(nested(MAX_DEPTH)) == nested(MAX_DEPTH)
    assert plain(nested(MAX_DEPTH))
    for depth in (MAX_DEPTH + 1, 900, 5000):
        assert not plain(nested(depth))
        for convert in (to_wire, from_wire):
            with pytest.raises(ValueError, match="nested deeper than 100 levels"):
                convert(nested(depth))


@given(VALUES)
def test_what_is_plain_is_its_own_form(value: Any) -> None:
    if plain(value):
        assert same(to_wire(value), value)
        assert same(from_wire(value), value)


def test_an_array_is_no_metric() -> None:
    numpy = pytest.importorskip("numpy")
    with pytest.raises(TypeError, match="not ndarray"):
        to_wire(numpy.zeros(3))


@pytest.mark.parametrize(
    ("text", "dtype", "shape"),
    [("float32[8,3]", "float32", (8, 3)), (" int64 [ 1 , 16000 ] ", "int64", (1, 16000)), ("bool[]", "bool", ())],
)
def test_a_tensor_description_is_read(text: str, dtype: str, shape: tuple[int, ...]) -> None:
    assert TensorDescription.parse(text) == TensorDescription(dtype, shape)


@pytest.mark.parametrize("text", ["float32", "float32[-1]", "float32[a]", "[3]", "float32[3] x", ""])
def test_what_is_no_tensor_description_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a tensor description"):
        TensorDescription.parse(text)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "none"),
        (True, "true"),
        (False, "false"),
        (3, "3"),
        (1234567, "1234567"),
        (0.1 + 0.2, "0.3"),
        (1e-9, "1e-09"),
        (math.nan, "nan"),
        ("text", "text"),
        (TensorDescription("float32", (8, 3)), "float32[8,3]"),
        ([1, 2.5, True], "[1, 2.5, true]"),
        ({"a": 1, "b": [None]}, "{a: 1, b: [none]}"),
    ],
)
def test_a_value_in_words(value: Any, text: str) -> None:
    assert format_value(value) == text


def test_more_digits_on_demand() -> None:
    assert format_value([0.1 + 0.2], digits=17) == "[0.30000000000000004]"


def test_no_tensor_description_takes_more_than_linear_time() -> None:
    started = time.monotonic()
    with pytest.raises(ValueError, match="not a tensor description"):
        TensorDescription.parse("f[" + " " * 50_000)
    assert time.monotonic() - started < 1
    assert TensorDescription.parse(" f [ 1 , 2 ] ") == TensorDescription("f", (1, 2))


@given(VALUES)
def test_a_masked_value_comes_back_from_the_wire(value: Any) -> None:
    masked = Masked(value)
    assert repr(from_wire(json.loads(json.dumps(to_wire(masked))))) == repr(masked)
    assert is_masked([{"a": masked}])
    assert not is_masked(value)
    assert repr(bare([{"a": masked}])) == repr([{"a": value}])
    assert not plain(masked)
    assert format_value(masked) == format_value(value)
