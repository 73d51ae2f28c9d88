"""The forms of text that a loader's schema names: targets, element types and tensors."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from speccheck.loading.text_formats import format_misfit
from speccheck.model.dtypes import is_dtype


@pytest.mark.parametrize(
    ("form", "text", "hint"),
    [
        ("target", "toynet", "name a callable after a colon"),
        ("target", "toynet.models.Net", "did you mean 'toynet.models:Net'?"),
        ("target", "toynet:", "name a callable after a colon"),
        ("target", ":Net", "name a callable after a colon"),
        ("dtype", "flot32", "did you mean 'float32'?"),
        ("tensor", "flot32[8]", "did you mean 'float32'?"),
        ("tensor", "float32", "write float32[1, 16000]"),
    ],
)
def test_a_text_of_another_form_gets_a_suggestion(form: str, text: str, hint: str) -> None:
    misfit = format_misfit({"format": form}, text)
    assert misfit is not None
    assert misfit.hint == hint


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("target", "a.b:C.d"),
        ("target", "my-module:f"),
        ("target", "$model.method"),
        ("target", 3),
        ("dtype", "half"),
        ("tensor", "bfloat16[2, 3]"),
        ("tensor", "float[]"),
        ("path", "anything"),
    ],
)
def test_what_fits_or_is_checked_elsewhere(form: str, value: object) -> None:
    assert format_misfit({"format": form}, value) is None


def test_every_dtype_of_torch_and_numpy_is_known() -> None:
    of_torch = {str(value).removeprefix("torch.") for value in vars(torch).values() if isinstance(value, torch.dtype)}
    of_numpy = {np.dtype(kind).name for kind in np.sctypeDict.values() if np.dtype(kind).kind in "biufcO"}
    assert {name for name in of_torch | of_numpy if not is_dtype(name)} == set()
