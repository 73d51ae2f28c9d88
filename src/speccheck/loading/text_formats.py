"""Forms of text that a loader's schema names by ``format``: targets, element types and tensors."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from speccheck.loading.diagnostics import did_you_mean
from speccheck.loading.validation import Misfit
from speccheck.model.dtypes import ALIASES, USUAL, is_dtype
from speccheck.model.values import Json, TensorDescription


def format_misfit(schema: Json, value: Json) -> Misfit | None:
    """Return why a text lacks the form that its schema names; None for another value, or a reference."""
    check = _FORMATS.get(schema.get("format")) if isinstance(schema, Mapping) else None
    if check is None or not isinstance(value, str) or not value or value.startswith("$"):
        return None
    return check(value)


def _target(text: str) -> Misfit | None:
    module, _, name = text.partition(":")
    if module.strip() and name.strip():
        return None
    before, dot, after = module.strip().rpartition(".")
    hint = f"did you mean '{before}:{after}'?" if dot and before and after else "name a callable after a colon"
    return Misfit("form", (), "of the form package.module:name", hint)


def _dtype(text: str) -> Misfit | None:
    if is_dtype(text) or text in ALIASES:
        return None
    return Misfit("form", (), "a known dtype", did_you_mean(text, USUAL))


def _tensor(text: str) -> Misfit | None:
    try:
        dtype = TensorDescription.parse(text).dtype
    except ValueError:
        return Misfit("form", (), "a dtype and sizes", "write float32[1, 16000]")
    found = _dtype(dtype)
    return None if found is None else Misfit("form", (), "a known dtype and sizes", found.hint)


_FORMATS: Mapping[Json, Callable[[str], Misfit | None]] = {"target": _target, "dtype": _dtype, "tensor": _tensor}
