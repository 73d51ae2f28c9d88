"""Updates that are smaller than the spacing of a parameter's numbers."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import torch

from speccheck.sdk.rounding import Rate, RoundingWatch, optimizers_of, rates, rounded_away


class One(torch.nn.Module):
    """A parameter near 1, with a gradient."""

    def __init__(self, gradient: float | None, dtype: torch.dtype = torch.float32) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(3, dtype=dtype))
        if gradient is not None:
            self.weight.grad = torch.full((3,), gradient, dtype=dtype)


@pytest.mark.parametrize(
    ("model", "rate", "rounds"),
    [
        (One(1e-6), Rate(0.01), True),
        (One(1e-6, torch.float64), Rate(0.01), False),
        (One(1e-4), Rate(0.01), False),
        (One(1e-4, torch.bfloat16), Rate(0.01), True),
        (One(1e-6), Rate(0.01, eps=1e-8), False),
        (One(1e-15), Rate(0.01, eps=1e-8), True),
        (One(1e-6), Rate(0.0), False),
        (One(0.0), Rate(0.01), False),
        (One(None), Rate(0.01), False),
        (One(float("nan")), Rate(0.01), False),
        (One(1e-6), None, False),
    ],
)
def test_what_rounds_away(model: One, rate: Rate | None, rounds: bool) -> None:
    known = {} if rate is None else {id(model.weight): rate}
    assert rounded_away(["weight"], model, known, known) == (["weight"] if rounds else [])
    assert rounded_away([], model, known, known) == []
    assert rounded_away(["weight"], model, known, {}) == []


@pytest.mark.parametrize(
    ("steps", "rounds"),
    [
        ([(1e-6, 0.01), (1e-6, 0.01)], True),
        ([(1e-6, 0.0), (1e-6, 0.01)], True),  # a warm-up that starts at zero
        ([(0.0, 0.01), (1e-6, 0.01)], True),
        ([(1e-6, 0.0), (1e-6, 0.0)], False),  # no step was due
        ([(0.0, 0.01), (0.0, 0.01)], False),
        ([(1e-6, 0.01), (1.0, 0.01)], False),  # the second step was due, and did not come
        ([(1e-6, 0.01), (float("nan"), 0.01)], False),
    ],
)
def test_what_rounds_away_in_every_step(steps: list[tuple[float, float]], rounds: bool) -> None:
    model = One(None)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.0)
    watch = RoundingWatch(model, {"weight": model.weight.detach().clone()}, [optimizer])
    for gradient, lr in steps:
        optimizer.param_groups[0]["lr"] = lr
        watch.before()
        model.weight.grad = torch.full((3,), gradient)
        watch.after()
    assert watch.names() == (["weight"] if rounds else [])


def test_a_parameter_that_moved_or_that_no_optimizer_has_is_not_rounded_away() -> None:
    model = One(1e-6)
    start = {"weight": model.weight.detach().clone()}
    left_out = RoundingWatch(model, start, [])
    left_out.before()
    left_out.after()
    moved = RoundingWatch(model, start, [torch.optim.SGD(model.parameters(), lr=0.01)])
    moved.before()
    moved.after()
    assert (left_out.names(), moved.names()) == ([], ["weight"])
    with torch.no_grad():
        model.weight[0] = 2.0
    moved.after()
    assert moved.names() == []


def test_the_rates_of_every_optimizer_of_a_trainer() -> None:
    first, second, third = (torch.nn.Parameter(torch.ones(1)) for _ in range(3))
    groups: list[dict[str, Any]] = [{"params": [first]}, {"params": [second], "lr": 2.0}]
    sgd = torch.optim.SGD(groups, lr=0.5)
    adam = torch.optim.Adam([third], lr=0.25)
    for trainer in (SimpleNamespace(a=sgd, b=[adam], c=3), SimpleNamespace(a={"x": sgd, "y": adam})):
        assert rates(optimizers_of(trainer)) == {
            id(first): Rate(0.5),
            id(second): Rate(2.0),
            id(third): Rate(0.25, eps=1e-8),
        }
    plain: Any = 3
    assert optimizers_of(plain) == ()
