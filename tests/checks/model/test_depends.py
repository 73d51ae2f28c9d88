from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from speccheck.checks.model.depends import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

TOKENS = torch.randn(2, 6, 4, generator=torch.Generator().manual_seed(0))
MASK = torch.tensor([[0, 1, 1, 0, 0, 1], [1, 0, 1, 0, 1, 0]], dtype=torch.bool)
EXPECTED = {"visible": ("at_masked", "at_visible"), "masked": ()}
HOW: dict[str, Any] = {
    "inputs": (TOKENS, MASK),
    "regions": {"visible": ~MASK, "masked": MASK},
    "outputs": {"at_masked": MASK, "at_visible": ~MASK},
    "expected": EXPECTED,
}


class Masked(nn.Module):
    """Predicts masked tokens from the visible ones; a subclass spoils one thing."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.mixer = nn.MultiheadAttention(4, 1, batch_first=True)
        self.out = nn.Linear(4, 4)

    def hide(self, x: Tensor, mask: Tensor) -> Tensor:
        return x.masked_fill(mask[..., None], 0.0)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        hidden = self.hide(x, mask)
        out: Tensor = self.out(self.mixer(hidden, hidden, hidden)[0])
        return out


class Leaking(Masked):
    def hide(self, x: Tensor, mask: Tensor) -> Tensor:
        return x


class Reversed(Masked):
    def hide(self, x: Tensor, mask: Tensor) -> Tensor:
        return super().hide(x, ~mask)


class Constant(Masked):
    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        out: Tensor = self.out(torch.ones_like(x))
        return out


class Alone(Masked):
    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        out: Tensor = self.out(self.hide(x, mask))
        return out


def test_masked_predictions_use_visible_tokens_only(context: FakeContext) -> None:
    metrics = measured(check, context, model=Masked(), **HOW).metrics
    assert metrics["moves"] == {"visible": ["at_masked", "at_visible"], "masked": []}
    assert metrics["change"]["masked"] == {"at_masked": 0.0, "at_visible": 0.0}
    assert metrics["change"]["visible"]["at_masked"] > 1e-3
    assert (metrics["mismatches"], metrics["repeats"], metrics["unmoved"]) == ([], True, ["masked"])


@pytest.mark.parametrize(
    ("model", "mismatches"),
    [
        (Leaking, ["masked -> at_masked", "masked -> at_visible"]),
        (Reversed, ["visible -> at_masked", "visible -> at_visible", "masked -> at_masked", "masked -> at_visible"]),
        (Constant, ["visible -> at_masked", "visible -> at_visible"]),
        (Alone, ["visible -> at_masked"]),
    ],
)
def test_each_wrong_dependence_shows(context: FakeContext, model: type[Masked], mismatches: list[str]) -> None:
    broken = measured(check, context, model=model(), **HOW)
    assert broken.metrics["mismatches"] == mismatches
    names = changed(measured(check, context, model=Masked(), **HOW), broken)
    assert names <= {"mismatches", "change", "moved", "moves", "unmoved"}


def test_dropout_left_on_is_told_from_dependence(context: FakeContext) -> None:
    class Dropping(Masked):
        def forward(self, x: Tensor, mask: Tensor) -> Tensor:
            return nn.functional.dropout(super().forward(x, mask), 0.5, training=True)

    assert not measured(check, context, model=Dropping(), **HOW).metrics["repeats"]


def test_whole_inputs_without_regions(context: FakeContext) -> None:
    evidence = measured(check, context, model=lambda a, b, n: a * 2, inputs=(torch.ones(2, 3), torch.ones(2), 1))
    assert evidence.metrics["moves"] == {"0": ["all"], "1": []}
    assert evidence.metrics["moved"]["0"]["all"] == 1.0
    assert "mismatches" not in evidence.metrics


def test_every_tensor_of_the_output_counts(context: FakeContext) -> None:
    def model(a: Any, b: Any) -> dict[str, Any]:
        return {"logits": a * 2, "hidden": [b]}

    given: dict[str, Any] = {"model": model, "inputs": (torch.ones(2, 3), torch.ones(2))}
    assert measured(check, context, **given).metrics["moves"] == {"0": ["all"], "1": ["all"]}
    named = measured(check, context, outputs={"first": torch.tensor([True, False])}, **given).metrics
    assert named["moves"] == {"0": ["first"], "1": []}


def test_nothing_is_left_changed(context: FakeContext) -> None:
    before, model = TOKENS.clone(), Masked().train()
    measured(check, context, model=model, **HOW)
    assert torch.equal(before, TOKENS)
    assert model.training


@pytest.mark.parametrize(
    "wrong",
    [
        {"regions": {"a": torch.ones(3, dtype=torch.bool)}},
        {"regions": {"a": torch.zeros(2, 6, dtype=torch.bool)}},
        {"regions": {"a": torch.ones(2, 6)}},
        {"region_input": 1},
        {"region_input": 2},
        {"expected": {"nobody": ()}},
        {"expected": {"visible": ("nothing",)}},
        {"model": lambda x, mask: 3},
        {"inputs": (MASK, MASK), "regions": {}},
        {"model": lambda x, mask: x, "mode": "eval"},
    ],
)
def test_what_does_not_fit(context: FakeContext, wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, **{"model": Masked(), **HOW, **wrong})


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"model": tiny.model(), "inputs": (tiny.batch(),), "expected": {"0": ["all"]}}
