from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image
from torch import Tensor, nn

from speccheck.checks.train.steps import check
from speccheck.sdk import Fresh, MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

TOKENS = torch.randn(4, 6, 5, generator=torch.Generator().manual_seed(0))


class Model(nn.Module):
    """in_proj, encoder with a final LayerNorm, out_proj; a subclass spoils one thing."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.in_proj = nn.Linear(5, 8)
        self.encoder = nn.Sequential(nn.Linear(8, 8), nn.GELU(), nn.Linear(8, 8), nn.LayerNorm(8))
        self.out_proj = nn.Linear(8, 5)

    def latent(self, x: Tensor) -> Tensor:
        latent: Tensor = self.encoder(self.in_proj(x))
        return latent

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out_proj(self.latent(x))
        return out


def mse(output: Tensor, batch: Tensor) -> Tensor:
    return ((output - batch) ** 2).mean()


class Normed(Model):
    """A layer norm near 1 whose gradient is small, and a weight that nothing uses."""

    def __init__(self) -> None:
        super().__init__()
        self.small = nn.LayerNorm(5)
        self.unused = nn.Parameter(torch.ones(2))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = super().forward(x) + 1e-6 * self.small(x)
        return out


LOSS = PartialCall(mse, (Placeholder("output"), Placeholder("batch")), {})
HOW: dict[str, Any] = {
    "steps": 4,
    "inputs": (TOKENS,),
    "activations": ("in_proj", "encoder", "out_proj"),
    "latent": "encoder",
    "lr": 0.01,
}


def test_steps_that_round_away_are_told_from_a_parameter_that_is_left_out(context: FakeContext) -> None:
    metrics = _measured(context, Normed, optimizer="sgd").metrics
    assert metrics["unmoved"] == ["unused", "small.weight"]
    assert metrics["rounded_away"] == ["small.weight"]
    assert _measured(context, Model).metrics["rounded_away"] == []


def _measured(context: FakeContext, model: Callable[[], Any] = Model, loss: Any = LOSS, **more: Any) -> Any:
    return measured(check, context, model=Fresh(model), loss=loss, **{**HOW, **more})


def test_a_sound_training(context: FakeContext) -> None:
    evidence = _measured(context)
    metrics = evidence.metrics
    assert all(len(metrics[name]) == 4 for name in ("loss", "grad_norm", "param_norm", "pred_mean", "pred_std"))
    assert metrics["loss"][-1] < metrics["loss"][0]
    assert (metrics["finite"], metrics["repeat_identical"], metrics["warnings"]) == (True, True, 0)
    assert (metrics["unmoved"], metrics["without_gradient"], metrics["unrecorded"]) == ([], [], [])
    assert metrics["activations"]["out_proj"]["mean"] == metrics["pred_mean"]
    assert metrics["activations"]["encoder"]["std"][0] == pytest.approx(1, abs=0.01)
    assert metrics["spread"]["row_std"] > 0.3
    assert metrics["latent_change"] > 0
    assert min(metrics["module_updates"].values()) > 0


def test_its_numbers_are_those_of_plain_torch(context: FakeContext) -> None:
    model = Model()
    optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
    expected: dict[str, list[float]] = {"loss": [], "grad_norm": [], "param_norm": [], "pred_std": []}
    for _ in range(4):
        optimizer.zero_grad()
        output = model(TOKENS)
        loss = mse(output, TOKENS)
        loss.backward()
        grads = torch.cat([p.grad.flatten() for p in model.parameters() if p.grad is not None])
        expected["loss"].append(float(loss.detach()))
        expected["grad_norm"].append(float(grads.norm()))
        expected["param_norm"].append(float(torch.cat([p.detach().flatten() for p in model.parameters()]).norm()))
        expected["pred_std"].append(float(output.detach().std(correction=0)))
        optimizer.step()
    metrics = _measured(context).metrics
    for name, values in expected.items():
        assert metrics[name] == pytest.approx(values, rel=1e-5)


def test_the_loss_curve_is_a_picture(context: FakeContext) -> None:
    evidence = _measured(context)
    assert evidence.series["loss"].y == tuple(evidence.metrics["loss"])
    with Image.open(context.artifacts / evidence.artifacts["loss"].path) as picture:
        assert picture.size == (720, 360)
        assert len(picture.getcolors(1 << 20) or ()) > 3


class Blind(Model):
    def latent(self, x: Tensor) -> Tensor:
        return super().latent(x).detach()


class Collapsed(Model):
    def latent(self, x: Tensor) -> Tensor:
        return super().latent(x)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.out_proj(self.encoder(0 * self.in_proj(x)))
        return out


class Noisy(Model):
    generator = torch.Generator().manual_seed(3)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x * (torch.rand(x.shape, generator=self.generator) > 0.2))


class Warning_(Model):  # noqa: N801
    def forward(self, x: Tensor) -> Tensor:
        warnings.warn("nested tensors are slow", UserWarning, stacklevel=1)
        return super().forward(x)


def test_an_encoder_without_gradient_shows(context: FakeContext) -> None:
    metrics = _measured(context, Blind).metrics
    assert metrics["module_grad_norms"]["encoder"] == [0.0] * 4
    assert min(metrics["module_grad_norms"]["out_proj"]) > 0
    assert set(metrics["without_gradient"]) == {
        n for n, _ in Model().named_parameters() if not n.startswith("out_proj")
    }
    assert metrics["latent_change"] == 0
    assert metrics["module_updates"]["encoder"] == 0


def test_a_collapsed_encoder_shows_behind_its_layer_norm(context: FakeContext) -> None:
    sound, broken = _measured(context).metrics, _measured(context, Collapsed).metrics
    assert broken["activations"]["encoder"]["std"][0] == pytest.approx(1, abs=0.01)
    assert broken["spread"]["row_std"] == pytest.approx(0, abs=1e-6)
    assert broken["spread"]["effective_rank"] == 0
    assert broken["spread"]["mean_cosine"] == pytest.approx(1)
    assert sound["spread"]["effective_rank"] > 2
    assert sound["spread"]["mean_cosine"] < 0.9


def test_a_generator_that_runs_on_is_no_repetition(context: FakeContext) -> None:
    metrics = _measured(context, Noisy).metrics
    assert not metrics["repeat_identical"]
    assert "loss from step 0" in metrics["repeat_differing"]
    assert "repeat_identical" not in _measured(context, Noisy, repeat=False).metrics


def test_a_nan_at_step_three_is_named(context: FakeContext) -> None:
    calls = [0]

    def failing(output: Tensor, batch: Tensor) -> Tensor:
        calls[0] += 1
        return mse(output, batch) * (math.nan if calls[0] % 4 == 0 else 1)

    metrics = _measured(context, loss=PartialCall(failing, (Placeholder("output"), Placeholder("batch")), {})).metrics
    assert not metrics["finite"]
    assert "loss at step 3" in metrics["nonfinite"]
    assert "loss at step 2" not in metrics["nonfinite"]
    assert any(name.endswith("at the end") for name in metrics["nonfinite"])


def test_warnings_are_counted_by_origin(context: FakeContext) -> None:
    sound, evidence = _measured(context), _measured(context, Warning_, origins=("test_steps", "torch"))
    assert changed(sound, evidence) == {"warnings", "warnings_by_origin", "warnings_from"}
    assert evidence.metrics["warnings"] == 4
    assert list(evidence.metrics["warnings_by_origin"].values()) == [4]
    assert evidence.metrics["warnings_from"] == {"test_steps": 4, "torch": 0}


def test_modules_that_are_not_there_are_named(context: FakeContext) -> None:
    metrics = _measured(context, activations=("in_proj", "decoder"), latent="head").metrics
    assert metrics["unrecorded"] == ["decoder", "head"]
    assert list(metrics["activations"]) == ["in_proj"]
    assert "spread" not in metrics


def test_a_trainer_is_watched_alike(context: FakeContext) -> None:
    class Trainer:
        def __init__(self) -> None:
            self.model = Model()
            self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=0.01)

        def step(self) -> Tensor:
            self.optimizer.zero_grad()
            loss = mse(self.model(TOKENS), TOKENS)
            loss.backward()
            self.optimizer.step()
            return loss

    given = {name: HOW[name] for name in ("steps", "activations", "latent")}
    theirs = measured(check, context, trainer=Fresh(Trainer), **given)
    assert changed(_measured(context), theirs) == set()


def test_frozen_parameters_are_not_expected_to_move(context: FakeContext) -> None:
    def frozen() -> Model:
        model = Model()
        model.in_proj.requires_grad_(False)
        return model

    metrics = _measured(context, frozen).metrics
    assert "in_proj" not in metrics["module_grad_norms"]
    assert metrics["unmoved"] == []


class Counted(Model):
    """A buffer that no number shows, and no seed repeats."""

    made = 0

    def __init__(self) -> None:
        super().__init__()
        Counted.made += 1
        self.register_buffer("seen", torch.tensor(Counted.made))


def test_a_buffer_that_another_run_does_not_repeat(context: FakeContext) -> None:
    broken = _measured(context, Counted)
    assert changed(_measured(context), broken) == {"repeat_identical", "repeat_differing"}
    assert broken.metrics["repeat_differing"] == ["buffer seen at the end"]


def test_buffers_of_a_frozen_module_are_not_expected_to_move(context: FakeContext) -> None:
    def frozen() -> Model:
        model = Model()
        model.register_module("in_proj", nn.Sequential(nn.Linear(5, 8), nn.BatchNorm1d(6)).requires_grad_(False))
        return model

    names = [f"in_proj.1.{name}" for name in ("running_mean", "running_var", "num_batches_tracked")]
    assert _measured(context, frozen).metrics["moved_buffers"] == names
    assert _measured(context).metrics["moved_buffers"] == []


class Drifting(Model):
    """A buffer that holds infinity from the first call on."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("seen", torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        self.get_buffer("seen").add_(math.inf)
        out: Tensor = super().forward(x)
        return out


def test_a_buffer_that_breaks_is_named(context: FakeContext) -> None:
    metrics = _measured(context, Drifting).metrics
    assert (metrics["finite"], metrics["nonfinite"]) == (False, ["seen at the end"])


@pytest.mark.parametrize("wrong", [{"model": None}, {"trainer": Fresh(Model)}, {"loss": None}])
def test_what_cannot_be_trained(context: FakeContext, wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, **{"model": Fresh(Model), "loss": LOSS, **HOW, **wrong})


def test_one_step_is_enough(context: FakeContext) -> None:
    metrics = _measured(context, steps=1).metrics
    assert len(metrics["loss"]) == 1
    assert metrics["latent_change"] == 0


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {
        "steps": 2,
        "model": Fresh(tiny.model),
        "loss": tiny.LOSS,
        "inputs": (tiny.batch(),),
        "activations": ["0"],
        "latent": "1",
        "origins": ["torch"],
    }
