from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from speccheck.checks.loss.masked import check
from speccheck.sdk import MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

TARGET = torch.rand(3, 16, 5, generator=torch.Generator().manual_seed(0))
GIVEN: dict[str, Any] = {"target": TARGET, "ratios": (0.25, 0.5, 0.75)}


def masked(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return ((pred - target) ** 2).mean(-1)[mask].mean()


def everywhere(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return ((pred - target) ** 2).mean()


def undivided(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return (((pred - target) ** 2).mean(-1) * mask).mean()


def reversed_(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return masked(pred, target, ~mask)


def test_a_loss_that_counts_masked_tokens(context: FakeContext) -> None:
    metrics = measured(check, context, loss=masked, **GIVEN).metrics
    assert set(metrics["visible"].values()) == set(metrics["perfect"].values()) == {0.0}
    assert all(value == pytest.approx(1, abs=1e-6) for value in metrics["masked"].values())
    assert metrics["both"] == metrics["masked"]
    assert metrics["masked_spread"] < 1e-6
    assert metrics["visible_gradient"] == 0
    assert metrics["masked_gradient"] > 0
    assert metrics["masked_tokens"] == {"0.25": 4, "0.5": 8, "0.75": 12}


def test_a_loss_over_all_tokens_shows(context: FakeContext) -> None:
    evidence = measured(check, context, loss=everywhere, **GIVEN)
    metrics = evidence.metrics
    assert metrics["masked"]["0.75"] == pytest.approx(0.75, abs=1e-6)
    assert metrics["visible"]["0.75"] == pytest.approx(2500, rel=1e-5)
    assert metrics["masked_spread"] == pytest.approx(0.5, abs=1e-6)
    assert metrics["visible_gradient"] > 0
    assert "only visible tokens are wrong" in evidence.findings[0].message


def test_a_mean_over_all_tokens_depends_on_the_ratio(context: FakeContext) -> None:
    sound = measured(check, context, loss=masked, **GIVEN)
    broken = measured(check, context, loss=undivided, **GIVEN)
    assert changed(sound, broken) == {"masked", "both", "masked_spread", "masked_gradient"}
    assert broken.metrics["masked_spread"] == pytest.approx(0.5, abs=1e-6)


def test_a_reversed_mask_shows_and_can_be_meant(context: FakeContext) -> None:
    metrics = measured(check, context, loss=reversed_, **GIVEN).metrics
    assert min(metrics["visible"].values()) > 9000
    assert set(metrics["masked"].values()) == {0.0}
    meant = measured(check, context, loss=reversed_, masked_is=False, **GIVEN).metrics
    assert set(meant["visible"].values()) == {0.0}


def test_placeholders_and_other_masks(context: FakeContext) -> None:
    args = (
        Placeholder("batch", (("attr", "mask"),)),
        Placeholder("output"),
        Placeholder("batch", (("attr", "target"),)),
    )
    bound = PartialCall(lambda mask, pred, target: masked(pred, target, mask.bool()), args, {})
    metrics = measured(check, context, loss=bound, mask_dtype="float32", **GIVEN).metrics
    assert (
        changed(measured(check, context, loss=masked, **GIVEN), measured(check, context, loss=bound, **GIVEN)) == set()
    )
    assert set(metrics["visible"].values()) == {0.0}


def test_a_loss_without_gradient_has_none(context: FakeContext) -> None:
    metrics = measured(check, context, loss=lambda p, t, m: float(masked(p, t, m).detach()), **GIVEN).metrics
    assert "visible_gradient" not in metrics
    assert metrics["masked_spread"] < 1e-6


@pytest.mark.parametrize(
    "wrong",
    [
        {"ratios": (0.01,)},
        {"ratios": (1.0,)},
        {"target": torch.zeros(3)},
        {"target": torch.zeros(3, 4, dtype=torch.int64)},
        {"loss": lambda p, t, m: p},
    ],
)
def test_what_cannot_be_measured(context: FakeContext, wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, **{"loss": masked, **GIVEN, **wrong})


def _first_token(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return ((pred - target) ** 2).mean(-1)[mask][0]


def _first_row(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return masked(pred[:1], target[:1], mask[:1])


def _first_feature(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
    return masked(pred[..., :1], target[..., :1], mask)


@pytest.mark.parametrize(("loss", "share"), [(_first_token, 1 / 36), (_first_row, 1 / 3), (_first_feature, 1 / 5)])
def test_a_loss_over_a_part_of_the_masked_tokens_shows(context: FakeContext, loss: Any, share: float) -> None:
    sound = measured(check, context, loss=masked, **GIVEN)
    broken = measured(check, context, loss=loss, **GIVEN)
    assert sound.metrics["masked_reached"] == 1
    assert changed(sound, broken) - {"masked", "both", "masked_spread"} == {"masked_reached", "masked_gradient"}
    assert all(value == pytest.approx(1, abs=1e-6) for value in broken.metrics["masked"].values())
    assert broken.metrics["masked_reached"] == pytest.approx(share)


def test_other_losses_reach_all_and_one_without_gradient_none(context: FakeContext) -> None:
    def absolute(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        return (pred - target).abs().mean(-1)[mask].mean()

    assert measured(check, context, loss=absolute, **GIVEN).metrics["masked_reached"] == 1
    for loss in (lambda p, t, m: masked(p.detach(), t, m), lambda p, t, m: masked(p, t, m) * float("nan")):
        assert measured(check, context, loss=loss, **GIVEN).metrics["masked_reached"] == 0


@pytest.mark.parametrize("broken", [4, 8, 12])
def test_a_gradient_that_is_nan_at_one_ratio_is_not_lost(context: FakeContext, broken: int) -> None:
    def loss(pred: Tensor, target: Tensor, mask: Tensor) -> Tensor:
        extra = (pred * 0).sum() / 0 if int(mask[0].sum()) == broken else 0.0
        return masked(pred, target, mask) + extra

    metrics = measured(check, context, loss=loss, **GIVEN).metrics
    assert math.isnan(metrics["visible_gradient"])
    assert math.isnan(metrics["masked_gradient"])


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""

    def loss(output: Any, target: Any, mask: Any) -> Any:
        return ((output - target) ** 2)[mask].mean()

    return {"loss": loss, "target": tiny.pairs(), "ratios": [0.34, 0.6]}
