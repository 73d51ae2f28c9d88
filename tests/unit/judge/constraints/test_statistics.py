"""``each``, ``mean``, ``std``, ``median``, ``first``, ``last``."""

from __future__ import annotations

from typing import Any

from speccheck.model.values import TensorDescription

TENSOR = TensorDescription("float32", (2, 3))
NAN = float("nan")

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "each": [({"each": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], [[1]], TENSOR])],
    "mean": [({"mean": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], [[1]], TENSOR])],
    "std": [({"std": {"max": 1e9}}, [3, "abc", [None, 1], [1, NAN], [True, 1], [1], TENSOR])],
    "median": [({"median": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], TENSOR])],
    "first": [({"first": {"max": 1e9}}, [3, "abc", [None], [NAN, 1], [True], TENSOR])],
    "last": [({"last": {"max": 1e9}}, [3, "abc", [None], [1, NAN], [True], TENSOR])],
}
