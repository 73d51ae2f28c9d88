"""The names of element types, as torch and numpy print them: those that a tensor's description can begin with."""

from __future__ import annotations

import re

_BITS = (8, 16, 32, 64)
_FEW = range(1, 8)

USUAL = (
    *("float32", "float16", "bfloat16", "float64", "bool", "complex64", "complex128"),
    *(f"int{bits}" for bits in _BITS),
    *(f"uint{bits}" for bits in _BITS),
)
"""The names that a misspelled one probably meant."""

_OTHERS = (
    *("float8_e4m3fn", "float8_e4m3fnuz", "float8_e5m2", "float8_e5m2fnuz", "float8_e8m0fnu", "float4_e2m1fn_x2"),
    *("float8_e3m4", "float8_e4m3", "float8_e4m3b11fnuz", "float6_e2m3fn", "float6_e3m2fn", "float4_e2m1fn"),
    *("complex32", "float96", "float128", "complex192", "complex256", "longdouble", "clongdouble"),
    *("qint8", "quint8", "qint32", "quint4x2", "quint2x4", "bits8", "bits16", "bits1x8", "bits2x4", "bits4x2"),
    *(f"int{bits}" for bits in _FEW),
    *(f"uint{bits}" for bits in _FEW),
    *("object", "string"),
)

ALIASES = {
    "half": "float16",
    "float": "float32",
    "double": "float64",
    "short": "int16",
    "int": "int32",
    "long": "int64",
    "chalf": "complex32",
    "cfloat": "complex64",
    "cdouble": "complex128",
}
"""Other names by which torch takes an element type, and the one that it prints."""

_SIZED = re.compile(r"(str|bytes|void)[0-9]*")
_KNOWN = frozenset((*USUAL, *_OTHERS))


def is_dtype(name: str) -> bool:
    """Whether a tensor or array can have an element type of this name."""
    return name in _KNOWN or _SIZED.fullmatch(name) is not None
