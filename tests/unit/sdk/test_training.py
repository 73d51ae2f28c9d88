"""The recipe, the loop of steps, optimizers and trainers."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import pytest
import torch

from speccheck.sdk import Fresh, MeasurementError
from speccheck.sdk.modules import backward
from speccheck.sdk.params import describe
from speccheck.sdk.training import (
    Objective,
    OptimizerName,
    Recipe,
    Training,
    TrainingRecipe,
    begin,
    build_optimizer,
    copied_buffers,
    copied_parameters,
    forward,
    forward_backward,
    frozen_buffers,
    moved_buffers,
    train,
    trained_model,
    trainer_step,
    training_of,
    unmoved_parameters,
)

X = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))


def build() -> torch.nn.Module:
    torch.manual_seed(1)
    return torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.Dropout(0.5), torch.nn.Linear(4, 1))


def squares(output: torch.Tensor) -> torch.Tensor:
    return ((output - X.sum(1, keepdim=True)) ** 2).mean()


def recipe(**given: Any) -> Recipe:
    return Recipe(**{"model": Fresh(build), "loss": squares, "inputs": (X,), "lr": 0.01, **given})


class Trainer:
    """A trainer without a visible model, whose losses are given."""

    def __init__(self, *losses: Any) -> None:
        self.losses = list(losses)

    def step(self) -> Any:
        return self.losses.pop(0)


def test_the_parameters_of_a_recipe_and_their_order() -> None:
    objective = ["model", "loss", "inputs", "batch"]
    assert [field.name for field in describe(Objective)] == objective
    assert [field.name for field in describe(Recipe)] == [*objective, "optimizer", "lr", "trainer"]
    assert [field.name for field in describe(TrainingRecipe)] == ["steps", *objective, "optimizer", "lr", "trainer"]
    assert [field.name for field in describe(TrainingRecipe) if field.required] == ["steps"]


@pytest.mark.parametrize("name", ["adam", "adamw", "sgd"])
def test_the_loop_is_that_of_a_training_written_by_hand(name: OptimizerName) -> None:
    training = begin(recipe(optimizer=name))
    torch.manual_seed(5)
    losses = train(training, 6)

    model = build()
    kinds: dict[str, Any] = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
    optimizer = kinds[name](model.parameters(), lr=0.01)
    torch.manual_seed(5)
    expected = []
    for _ in range(6):
        optimizer.zero_grad()
        loss = squares(model(X))
        backward(loss)
        optimizer.step()
        expected.append(loss.item())
    assert losses == expected
    assert all(map(torch.equal, training.require_model().parameters(), model.parameters()))
    assert training.connected


def test_sgd_without_momentum_goes_down_the_gradient() -> None:
    weight = torch.tensor([2.0, -1.0], requires_grad=True)
    optimizer = build_optimizer("sgd", [weight], 0.25)
    for _ in range(3):
        optimizer.zero_grad()
        backward((weight**2).sum())
        optimizer.step()
    assert weight.tolist() == [2.0 * 0.5**3, -1.0 * 0.5**3]


def test_the_mode_is_that_asked_for() -> None:
    assert not begin(recipe(), "eval").require_model().training
    model = begin(recipe()).require_model()
    assert all(module.training for module in model.modules())


def test_frozen_parameters_are_left_to_themselves() -> None:
    def half_frozen() -> torch.nn.Module:
        model = build()
        model.get_submodule("0").requires_grad_(False)
        return model

    training = begin(recipe(model=Fresh(half_frozen), optimizer="adamw"))
    before = copied_parameters(training.require_model())
    train(training, 2)
    after = dict(training.require_model().named_parameters())
    assert [name for name in before if torch.equal(before[name], after[name])] == ["0.weight", "0.bias"]
    assert unmoved_parameters(before, training.require_model()) == []


def test_parameters_that_a_step_leaves_alone_are_named() -> None:
    training = begin(recipe(loss=lambda output: squares(output.detach() * 1.0 + training_bias())))
    bias: list[torch.Tensor] = []

    def training_bias() -> torch.Tensor:
        return bias[0]

    model = training.require_model()
    bias.append(model.get_parameter("2.bias"))
    before = copied_parameters(model)
    train(training, 1)
    assert unmoved_parameters(before, model) == ["0.weight", "0.bias", "2.weight"]


def test_copies_do_not_follow() -> None:
    model = build()
    copies = copied_parameters(model)
    with torch.no_grad():
        model.get_parameter("2.bias").add_(1)
    assert not torch.equal(copies["2.bias"], model.get_parameter("2.bias"))


def test_buffers_are_state() -> None:
    bare = torch.nn.BatchNorm1d(3, affine=False)
    model = torch.nn.Sequential(torch.nn.BatchNorm1d(3), torch.nn.Sequential(bare))
    model.register_buffer("odd", torch.tensor([math.nan, -0.0]))
    before = copied_buffers(model)
    model.eval()(X)
    assert moved_buffers(before, model) == []
    model[0].train()(X)
    model.get_buffer("odd").neg_()
    bare.running_var = None
    assert moved_buffers(before, model) == [
        *("odd", "0.running_mean", "0.running_var", "0.num_batches_tracked"),
        "1.0.running_var",
    ]


def test_a_buffer_is_frozen_with_the_parameters_around_it() -> None:
    frozen = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3, affine=False)).requires_grad_(False)
    model = torch.nn.Sequential(frozen, torch.nn.Linear(3, 3), torch.nn.BatchNorm1d(3, affine=False))
    model.register_buffer("top", torch.zeros(1))
    assert frozen_buffers(model) == ["0.1.running_mean", "0.1.running_var", "0.1.num_batches_tracked"]
    assert frozen_buffers(torch.nn.BatchNorm1d(3, affine=False)) == []


def test_a_loss_that_reaches_nothing_disconnects_the_training() -> None:
    training = begin(recipe(loss=lambda output: squares(output.detach())))
    before = copied_parameters(training.require_model())
    train(training, 2)
    assert not training.connected
    assert len(unmoved_parameters(before, training.require_model())) == 4


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"model": None}, "neither `model` nor `trainer` is given; give exactly one"),
        ({"trainer": Fresh(Trainer)}, "both `model` and `trainer` are given; give exactly one"),
        ({"loss": None}, "`model` is given without `loss`"),
        ({"model": Fresh(torch.nn.Tanh)}, "none of the 0 parameters"),
        ({"model": Fresh(list)}, "`model` is a list"),
    ],
)
def test_recipes_that_train_nothing(given: dict[str, Any], message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        begin(recipe(**given))


def test_a_trainer_is_stepped_without_a_model() -> None:
    training = begin(recipe(model=None, trainer=Fresh(lambda: Trainer(3, 2.5, torch.tensor(1.0, requires_grad=True)))))
    assert train(training, 3) == [3.0, 2.5, 1.0]
    with pytest.raises(MeasurementError, match="the trainer has no `model`"):
        training.require_model()


@pytest.mark.parametrize("value", [None, "loss", [1.0], torch.zeros(2)])
def test_a_step_that_gives_no_number_is_not_measured(value: Any) -> None:
    with pytest.raises(MeasurementError, match=r"the trainer's step\(\) gave a "):
        trainer_step(Trainer(value))


def test_a_nan_loss_is_a_number() -> None:
    assert math.isnan(trainer_step(Trainer(math.nan)))


def test_the_model_of_a_trainer_is_one_that_can_learn() -> None:
    trainer = Trainer(1.0)
    for model in (None, "text", torch.nn.Tanh(), torch.nn.Linear(1, 1).requires_grad_(False)):
        trainer.model = model  # type: ignore[attr-defined]
        assert trained_model(trainer) is None
    trainer.model = torch.nn.Linear(1, 1)  # type: ignore[attr-defined]
    assert training_of(trainer).require_model() is trainer.model  # type: ignore[attr-defined]


def test_callbacks_are_around_each_step_and_progress_is_seldom() -> None:
    calls: list[Any] = []

    def step() -> float:
        calls.append("step")
        return float(len(calls))

    train(Training(None, step), 2, before=lambda: calls.append("before"), after=calls.append)
    assert calls == ["before", "step", 2.0, "before", "step", 5.0]

    messages: list[str] = []
    train(Training(None, lambda: 0.5), 95, progress=messages.append)
    assert len(messages) == 10
    assert messages[0] == "step 9 of 95: loss 0.5"


def test_a_pass_adds_gradients_and_takes_no_step() -> None:
    model, objective = build().eval(), Objective(loss=squares, inputs=(X,))
    before = copied_parameters(model)
    with torch.no_grad():
        loss = forward_backward(model, objective)
        assert not forward(model, objective).requires_grad
    assert loss.requires_grad
    assert len(unmoved_parameters(before, model)) == 4
    gradient = model.get_parameter("2.bias").grad
    assert gradient is not None
    residual = (model(X) - X.sum(1, keepdim=True)).detach()
    assert float(gradient) == pytest.approx(2 * float(residual.mean()), rel=1e-5)


def test_recipes_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        recipe().lr = 1.0  # type: ignore[misc]
