"""Torch modules: modes, calls, losses, gradients and seeds."""

from __future__ import annotations

import functools
import math
import random
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.sdk import MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from speccheck.sdk.modules import (
    backward,
    call_model,
    first_tensor,
    in_asked_mode,
    in_mode,
    is_finite,
    is_zero,
    loss_of,
    modules_behind,
    norm,
    require_module,
    seed_all,
)


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


NET = Net()


class Slotted:
    __slots__ = ("net", "unset")

    def __init__(self, net: Net) -> None:
        self.net = net


def closed(net: Net) -> Any:
    def call(x: torch.Tensor) -> torch.Tensor:
        return net.encode(x)

    return call


def defaulted(x: torch.Tensor, net: Net = NET, *, other: Any = None) -> torch.Tensor:
    return net.encode(x)


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
        PartialCall(len, ([NET],), {}),
        closed(NET),
        functools.partial(closed(NET), 1),
        defaulted,
        lambda x: NET.encode(x + 0),
        lambda x: [NET.encode(row) for row in x],
        eval("lambda x: subject.net.encode(x)", {"subject": Wrapper(NET)}),
        SimpleNamespace(inner=Wrapper(NET)),
        {"a": [NET]},
        Slotted(NET),
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


def test_globals_that_a_function_does_not_name_are_not_behind_it() -> None:
    assert modules_behind(eval("lambda x: x.subject", {"subject": NET})) == ()
    assert modules_behind([torch.nn.functional.relu, np.mean, math, Net]) == ()


def test_a_module_kept_in_a_plain_list_of_a_module_is_behind_it_and_submodules_are_not_named_again() -> None:
    outer = torch.nn.Sequential(torch.nn.Linear(1, 1))
    vars(outer)["hidden"] = [NET]
    assert modules_behind(outer) == (outer, NET)


def test_a_mode_that_is_asked_for_needs_a_module() -> None:
    with in_asked_mode("eval", len, closed(NET)) as found:
        assert found == (NET,)
        assert not NET.training
    assert NET.training
    with in_asked_mode(None, len, otherwise="eval") as found:
        assert found == ()
    with in_asked_mode(None, NET, otherwise="eval"):
        assert not NET.training
    with pytest.raises(MeasurementError, match="mode: eval was asked for"), in_asked_mode("eval", len):
        raise AssertionError


def test_an_empty_module_is_found_though_it_is_false() -> None:
    empty = torch.nn.Sequential()
    assert modules_behind(empty.forward) == (empty,)


def test_a_module_that_can_learn_is_handed_on() -> None:
    model = torch.nn.Linear(2, 1)
    assert require_module(model) is model


def test_what_cannot_learn_is_refused() -> None:
    with pytest.raises(MeasurementError, match="`student` is a function, not a torch"):
        require_module(lambda: None, "student")
    frozen = torch.nn.Linear(2, 1).requires_grad_(False)
    with pytest.raises(MeasurementError, match="none of the 2 parameters of `model`"):
        require_module(frozen)
    with pytest.raises(MeasurementError, match="none of the 0 parameters"):
        require_module(torch.nn.Tanh())


def test_a_model_is_called_with_its_inputs_or_the_batch() -> None:
    assert call_model(lambda *args: args, (1, 2), 3) == (1, 2)
    assert call_model(lambda *args: args, (), 3) == (3,)
    with pytest.raises(MeasurementError, match="give `inputs`, or a `batch`"):
        call_model(lambda *args: args, (), None)


OUTPUT, BATCH = Placeholder("output"), Placeholder("batch")


@pytest.mark.parametrize(
    ("loss", "inputs", "batch", "value"),
    [
        (lambda output: output * 2, (1,), None, 6.0),
        (lambda output, batch: output + batch, (1,), 10, 13.0),
        (PartialCall(lambda o, b: o + b, (OUTPUT, BATCH), {}), (5,), None, 8.0),
        (PartialCall(lambda o, b: o + sum(b), (OUTPUT, BATCH), {}), (5, 6), None, 14.0),
        (PartialCall(lambda o, b: o + b, (OUTPUT, BATCH), {}), (5,), 7, 10.0),
        (PartialCall(lambda k, o: o * k, (4,), {}), (5,), None, 12.0),
    ],
)
def test_what_a_loss_is_called_with(loss: Any, inputs: tuple[Any, ...], batch: Any, value: float) -> None:
    found = loss_of(loss, torch.tensor([3.0]), inputs, batch)
    assert (found.shape, float(found)) == ((), value)


def test_a_loss_is_one_number() -> None:
    with pytest.raises(MeasurementError, match=r"the loss has shape \[2\]"):
        loss_of(lambda output: output, torch.zeros(2), (), None)


def test_a_loss_without_a_gradient_is_said_to_reach_nothing() -> None:
    weight = torch.ones(1, requires_grad=True)
    assert not backward(torch.ones(()))
    assert backward((3 * weight).sum())
    assert weight.grad is not None
    assert float(weight.grad) == 3.0


def test_the_norm_of_several_tensors_is_that_of_all_their_elements() -> None:
    generator = torch.Generator().manual_seed(0)
    tensors = [torch.randn(5, 3, generator=generator), 1e20 * torch.randn(7, generator=generator), torch.eye(3)]
    flat = [float(x) for tensor in tensors for x in tensor.reshape(-1)]
    assert norm(tensors) == pytest.approx(math.sqrt(math.fsum(x * x for x in flat)), rel=1e-14)
    assert norm([torch.tensor([3 + 4j])]) == 5.0
    assert norm([torch.eye(2).to_sparse()]) == pytest.approx(math.sqrt(2))
    assert norm([]) == 0.0
    assert math.isnan(norm([torch.tensor([math.nan])]))


@pytest.mark.parametrize(
    ("tensor", "zero", "finite"),
    [
        (torch.zeros(3), True, True),
        (torch.tensor([0.0, -0.0]), True, True),
        (torch.tensor([0.0, 1e-45]), False, True),
        (torch.tensor([math.nan]), False, False),
        (torch.tensor([math.inf]), False, False),
        (torch.zeros(2, 2).to_sparse(), True, True),
        (torch.zeros(0), True, True),
    ],
)
def test_zero_and_finite(tensor: torch.Tensor, zero: bool, finite: bool) -> None:
    assert (is_zero(tensor), is_finite(tensor)) == (zero, finite)


@pytest.mark.parametrize(
    "output",
    [
        torch.full((2,), 7.0),
        (torch.tensor([1]), torch.full((2,), 7.0)),
        [None, [torch.zeros(0), torch.full((2,), 7.0)]],
        {"ids": torch.tensor([1]), "hidden": torch.full((2,), 7.0)},
        SimpleNamespace(ids=torch.tensor([1]), hidden=torch.full((2,), 7.0)),
    ],
)
def test_the_first_floating_point_tensor_of_an_output(output: Any) -> None:
    found = first_tensor(output)
    assert found is not None
    assert found.tolist() == [7.0, 7.0]


@pytest.mark.parametrize("output", [None, 3, "text", torch.tensor([1]), (), {}, [torch.zeros(0)], len])
def test_outputs_without_one(output: Any) -> None:
    assert first_tensor(output) is None


def test_a_seed_reaches_every_generator() -> None:
    def drawn() -> tuple[float, float, float]:
        return random.random(), float(np.random.rand()), float(torch.rand(()))

    seed_all(2**40 + 3)
    first = drawn()
    seed_all(2**40 + 3)
    assert drawn() == first
    seed_all(4)
    assert all(a != b for a, b in zip(drawn(), first, strict=True))
