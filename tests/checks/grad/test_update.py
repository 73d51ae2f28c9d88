from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from speccheck.checks.grad.update import check
from speccheck.sdk import Fresh, MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

X = torch.randn(6, 4, generator=torch.Generator().manual_seed(0))
LOSS = PartialCall(
    lambda output, batch: ((output - batch) ** 2).mean(), (Placeholder("output"), Placeholder("batch")), {}
)


class Model(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.positions = nn.Parameter(torch.ones(4), requires_grad=False)
        self.encoder = nn.Linear(4, 8)
        self.head = nn.Linear(8, 4)

    def latent(self, x: Tensor) -> Tensor:
        return torch.tanh(self.encoder(x + self.positions))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(self.latent(x))
        return out


class Detached(Model):
    def latent(self, x: Tensor) -> Tensor:
        return super().latent(x).detach()


def _measured(context: FakeContext, model: Any = Model, **more: Any) -> Any:
    return measured(check, context, model=Fresh(model), loss=LOSS, inputs=(X,), **{"frozen": ("positions",), **more})


def test_one_step_moves_everything_but_what_is_frozen(context: FakeContext) -> None:
    metrics = _measured(context, lr=0.1).metrics
    assert (metrics["unmoved"], metrics["without_gradient"], metrics["undeclared_frozen"]) == ([], [], [])
    assert (metrics["frozen"], metrics["declared_but_moving"], metrics["unmatched"]) == (["positions"], [], [])
    assert metrics["update"]["positions"]["norm"] == 0
    model = Model()
    ((model(X) - X) ** 2).mean().backward()
    for name, tensor in model.named_parameters():
        if tensor.grad is not None:
            assert metrics["update"][name]["norm"] == pytest.approx(0.1 * float(tensor.grad.norm()), rel=1e-5)
            assert metrics["update"][name]["relative"] == pytest.approx(
                0.1 * float(tensor.grad.norm() / tensor.detach().norm()), rel=1e-5
            )
    parts = [metrics["update"][f"encoder.{name}"]["norm"] for name in ("weight", "bias")]
    assert metrics["modules"]["encoder"]["norm"] == pytest.approx(sum(part**2 for part in parts) ** 0.5)


def test_a_detached_encoder_does_not_move(context: FakeContext) -> None:
    broken = _measured(context, Detached)
    assert changed(_measured(context), broken) == {"update", "modules", "unmoved", "without_gradient"}
    assert broken.metrics["unmoved"] == ["encoder.weight", "encoder.bias"]
    assert broken.metrics["modules"]["encoder"] == {"norm": 0.0, "relative": 0.0}


def test_weight_decay_moves_without_learning(context: FakeContext) -> None:
    class Zeroed(Model):
        def latent(self, x: Tensor) -> Tensor:
            return super().latent(x) * 0

    metrics = _measured(context, Zeroed, optimizer="adamw").metrics
    assert "encoder.weight" in metrics["without_gradient"]
    assert "encoder.weight" not in metrics["unmoved"]


def test_what_is_frozen_and_what_is_declared(context: FakeContext) -> None:
    def frozen() -> Model:
        model = Model()
        model.encoder.requires_grad_(False)
        return model

    assert _measured(context, frozen).metrics["undeclared_frozen"] == ["encoder.weight", "encoder.bias"]
    assert _measured(context, frozen, frozen=("positions", "encoder.*")).metrics["undeclared_frozen"] == []
    metrics = _measured(context, frozen=("positions", "head.*", "tail")).metrics
    assert metrics["declared_but_moving"] == ["head.weight", "head.bias"]
    assert metrics["unmatched"] == ["tail"]


def test_a_trainer_that_forgot_a_module(context: FakeContext) -> None:
    class Trainer:
        def __init__(self) -> None:
            self.model = Model()
            self.optimizer = torch.optim.SGD(self.model.head.parameters(), lr=0.1)

        def step(self) -> Tensor:
            self.optimizer.zero_grad()
            loss: Tensor = ((self.model(X) - X) ** 2).mean()
            loss.backward()
            self.optimizer.step()
            return loss

    metrics = measured(check, context, trainer=Fresh(Trainer), frozen=("positions",)).metrics
    assert metrics["unmoved"] == ["encoder.weight", "encoder.bias"]
    assert metrics["without_gradient"] == []


class Probe:
    """A linear layer on a frozen backbone, in train mode or not."""

    def __init__(self, *, frozen_in_eval: bool) -> None:
        torch.manual_seed(0)
        backbone = nn.Sequential(nn.Linear(4, 12), nn.BatchNorm1d(12), nn.BatchNorm1d(12, affine=False), nn.ReLU())
        self.model = nn.ModuleDict({"backbone": backbone.requires_grad_(False), "head": nn.Linear(12, 4)})
        self.model.train()
        backbone.train(not frozen_in_eval)
        self.optimizer = torch.optim.SGD(self.model["head"].parameters(), lr=0.05)

    def step(self) -> Tensor:
        self.optimizer.zero_grad()
        loss: Tensor = ((self.model["head"](self.model["backbone"](X)) - X) ** 2).mean()
        loss.backward()
        self.optimizer.step()
        return loss


def test_running_statistics_of_a_frozen_module_move(context: FakeContext) -> None:
    fixed, moving = (
        measured(check, context, trainer=Fresh(partial(Probe, frozen_in_eval=kept)), frozen=("backbone.*",))
        for kept in (True, False)
    )
    assert (fixed.metrics["declared_but_moving"], fixed.metrics["moved_buffers"]) == ([], [])
    statistics = [
        f"backbone.{at}.{name}" for at in (1, 2) for name in ("running_mean", "running_var", "num_batches_tracked")
    ]
    assert moving.metrics["declared_but_moving"] == moving.metrics["moved_buffers"] == statistics
    assert moving.metrics["unmoved"] == []
    assert any(finding.symbol == "backbone.1.running_mean" for finding in moving.findings)


def test_buffers_of_a_module_that_learns_may_move_unless_they_are_declared(context: FakeContext) -> None:
    def model() -> nn.Module:
        torch.manual_seed(0)
        return nn.Sequential(nn.BatchNorm1d(4), nn.Linear(4, 4))

    metrics = _measured(context, model, frozen=()).metrics
    assert (metrics["moved_buffers"], metrics["declared_but_moving"]) == ([], [])
    metrics = _measured(context, model, frozen=("0.running_mean", "0.running_max")).metrics
    assert (metrics["moved_buffers"], metrics["declared_but_moving"]) == ([], ["0.running_mean"])
    assert metrics["unmatched"] == ["0.running_max"]


class Normed(Model):
    """A layer norm near 1 whose gradient is small."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)

    def latent(self, x: Tensor) -> Tensor:
        normed: Tensor = self.norm(super().latent(x))
        return normed * 1e-5


def test_an_update_that_rounds_away_is_told_from_a_parameter_that_is_left_out(context: FakeContext) -> None:
    metrics = _measured(context, Normed).metrics
    assert metrics["unmoved"] == metrics["rounded_away"] == ["norm.weight"]
    assert metrics["without_gradient"] == []
    assert _measured(context, Normed, optimizer="adam").metrics["unmoved"] == []
    assert _measured(context, Detached).metrics["rounded_away"] == []

    class Trainer:
        def __init__(self) -> None:
            self.model = Normed()
            self.optimizer = torch.optim.SGD([*self.model.head.parameters(), *self.model.norm.parameters()], lr=1e-2)

        def step(self) -> Tensor:
            self.optimizer.zero_grad()
            loss: Tensor = ((self.model(X) - X) ** 2).mean()
            loss.backward()
            self.optimizer.step()
            return loss

    metrics = measured(check, context, trainer=Fresh(Trainer), frozen=("positions",)).metrics
    assert metrics["unmoved"] == ["encoder.weight", "encoder.bias", "norm.weight"]
    assert metrics["rounded_away"] == ["norm.weight"]


def test_what_cannot_be_stepped(context: FakeContext) -> None:
    cases: list[dict[str, object]] = [
        {"model": None},
        {"trainer": Fresh(Model)},
        {"loss": None},
        {"model": None, "trainer": Fresh(list)},
        {"model": None, "loss": None, "trainer": Fresh(tiny.Trainer), "mode": "eval"},
    ]
    for wrong in cases:
        with pytest.raises(MeasurementError):
            measured(check, context, **{"model": Fresh(Model), "loss": LOSS, "inputs": (X,), **wrong})


class Tracking(Model):
    """Its buffer holds a mask of infinities, and another one that breaks in the step."""

    def __init__(self, broken: bool) -> None:
        super().__init__()
        self.register_buffer("mask", torch.full((2,), float("-inf")))
        self.register_buffer("mean", torch.zeros(2))
        self.broken = broken

    def forward(self, x: Tensor) -> Tensor:
        if self.broken:
            self.get_buffer("mean").fill_(float("nan"))
        out: Tensor = super().forward(x)
        return out


def test_a_buffer_that_breaks_is_not_finite_and_a_mask_may_hold_infinity(context: FakeContext) -> None:
    assert _measured(context, lambda: Tracking(False)).metrics["finite"] is True
    assert _measured(context, lambda: Tracking(True)).metrics["finite"] is False


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"model": Fresh(tiny.model), "loss": tiny.LOSS, "inputs": (tiny.batch(),), "frozen": ["9.*"]}
