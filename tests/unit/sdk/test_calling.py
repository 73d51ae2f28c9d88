from __future__ import annotations

import functools
from typing import Any

import pytest
import torch

from speccheck.sdk import Audio, PartialCall
from speccheck.sdk.calling import call_named, spread
from speccheck.sdk.live import Placeholder
from speccheck.sdk.modules import in_mode, modules_behind


class Net(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.frozen = torch.nn.Dropout(0.5).eval()
        self.live = torch.nn.Dropout(0.5)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x


class Wrapper:
    def __init__(self, net: Net) -> None:
        self.net = net

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        return x


def test_spread_takes_tuples_apart_and_nothing_else() -> None:
    def echo(*args: Any) -> tuple[Any, ...]:
        return args

    assert spread(echo, (1, 2)) == (1, 2)
    assert spread(echo, Audio(torch.zeros(1), 8000))[1] == 8000
    assert spread(echo, [1, 2]) == ([1, 2],)
    assert spread(echo, "ab") == ("ab",)


NET = Net()


@pytest.mark.parametrize(
    "thing",
    [
        NET,
        NET.encode,
        PartialCall(NET.encode, (), {}),
        PartialCall(lambda model: model, (NET,), {}),
        functools.partial(NET.encode),
        Wrapper(NET),
        Wrapper(NET).encode,
        PartialCall(Wrapper(NET).encode, (), {}),
    ],
)
def test_in_mode_finds_the_module_and_restores_every_flag(thing: Any) -> None:
    before = [module.training for module in NET.modules()]
    assert before == [True, False, True]
    with in_mode(thing, "eval") as found:
        assert found == (NET,)
        assert not any(module.training for module in NET.modules())
    with in_mode(thing, "train"):
        assert all(module.training for module in NET.modules())
    assert [module.training for module in NET.modules()] == before


def test_in_mode_restores_after_an_error() -> None:
    with pytest.raises(RuntimeError, match="audited"), in_mode(NET, "train"):
        raise RuntimeError("audited")
    assert NET.frozen.training is False


def test_without_mode_or_module_nothing_is_done() -> None:
    with in_mode(NET, None):
        assert NET.frozen.training is False
    with in_mode(len, "eval") as found:
        assert found == ()


def test_an_empty_module_is_found_though_it_is_false() -> None:
    empty = torch.nn.Sequential()
    assert modules_behind(empty.forward) == (empty,)


def test_values_go_by_name_or_into_placeholders() -> None:
    def run(a: int, b: int, seed: int) -> tuple[int, int, int]:
        return a, b, seed

    assert call_named(run, {"a": 1, "b": 2}, 3) == (1, 2, 3)
    assert call_named(PartialCall(run, (), {"b": 5}), {"a": 1}, 3) == (1, 5, 3)
    given = PartialCall(lambda *args: args, (Placeholder("seed"), Placeholder("input", (("attr", "b"),))), {})
    assert call_named(given, {"a": 1, "b": 2}, 3) == (3, 2)
