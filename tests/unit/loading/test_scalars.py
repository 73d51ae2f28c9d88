"""Plain scalars: YAML 1.2 core, where 017 is text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.loading.yaml.scalars import NumberError, Scalar, plain_scalar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[(text, None) for text in ("", "~", "null", "Null", "NULL")],
        *[(text, True) for text in ("true", "True", "TRUE")],
        *[(text, False) for text in ("false", "False", "FALSE")],
        *[(text, text) for text in ("on", "off", "yes", "no", "y", "n", "tRUE", "nULL", "1:30", "2027-06-30")],
        *[(text, text) for text in ("017", "00", "-01", "+007", "1_000", "0b11", "0o8", "0xg", "1e", ".", "-", "+")],
        *[(text, text) for text in ("0o", "0x", ".Inf.", "inf", "nan", "NaN", "-.nan", "1.2.3", "1 2", "-0x1F")],
        ("0", 0),
        ("-0", 0),
        ("+5", 5),
        ("12345", 12345),
        ("0o17", 15),
        ("0x1F", 31),
        ("1e-6", 1e-6),
        ("1E5", 1e5),
        ("-1.5", -1.5),
        ("1.", 1.0),
        (".5", 0.5),
        ("+.5e+1", 5.0),
        (".inf", math.inf),
        ("+.INF", math.inf),
        ("-.Inf", -math.inf),
        ("18446744073709551615", 2**64 - 1),
        ("-9223372036854775808", -(2**63)),
    ],
)
def test_a_plain_scalar_is_what_yaml_1_2_says(text: str, value: Scalar) -> None:
    assert plain_scalar(text) == value
    assert type(plain_scalar(text)) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_nan_is_a_number(text: str) -> None:
    value = plain_scalar(text)
    assert isinstance(value, float)
    assert math.isnan(value)


@pytest.mark.parametrize("text", ["18446744073709551616", "-9223372036854775809", "9" * 5000, "1e999", "0x" + "f" * 30])
def test_a_number_that_cannot_be_held_is_refused(text: str) -> None:
    with pytest.raises(NumberError):
        plain_scalar(text)


@given(st.integers(-(2**63), 2**64 - 1))
def test_every_integer_reads_back(number: int) -> None:
    assert plain_scalar(str(number)) == number
    assert type(plain_scalar(str(number))) is int


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_every_float_reads_back(number: float) -> None:
    assert plain_scalar(repr(number)) == number


@given(st.text())
def test_any_text_has_a_value_or_is_refused(text: str) -> None:
    try:
        value = plain_scalar(text)
    except NumberError:
        return
    assert value is None or isinstance(value, (bool, int, float, str))
    assert not isinstance(value, str) or value == text
