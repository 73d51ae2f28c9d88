from __future__ import annotations

from typing import Any

import torch

from speccheck.sdk import Audio, PartialCall
from speccheck.sdk.calling import call_named, spread
from speccheck.sdk.live import Placeholder


def test_spread_takes_tuples_apart_and_nothing_else() -> None:
    def echo(*args: Any) -> tuple[Any, ...]:
        return args

    assert spread(echo, (1, 2)) == (1, 2)
    assert spread(echo, Audio(torch.zeros(1), 8000))[1] == 8000
    assert spread(echo, [1, 2]) == ([1, 2],)
    assert spread(echo, "ab") == ("ab",)


def test_values_go_by_name_or_into_placeholders() -> None:
    def run(a: int, b: int, seed: int) -> tuple[int, int, int]:
        return a, b, seed

    assert call_named(run, {"a": 1, "b": 2}, 3) == (1, 2, 3)
    assert call_named(PartialCall(run, (), {"b": 5}), {"a": 1}, 3) == (1, 5, 3)
    given = PartialCall(lambda *args: args, (Placeholder("seed"), Placeholder("input", (("attr", "b"),))), {})
    assert call_named(given, {"a": 1, "b": 2}, 3) == (3, 2)
