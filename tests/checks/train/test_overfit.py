"""train.overfit on a model that learns, on ones that cannot, and on trainers."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from speccheck.checks.train.overfit import Params, check
from speccheck.sdk import Evidence, Fresh, MeasurementError
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]])
Y = torch.tensor([[1.0], [0.0], [-1.0]])


def squared(output: Tensor, target: Tensor) -> Tensor:
    return ((output - target) ** 2).mean()


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(2, 1)


class Detached(nn.Linear):
    """Its output is cut from its parameters; the vanishing term keeps backward() from failing."""

    def forward(self, x: Tensor) -> Tensor:
        output = super().forward(x)
        return output.detach() + 0.0 * output


class Normed(nn.Module):
    """A layer norm near 1 whose gradient is small, beside a layer that learns and a weight that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.norm, self.unused = nn.Linear(2, 1), nn.LayerNorm(2), nn.Parameter(torch.ones(1))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.head(x) + 1e-7 * self.norm(x).sum(1, keepdim=True)
        return out


class Drifting(nn.Linear):
    """A buffer that holds infinity from the first call on."""

    def __init__(self) -> None:
        super().__init__(2, 1)
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.get_buffer("seen").add_(math.inf)
        return super().forward(x)


def test_a_buffer_that_breaks_is_not_finite(context: FakeContext) -> None:
    assert measured(context, Drifting).metrics["finite"] is False


def test_steps_that_round_away_are_told_from_a_parameter_that_is_left_out(context: FakeContext) -> None:
    metrics = measured(context, Normed, optimizer="sgd").metrics
    assert metrics["unmoved"] == ["unused", "norm.weight"]
    assert metrics["rounded_away"] == ["norm.weight"]
    assert measured(context, linear).metrics["rounded_away"] == []

    class Trainer:
        def __init__(self) -> None:
            self.model = Normed()
            self.optimizer = torch.optim.SGD(self.model.head.parameters(), lr=0.05)

        def step(self) -> Tensor:
            self.optimizer.zero_grad()
            loss = squared(self.model(X), Y)
            loss.backward()
            self.optimizer.step()
            return loss

    evidence = check.measure(Params(trainer=Fresh(Trainer), steps=3), context)
    assert evidence.metrics["unmoved"] == ["unused", "norm.weight", "norm.bias"]
    assert evidence.metrics["rounded_away"] == []  # no optimizer has it: nothing was rounded


def measured(context: FakeContext, build: Callable[[], Any], **more: Any) -> Evidence:
    given: dict[str, Any] = {"loss": squared, "inputs": (X,), "batch": Y, "steps": 20, "lr": 0.05, **more}
    evidence = check.measure(Params(model=Fresh(build), **given), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence


def test_gradient_descent_agrees_with_numpy(context: FakeContext) -> None:
    evidence = measured(context, linear, optimizer="sgd", steps=5)
    w, b = (p.detach().double().numpy().copy() for p in linear().parameters())
    start = np.concatenate([w.ravel(), b])
    x, y = X.double().numpy(), Y.double().numpy()
    losses = []
    for _ in range(6):
        error = x @ w.T + b - y
        losses.append(float((error**2).mean()))
        d = 2 * error / len(x)
        if len(losses) <= 5:
            w, b = w - 0.05 * d.T @ x, b - 0.05 * d.sum(0)
    metrics = evidence.metrics
    assert metrics["losses"] == pytest.approx(losses[:5], rel=1e-4)
    assert (metrics["initial_loss"], metrics["final_loss"]) == pytest.approx((losses[0], losses[5]), rel=1e-4)
    assert metrics["ratio"] == pytest.approx(losses[5] / losses[0], rel=1e-4)
    assert metrics["min_loss"] == min(metrics["losses"])
    assert metrics["moved"] == pytest.approx(np.linalg.norm(np.concatenate([w.ravel(), b]) - start), rel=1e-4)
    assert (metrics["unmoved"], metrics["finite"], metrics["steps"]) == ([], True, 5)
    assert evidence.series["loss"].x == (0, 1, 2, 3, 4)
    assert evidence.artifacts["loss"].media_type == "image/png"
    assert evidence.series["loss"].y == tuple(metrics["losses"])


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd"])
def test_every_optimizer_brings_the_loss_down(context: FakeContext, optimizer: str) -> None:
    metrics = measured(context, linear, optimizer=optimizer, steps=60).metrics
    assert metrics["ratio"] < 0.9
    assert metrics["unmoved"] == []


def test_a_detached_model_moves_nothing(context: FakeContext) -> None:
    metrics = measured(context, lambda: Detached(2, 1)).metrics
    assert (metrics["ratio"], metrics["moved"], metrics["unmoved"]) == (1, 0, ["weight", "bias"])
    assert len(set(metrics["losses"])) == 1


def test_a_loss_connected_with_nothing_is_evidence_too(context: FakeContext) -> None:
    evidence = measured(context, linear, loss=lambda output, target: squared(output, target).detach())
    assert evidence.metrics["moved"] == 0
    assert "does not require a gradient" in evidence.findings[0].message


def test_one_part_that_is_never_called_is_named(context: FakeContext) -> None:
    def build() -> nn.Module:
        model = linear()
        model.register_parameter("idle", nn.Parameter(torch.ones(1)))
        model.register_parameter("frozen", nn.Parameter(torch.ones(1), requires_grad=False))
        return model

    metrics = measured(context, build).metrics
    assert metrics["unmoved"] == ["idle"]
    assert metrics["moved"] > 0


def test_a_learning_rate_that_is_too_high_shows(context: FakeContext) -> None:
    metrics = measured(context, linear, optimizer="sgd", lr=10.0, steps=10).metrics
    assert metrics["ratio"] > 1e3
    diverged = measured(context, linear, optimizer="sgd", lr=1e30, steps=10)
    assert diverged.metrics["finite"] is False
    assert math.isnan(diverged.metrics["min_loss"])
    assert None in diverged.series["loss"].y


def test_dropout_blurs_neither_end(context: FakeContext) -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Dropout(0.5), linear())

    metrics = measured(context, build, steps=1, optimizer="sgd", lr=1e-12).metrics
    assert metrics["initial_loss"] == pytest.approx(squared(linear()(X), Y).item())
    assert metrics["final_loss"] == pytest.approx(metrics["initial_loss"])
    assert metrics["losses"][0] != pytest.approx(metrics["initial_loss"])


def test_a_loss_of_zero_has_no_ratio(context: FakeContext) -> None:
    metrics = measured(context, linear, loss=lambda output, target: 0 * output.sum(), steps=1).metrics
    assert metrics["initial_loss"] == 0
    assert "ratio" not in metrics


def test_a_new_instance_is_trained_each_time(context: FakeContext) -> None:
    assert measured(context, linear).metrics == measured(context, linear).metrics


class Trainer:
    def __init__(self, model: Any = None, stuck: bool = False) -> None:
        self.model = model
        self.value = 4.0
        self.stuck = stuck

    def step(self) -> float:
        loss = self.value
        if not self.stuck:
            self.value /= 2
            if isinstance(self.model, nn.Module):
                with torch.no_grad():
                    next(self.model.parameters()).add_(0.5)
        return loss


def with_trainer(context: FakeContext, build: Callable[[], Any], steps: int = 3, **more: Any) -> dict[str, Any]:
    evidence = check.measure(Params(trainer=Fresh(build), steps=steps, **more), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence.metrics


def test_a_trainer_is_stepped(context: FakeContext) -> None:
    metrics = with_trainer(context, lambda: Trainer(linear()))
    assert metrics["losses"] == [4, 2, 1]
    assert (metrics["initial_loss"], metrics["final_loss"], metrics["ratio"]) == (4, 1, 0.25)
    assert metrics["moved"] == pytest.approx(1.5 * math.sqrt(2))
    assert metrics["unmoved"] == ["bias"]


def test_a_trainer_that_does_nothing_shows(context: FakeContext) -> None:
    metrics = with_trainer(context, lambda: Trainer(linear(), stuck=True))
    assert (metrics["ratio"], metrics["moved"], metrics["unmoved"]) == (1, 0, ["weight", "bias"])


@pytest.mark.parametrize("model", [None, linear().requires_grad_(False)])
def test_a_trainer_without_a_model_to_train_claims_no_movement(context: FakeContext, model: Any) -> None:
    metrics = with_trainer(context, lambda: Trainer(model, stuck=True))
    assert {"moved", "unmoved", "moved_buffers"}.isdisjoint(metrics)


def test_buffers_of_a_frozen_module_that_move_are_named(context: FakeContext) -> None:
    def build(*, learns: bool) -> nn.Module:
        return nn.Sequential(nn.BatchNorm1d(2).requires_grad_(learns), linear())

    names = ["0.running_mean", "0.running_var", "0.num_batches_tracked"]
    assert measured(context, lambda: build(learns=False)).metrics["moved_buffers"] == names
    assert measured(context, lambda: build(learns=True)).metrics["moved_buffers"] == []


def test_exactly_one_of_model_and_trainer(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="neither `model` nor `trainer`"):
        check.measure(Params(steps=1), context)
    with pytest.raises(MeasurementError, match="both `model` and `trainer`"):
        with_trainer(context, Trainer, model=Fresh(linear))
    with pytest.raises(MeasurementError, match="without `loss`"):
        measured(context, linear, loss=None)
    with pytest.raises(MeasurementError, match="none of the 2 parameters"):
        measured(context, lambda: linear().requires_grad_(False))


def test_a_step_that_gives_no_loss_is_refused(context: FakeContext) -> None:
    class Mute:
        def step(self) -> None:
            return None

    with pytest.raises(MeasurementError, match=r"step\(\) gave a NoneType"):
        with_trainer(context, Mute)


def test_a_long_training_tells_ten_times(context: FakeContext) -> None:
    measured(context, linear, steps=40)
    assert len(context.messages) == 10


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"steps": 3, "model": Fresh(tiny.model), "loss": tiny.LOSS, "inputs": (tiny.batch(),)}
