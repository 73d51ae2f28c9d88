"""Plain YAML scalars by the core schema of YAML 1.2 (section 10.3.2), where ``017`` is text.

An integer with a leading zero is octal in YAML 1.1, decimal in YAML 1.2 and an identifier to people, so it is text. So
are ``on``, ``yes``, ``1:30`` and dates.
"""

from __future__ import annotations

import math
import re

Scalar = bool | int | float | str | None

_WORDS: dict[str, Scalar] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL")),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
    **{sign + word: math.inf for sign in ("", "+") for word in (".inf", ".Inf", ".INF")},
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
}
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_OCTAL = re.compile(r"0o[0-7]+")
_HEX = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_START = frozenset("+-.0123456789")
_LARGEST = 2**64 - 1
_DIGITS = 24


class NumberError(ValueError):
    """The scalar is a number out of range; the message names the bound."""


def plain_scalar(text: str) -> Scalar:
    """Return the value of a plain (unquoted) scalar.

    Raises :class:`NumberError` for an integer beyond 64 bits and for a float beyond the range of a double.
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] not in _START:
        return text
    if _DECIMAL.fullmatch(text):
        return _integer(text, 10)
    if _LEADING_ZERO.fullmatch(text):
        return text
    if _OCTAL.fullmatch(text):
        return _integer(text[2:], 8)
    if _HEX.fullmatch(text):
        return _integer(text[2:], 16)
    if not _FLOAT.fullmatch(text):
        return text
    value = float(text)
    if math.isinf(value):
        raise NumberError(f"{text} is beyond the range of a number (1.8e308)")
    return value


def _integer(digits: str, base: int) -> int:
    if len(digits) > _DIGITS:
        raise NumberError(f"an integer of {len(digits)} digits does not fit into 64 bits")
    value = int(digits, base)
    if not -(2**63) <= value <= _LARGEST:
        raise NumberError(f"{value} does not fit into 64 bits")
    return value
