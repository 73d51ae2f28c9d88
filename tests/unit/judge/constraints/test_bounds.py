"""``min``, ``max``, ``above``, ``below``."""

from __future__ import annotations

from typing import Any

from speccheck.model.values import TensorDescription

TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "min": [({"min": -1e9}, [True, "5", [5], {"a": 5}, TENSOR]), ({"min": "baseline"}, [True, "5"])],
    "max": [({"max": 1e9}, [True, "5", [5], {"a": 5}, TENSOR]), ({"max": "other"}, [True, "5"])],
    "above": [({"above": -1e9}, [True, "5", [5]]), ({"above": "checks.a.m - 100"}, [True])],
    "below": [({"below": 1e9}, [True, "5", [5]]), ({"below": "baseline + 100"}, [True])],
}
