"""The device that a measurement is recorded with: where its tensors and modules lie, not what the machine offers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch

from speccheck.sdk import PartialCall
from speccheck.subjects.devices import described, devices
from unit.subjects.support import MakeFactory

META = torch.empty(1, device="meta")
MODEL = torch.nn.Linear(1, 1, device="meta")


class Holder:
    """A tokenizer or a trainer, which holds its modules somewhere below."""

    def __init__(self, model: Any) -> None:
        self.parts = {"models": [model]}

    def method(self) -> None:
        pass


class Hostile:
    """An object that must not be asked for anything."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError(name)


def closed_over(value: Any) -> Callable[[], Any]:
    return lambda: value


@pytest.mark.parametrize(
    "value",
    [
        META,
        MODEL,
        [1, {"a": (META,)}],
        Holder(MODEL),
        Holder(MODEL).method,
        partial(print, MODEL),
        PartialCall(MODEL, (), {}),
        closed_over(MODEL),
        torch.nn.Sequential(torch.nn.BatchNorm1d(1, affine=False, device="meta")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_live_value_lies_where_its_tensors_do(value: Any) -> None:
    assert devices(value) == {"meta"}


def test_what_holds_no_tensor_lies_nowhere() -> None:
    loop: list[Any] = [Hostile(), torch, "text", None]
    loop.append(loop)
    assert devices(loop) == set()
    assert devices(torch.zeros(1)) == {"cpu"}


def test_very_large_values_are_looked_at_in_part() -> None:
    assert devices([[number] for number in range(200_000)]) == set()


def test_accelerators_are_named_and_the_cpu_where_there_are_none() -> None:
    assert described([]) == described(["cpu"]) == "cpu"
    assert described(["meta", "cpu"]) == "meta"
    assert described(["mps:0", "meta"]) == "meta, mps:0"


def test_a_gpu_is_named_with_its_model(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "current_device", lambda: 1)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda number: f"GPU {number}")
    assert described(["cuda:0", "cuda", "cpu"]) == "cuda:0 (GPU 0), cuda:1 (GPU 1)"


def test_a_scope_knows_the_devices_of_what_it_gave_out(factory: MakeFactory) -> None:
    definitions = {
        "here": {"tensor": "float32[1]", "fill": 0},
        "there": {"tensor": "float32[1]", "fill": 0, "device": "meta"},
    }
    shop = factory()
    scope = shop.scope(definitions)
    scope.live("$here", "live", "a")
    assert scope.device() == "cpu"
    assert scope.device("meta") == "meta", "a parameter of the check may name one"
    fresh = scope.live("$there", "fresh", "model")
    assert scope.device() == "cpu"
    fresh()
    assert scope.device() == "meta"
    other = shop.scope(definitions)
    other.live({"a": "$there"}, "live_mapping", "values")
    assert other.device() == "meta"
