"""model.forward on a model that works and on ones that are dead, random, leaky or numerically broken."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from speccheck.checks.model.forward import Params, check
from speccheck.sdk import Evidence, MeasurementError, TensorDescription
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]])


def linear() -> nn.Linear:
    torch.manual_seed(0)
    return nn.Linear(2, 4)


def measured(context: FakeContext, model: Any, *inputs: Any, **more: Any) -> Evidence:
    evidence = check.measure(Params(model=model, inputs=inputs, **more), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence


def test_a_linear_layer_agrees_with_numpy(context: FakeContext) -> None:
    model = linear()
    metrics = measured(context, model, X).metrics
    w, b = (p.detach().numpy() for p in model.parameters())
    wanted = X.numpy() @ w.T + b
    assert metrics["output"] == TensorDescription("float32", (3, 4))
    assert "outputs" not in metrics
    found = [metrics[name] for name in ("min", "max", "mean", "std")]
    assert found == pytest.approx([wanted.min(), wanted.max(), wanted.mean(), wanted.std()], rel=1e-5)
    assert metrics["distinct_values"] == len(np.unique(wanted))
    assert (metrics["parameters"], metrics["trainable"]) == (12, 12)
    assert metrics["finite"]
    assert metrics["repeat_identical"]
    assert metrics["batch_difference"] < 1e-6


def test_a_dead_output_repeats_and_is_seen(context: FakeContext) -> None:
    metrics = measured(context, lambda x: torch.zeros(len(x), 4), X).metrics
    assert metrics["repeat_identical"]
    assert (metrics["distinct_values"], metrics["std"], metrics["batch_difference"]) == (1, 0, 0)
    assert "parameters" not in metrics


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_one_element_that_is_not_finite(context: FakeContext, value: float) -> None:
    def model(x: Tensor) -> Tensor:
        output = x.clone()
        output[0, 0] = value
        return output

    metrics = measured(context, model, X).metrics
    assert metrics["finite"] is False
    assert not math.isfinite(metrics["max"])
    assert not math.isfinite(metrics["mean"])
    assert metrics["repeat_identical"]  # NaN at the same place is the same bits
    assert metrics["distinct_values"] == 6


def test_dropout_that_stays_on_is_seen_and_the_mode_is_restored(context: FakeContext) -> None:
    model = nn.Sequential(linear(), nn.Dropout(0.5))
    model[0].eval()
    assert measured(context, model, X).metrics["repeat_identical"]
    training = measured(context, model, X, mode="train")
    assert not training.metrics["repeat_identical"]
    assert training.findings[0].symbol == "value"
    assert [module.training for module in model] == [False, True]


def test_rows_that_see_each_other_differ_from_a_row_alone(context: FakeContext) -> None:
    metrics = measured(context, lambda x: x - x.mean(0), X).metrics
    assert metrics["batch_difference"] == pytest.approx((X[0] - X.mean(0)).abs().max().item())
    normalised = measured(context, nn.LayerNorm(2), X).metrics
    assert normalised["batch_difference"] < 1e-6


@pytest.mark.parametrize(
    "inputs",
    [(X[:1],), (), (3,)],
)
def test_without_a_batch_there_is_no_difference(context: FakeContext, inputs: tuple[Any, ...]) -> None:
    metrics = measured(context, lambda *_: torch.arange(6.0).view(2, 3), *inputs).metrics
    assert "batch_difference" not in metrics


def test_an_output_of_another_first_axis_is_not_compared(context: FakeContext) -> None:
    assert "batch_difference" not in measured(context, lambda x: x.sum(0), X).metrics


def test_a_model_that_refuses_one_row_is_told(context: FakeContext) -> None:
    def model(x: Tensor) -> Tensor:
        if len(x) != 3:
            raise ValueError("three rows, please")
        return x

    evidence = measured(context, model, X)
    assert "batch_difference" not in evidence.metrics
    assert "ValueError: three rows, please" in evidence.findings[0].message
    assert evidence.metrics["finite"]


def test_named_arguments_are_cut_to_one_row_too(context: FakeContext) -> None:
    def model(x: Tensor, *, mask: Tensor, scale: float) -> Tensor:
        assert len(x) == len(mask)
        return x * mask * scale

    metrics = measured(context, model, X, kwargs={"mask": torch.tensor([[1.0], [0.0], [1.0]]), "scale": 2.0}).metrics
    assert metrics["batch_difference"] == 0


IDS = torch.tensor([[5, 9, 3, 0, 0, 0], [7, 7, 2, 8, 1, 4], [0, 0, 4, 6, 2, 1]])
ROWS = torch.nn.functional.one_hot(IDS, 10).float()


class Sentences(nn.Module):
    """The mean over the tokens of a row that are not padding; or over all of them."""

    def __init__(self, *, masked: bool) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.masked = masked
        self.embed = nn.Embedding(10, 4)

    def forward(self, ids: Tensor) -> Tensor:
        keep = (ids != 0)[..., None] if self.masked else torch.ones_like(ids)[..., None]
        mean: Tensor = (self.embed(ids) * keep).sum(1) / keep.sum(1)
        return mean


def test_a_mean_over_padding_differs_from_a_row_without_it(context: FakeContext) -> None:
    sound = measured(context, Sentences(masked=True), IDS, padding=0)
    model = Sentences(masked=False)
    broken = measured(context, model, IDS, padding=0)
    assert (sound.metrics["padded_rows"], broken.metrics["padded_rows"]) == (2, 2)
    assert sound.metrics["padding_difference"] < 1e-6
    assert broken.metrics["batch_difference"] < 1e-6
    alone = [(model(row[row != 0][None]) - model(row[None])).abs().max().item() for row in IDS[[0, 2]]]
    assert broken.metrics["padding_difference"] == pytest.approx(max(alone), rel=1e-5)
    assert "positions of padding" in broken.findings[-1].message


@pytest.mark.parametrize(
    "marks",
    [{"padding": 0}, {"padding_mask": IDS == 0}, {"padding_mask": (IDS == 0).numpy()}],
)
def test_an_output_with_positions_is_compared_where_they_are_kept(context: FakeContext, marks: Any) -> None:
    def contextual(ids: Tensor, rows: Tensor) -> dict[str, Tensor]:
        keep = (ids != 0)[..., None]
        return {"all": rows + (rows * keep).sum(1, keepdim=True), "mean": (rows * keep).sum(1)}

    assert measured(context, contextual, IDS, ROWS, **marks).metrics["padding_difference"] < 1e-6
    blind = measured(context, lambda ids, rows: rows + rows.mean(1, keepdim=True), IDS, ROWS, **marks)
    assert blind.metrics["padding_difference"] > 0.05


def test_lengths_mark_padding_too(context: FakeContext) -> None:
    rows = torch.rand(3, 6, 2, generator=torch.Generator().manual_seed(0))
    metrics = measured(context, lambda x: x.cumsum(1), rows, lengths=torch.tensor([3, 6, 1])).metrics
    assert (metrics["padded_rows"], metrics["padding_difference"]) == (2, 0)
    metrics = measured(context, lambda x: x.flip(1).cumsum(1).flip(1), rows, lengths=[3, 6, 1]).metrics
    assert metrics["padding_difference"] > 0.1


def test_without_padding_nothing_is_compared(context: FakeContext) -> None:
    metrics = measured(context, Sentences(masked=False), IDS[1:2], padding=0).metrics
    assert metrics["padded_rows"] == 0
    assert "padding_difference" not in metrics
    assert "padded_rows" not in measured(context, Sentences(masked=False), IDS).metrics


def test_a_model_that_refuses_a_shorter_row_is_told(context: FakeContext) -> None:
    def model(ids: Tensor) -> Tensor:
        return ids.float() @ torch.ones(6, 1)

    evidence = measured(context, model, IDS, padding=0)
    assert "padding_difference" not in evidence.metrics
    assert "row 0 alone and without its padding" in evidence.findings[-1].message


@pytest.mark.parametrize(
    ("inputs", "marks", "message"),
    [
        ((IDS,), {"padding": 0, "lengths": [1, 2, 3]}, "both `padding` and `lengths`"),
        ((ROWS,), {"padding": 0}, "no input is a tensor of integers"),
        ((IDS,), {"padding_mask": torch.ones(3, 6)}, "not bools with the rows"),
        ((IDS,), {"padding_mask": torch.ones(6, 3, dtype=torch.bool)}, "not bools with the rows"),
        ((IDS,), {"lengths": [1, 2]}, "the inputs have 3 rows"),
        ((IDS[:, 0],), {"lengths": [1, 2, 3]}, "no input has rows and positions"),
    ],
)
def test_marks_of_padding_that_do_not_fit(context: FakeContext, inputs: Any, marks: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        measured(context, lambda x: x.float(), *inputs, **marks)


def test_buffers_that_a_call_changes_are_named(context: FakeContext) -> None:
    model = nn.Sequential(nn.BatchNorm1d(2), linear())
    assert measured(context, model, X).metrics["moved_buffers"] == []
    names = ["0.running_mean", "0.running_var", "0.num_batches_tracked"]
    assert measured(context, model, X[:2], mode="train").metrics["moved_buffers"] == names


class Output(NamedTuple):
    logits: Tensor
    hidden: tuple[Tensor, ...]


@pytest.mark.parametrize(
    ("output", "names"),
    [
        ((X, X.long()), {"0": "float32[3,2]", "1": "int64[3,2]"}),
        ({"logits": X, "a.b": X[0]}, {"logits": "float32[3,2]", "a.b": "float32[2]"}),
        (
            Output(X, (X, X.double())),
            {"logits": "float32[3,2]", "hidden.0": "float32[3,2]", "hidden.1": "float64[3,2]"},
        ),
        ((X, None, 3), {"0": "float32[3,2]"}),
    ],
)
def test_every_tensor_of_a_larger_output_is_described(context: FakeContext, output: Any, names: dict[str, str]) -> None:
    metrics = measured(context, lambda: output).metrics
    assert {name: str(value) for name, value in metrics["outputs"].items()} == names
    assert "output" not in metrics


def test_ids_beside_logits_stay_out_of_the_statistics(context: FakeContext) -> None:
    metrics = measured(context, lambda: (X, torch.tensor([1000]))).metrics
    assert metrics["max"] == 3
    assert measured(context, lambda: torch.tensor([1000, 5])).metrics["max"] == 1000


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.complex64, torch.bool])
def test_other_element_types(context: FakeContext, dtype: torch.dtype) -> None:
    metrics = measured(context, lambda: torch.tensor([0.0, 1.0]).to(dtype)).metrics
    assert metrics["output"].dtype == str(dtype).removeprefix("torch.")
    assert (metrics["min"], metrics["max"], metrics["finite"]) == (0, 1, True)


def test_an_output_without_elements_claims_nothing(context: FakeContext) -> None:
    metrics = measured(context, lambda: torch.zeros(0, 3)).metrics
    assert metrics["output"] == TensorDescription("float32", (0, 3))
    assert metrics["distinct_values"] == 0
    assert {"finite", "min", "max", "mean", "std"}.isdisjoint(metrics)


def test_an_output_without_tensors_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="holds no tensor"):
        measured(context, lambda: "text")


def test_frozen_parameters_are_not_trainable_and_shared_ones_count_once(context: FakeContext) -> None:
    layer = nn.Linear(2, 2)
    layer.weight.requires_grad_(False)
    metrics = measured(context, nn.Sequential(layer, layer), X).metrics
    assert (metrics["parameters"], metrics["trainable"]) == (6, 2)


def test_a_mode_reaches_a_module_that_a_lambda_hides(context: FakeContext) -> None:
    hidden = eval("lambda x: model(x)", {"model": nn.Sequential(linear(), nn.Dropout(0.5))})
    assert measured(context, hidden, X).metrics["repeat_identical"]
    assert not measured(context, hidden, X, mode="train").metrics["repeat_identical"]


def test_a_mode_without_a_module_is_refused(context: FakeContext) -> None:
    for mode in ("eval", "train"):
        with pytest.raises(MeasurementError, match=f"mode: {mode} was asked for"):
            measured(context, torch.tanh, X, mode=mode)


def test_the_method_of_a_module_counts_its_parameters(context: FakeContext) -> None:
    assert measured(context, linear().forward, X).metrics["parameters"] == 12


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"model": tiny.model(), "inputs": (tiny.batch(),)}
