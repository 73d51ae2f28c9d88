"""Metric values and their exact JSON form."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.values import TensorDescription, format_value, from_wire, to_wire

TENSORS = st.builds(
    TensorDescription,
    st.sampled_from(["float32", "bool", "float8_e4m3fn", "int64"]),
    st.lists(st.integers(0, 2**40), max_size=5).map(tuple),
)
KEYS = st.one_of(st.text(max_size=6), st.sampled_from(["$number", "$tensor", "$map", "$", "a.b"]))
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
