"""train.resume on a trainer that saves everything it needs, and on ones that each forget one thing."""

from __future__ import annotations

import copy
import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import nn

from speccheck.checks.train.resume import Params, check
from speccheck.sdk import Evidence, Fresh, MeasurementError
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared


class Trainer:
    """Adam on random data with a decaying learning rate; its random state and schedule are part of its state."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model: nn.Module = nn.Linear(3, 1)
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.05)
        self.generator = torch.Generator().manual_seed(1)
        self.n_steps = 0

    def step(self) -> float:
        x = torch.randn(4, 3, generator=self.generator)
        for group in self.optimizer.param_groups:
            group["lr"] = 0.05 / (1 + self.n_steps)
        loss = (self.model(x) - x.sum(1, keepdim=True)).square().mean() + self.extra()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.n_steps += 1
        return float(loss.detach())

    def extra(self) -> float:
        return 0.0

    def state_dict(self) -> dict[str, Any]:
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "n_steps": self.n_steps,
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"])
        self.n_steps = state["n_steps"]


class ForgetsMoments(Trainer):
    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict({**state, "optimizer": copy.deepcopy(self.optimizer.state_dict())})


class ForgetsData(Trainer):
    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict({**state, "generator": self.generator.get_state()})


class ForgetsSchedule(Trainer):
    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict({**state, "n_steps": 0})


class UsesGlobalState(Trainer):
    """Repeatable from one seed, but its draws are in no checkpoint."""

    def extra(self) -> float:
        return random.random() + float(torch.rand(()))


class SavesGlobalState(UsesGlobalState):
    def state_dict(self) -> dict[str, Any]:
        version, internal, gauss = random.getstate()
        return {**super().state_dict(), "torch": torch.get_rng_state(), "python": [version, list(internal), gauss]}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict(state)
        version, internal, gauss = state["python"]
        random.setstate((version, tuple(internal), gauss))
        torch.set_rng_state(state["torch"])


class Unrepeatable(Trainer):
    count = 0

    def extra(self) -> float:
        Unrepeatable.count += 1
        return float(Unrepeatable.count)


class Many(ForgetsMoments):
    """Adam keeps two moments for each of many parameters."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(*(nn.Linear(3, 3) for _ in range(6)), nn.Linear(3, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.05)


class Idle(Trainer):
    def step(self) -> float:
        self.n_steps += 1
        return 1.0


class Diverged(Trainer):
    def extra(self) -> float:
        return math.nan


def measured(context: FakeContext, trainer: Any, steps: int = 6, at: int = 2) -> Evidence:
    evidence = check.measure(Params(trainer=Fresh(trainer), steps=steps, at=at), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence


@pytest.mark.parametrize("trainer", [Trainer, SavesGlobalState])
def test_a_trainer_that_saves_everything_resumes_exactly(context: FakeContext, trainer: type[Trainer]) -> None:
    evidence = measured(context, trainer)
    metrics = evidence.metrics
    assert metrics["repeatable"]
    assert metrics["identical"]
    assert metrics["losses_identical"]
    assert metrics["state_identical"]
    assert (metrics["differing"], metrics["max_abs_difference"], metrics["resumed_steps"]) == ([], 0, 4)
    assert metrics["distinct_losses"] == 6
    assert metrics["moved"] > 0
    assert evidence.series["loss"].y[2:] == evidence.series["resumed_loss"].y
    assert evidence.series["resumed_loss"].x == (2, 3, 4, 5)


def test_the_checkpoint_is_kept(context: FakeContext) -> None:
    artifact = measured(context, Trainer).artifacts["checkpoint"]
    path = context.artifacts / artifact.path
    assert path.stat().st_size == artifact.size
    assert torch.load(path, weights_only=True)["n_steps"] == 2


@pytest.mark.parametrize("trainer", [ForgetsMoments, ForgetsData, ForgetsSchedule, UsesGlobalState])
def test_what_is_forgotten_shows_though_runs_repeat(context: FakeContext, trainer: type[Trainer]) -> None:
    evidence = measured(context, trainer)
    metrics = evidence.metrics
    assert metrics["repeatable"]
    assert not metrics["identical"]
    assert not metrics["losses_identical"] or not metrics["state_identical"]
    assert metrics["max_abs_difference"] > 0
    assert metrics["finite"]
    assert {finding.symbol for finding in evidence.findings} >= set(metrics["differing"])


def test_forgotten_moments_are_found_in_the_state(context: FakeContext) -> None:
    differing = measured(context, ForgetsMoments).metrics["differing"]
    assert any("exp_avg" in path for path in differing)
    assert not any("generator" in path for path in differing)


class LosesTheOrder(Many):
    """Goes on from the first example, which changes every weight; its place is the last of its state."""

    def state_dict(self) -> dict[str, Any]:
        state = super(ForgetsMoments, self).state_dict()
        state["place"] = {"order": [self.n_steps, 1, 2], "epoch": 0}
        return state

    def load_state_dict(self, state: dict[str, Any]) -> None:
        Trainer.load_state_dict(self, {**state, "n_steps": 0})


def test_of_many_differences_those_come_first_that_tell_the_cause(context: FakeContext) -> None:
    """The count of steps is not read back, so the schedule and then all weights and moments differ at the end."""
    evidence = measured(context, LosesTheOrder)
    differing = evidence.metrics["differing"]
    assert len(differing) > 20
    assert set(differing[:2]) == {"value.n_steps", "value.place.order"}
    assert differing[-1].startswith(("value.model", "value.optimizer"))
    assert [finding.message for finding in evidence.findings[:2]] == [
        "right after reading the file: value.n_steps: 2 against 0",
        "right after reading the file: value.place.order: 1 of 3 elements differ, first at [0]: 2, 0",
    ]


def test_what_is_no_weight_comes_before_weights(context: FakeContext) -> None:
    differing = measured(context, ForgetsSchedule).metrics["differing"]
    assert differing.index("value.n_steps") < differing.index("value.model.weight")


def test_a_long_list_of_differences_is_told_in_part_and_kept_whole(context: FakeContext) -> None:
    evidence = measured(context, Many)
    assert len(evidence.metrics["differing"]) > len(evidence.findings) == 20


def test_a_state_that_alone_differs_is_not_identical(context: FakeContext) -> None:
    class Tagged(Trainer):
        made = 0

        def __init__(self) -> None:
            super().__init__()
            Tagged.made += 1
            self.tag = Tagged.made

        def state_dict(self) -> dict[str, Any]:
            return {**super().state_dict(), "tag": self.tag}

    metrics = measured(context, Tagged).metrics
    assert metrics["losses_identical"]
    assert not metrics["identical"]
    assert metrics["differing"] == ["value.tag"]


class ForgetsBuffers(Trainer):
    """Its state holds parameters alone; batch normalisation in train mode does not use its running statistics."""

    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(nn.BatchNorm1d(3), nn.Linear(3, 1))
        self.optimizer = torch.optim.Adam(self.model.parameters(), lr=0.05)

    def state_dict(self) -> dict[str, Any]:
        return {**super().state_dict(), "model": dict(self.model.named_parameters())}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        super().load_state_dict({**state, "model": {**self.model.state_dict(), **state["model"]}})


def test_buffers_that_no_state_holds_are_compared(context: FakeContext) -> None:
    metrics = measured(context, ForgetsBuffers).metrics
    assert metrics["identical"]
    assert metrics["model_differing"] == ["0.running_mean", "0.running_var", "0.num_batches_tracked"]
    assert measured(context, Trainer).metrics["model_differing"] == []


def test_a_trainer_that_does_not_repeat_says_so(context: FakeContext) -> None:
    metrics = measured(context, Unrepeatable).metrics
    assert not metrics["repeatable"]
    assert not metrics["identical"]


def test_an_idle_trainer_resumes_perfectly_and_moves_nothing(context: FakeContext) -> None:
    metrics = measured(context, Idle).metrics
    assert metrics["identical"]
    assert (metrics["moved"], metrics["distinct_losses"]) == (0, 1)


class Detached(Trainer):
    """Steps its optimizer on gradients that are all zero; Adam counts the steps nevertheless."""

    def step(self) -> float:
        for parameter in self.model.parameters():
            parameter.grad = torch.zeros_like(parameter)
        self.optimizer.step()
        return float(torch.randn((), generator=self.generator))


class Hidden:
    """A trainer around another one, whose module is not at hand as ``model``."""

    def __init__(self, inner: Trainer) -> None:
        self.inner = inner
        self.step, self.state_dict = inner.step, inner.state_dict
        self.load_state_dict = inner.load_state_dict


def test_a_step_counter_is_no_movement(context: FakeContext) -> None:
    for trainer in (Detached, lambda: Hidden(Detached())):
        metrics = measured(context, trainer).metrics
        assert metrics["identical"]
        assert metrics["moved"] == 0
        assert metrics["distinct_losses"] == 6
    assert measured(context, lambda: Hidden(Trainer())).metrics["moved"] > 0


def test_nan_losses_equal_nothing(context: FakeContext) -> None:
    metrics = measured(context, Diverged).metrics
    assert not metrics["finite"]
    assert not metrics["identical"]
    assert not metrics["repeatable"]
    assert math.isnan(metrics["max_abs_difference"])


def test_the_movement_is_that_after_the_resumption(context: FakeContext) -> None:
    class Steps:
        """Adds one each step, in a tensor and beside an infinity that stays."""

        def __init__(self) -> None:
            self.value = torch.tensor([0.0, -math.inf])

        def step(self) -> float:
            self.value += 1
            return float(self.value[0])

        def state_dict(self) -> dict[str, Any]:
            return {"value": self.value}

        def load_state_dict(self, state: dict[str, Any]) -> None:
            self.value = state["value"]

    metrics = measured(context, Steps, steps=7, at=4).metrics
    assert metrics["identical"]
    assert metrics["moved"] == 3


def test_a_loss_may_be_a_tensor(context: FakeContext) -> None:
    class Attached(Trainer):
        def step(self) -> Any:
            return torch.tensor(super().step(), requires_grad=True)

    assert measured(context, Attached).metrics["losses_identical"]


def test_a_state_without_tensors_has_no_movement(context: FakeContext) -> None:
    class Counter:
        n = 0

        def step(self) -> float:
            self.n += 1
            return float(self.n)

        def state_dict(self) -> dict[str, Any]:
            return {"n": self.n}

        def load_state_dict(self, state: dict[str, Any]) -> None:
            self.n = state["n"]

    assert "moved" not in measured(context, Counter).metrics


def test_there_must_be_a_step_to_resume_for(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="at: 6 leaves none of 6 steps"):
        measured(context, Trainer, steps=6, at=6)
    assert measured(context, Trainer, steps=2, at=1).metrics["resumed_steps"] == 1


def test_a_checkpoint_that_needs_code_is_refused(context: FakeContext) -> None:
    class Pickled(Trainer):
        def state_dict(self) -> dict[str, Any]:
            return {**super().state_dict(), "random": random.Random(0)}

    with pytest.raises(MeasurementError, match="weights_only=True"):
        measured(context, Pickled)


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"trainer": Fresh(tiny.Trainer), "steps": 4, "at": 2}
