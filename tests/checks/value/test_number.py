from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from speccheck.checks.value.number import check
from speccheck.sdk.params import bind
from support.checking import measured
from support.context import FakeContext


@pytest.mark.parametrize("value", [0, -1.5, 24.1, 1e300])
def test_the_number_comes_back(context: FakeContext, value: float) -> None:
    assert measured(check, context, value=value).metrics == {"value": value}
    assert bind(check.params, {"value": value}).value == value


def test_nan_stays_nan(context: FakeContext) -> None:
    assert math.isnan(measured(check, context, value=math.nan).metrics["value"])


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"value": 0.5}
