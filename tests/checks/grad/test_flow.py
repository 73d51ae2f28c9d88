"""grad.flow against numpy and on models whose gradients are cut on purpose."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from speccheck.checks.grad.flow import Params, check
from speccheck.sdk import Evidence, Fresh, MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared

Forward = Callable[["Net", Tensor], Tensor]

X = torch.tensor([[1.0, 2.0], [3.0, -1.0], [0.5, 0.25]])
Y = torch.tensor([[1.0], [0.0], [-1.0]])


def plain(net: Net, x: Tensor) -> Tensor:
    out: Tensor = net.tail(net.head(x))
    return out


class Net(nn.Module):
    """Two linear layers and an unused dropout; ``forward`` is given, so that a test can break it."""

    def __init__(self, forward: Forward = plain) -> None:
        super().__init__()
        torch.manual_seed(0)
        self.head, self.tail, self.drop = nn.Linear(2, 3), nn.Linear(3, 1), nn.Dropout(0.5)
        self._forward = forward

    def forward(self, x: Tensor) -> Tensor:
        return self._forward(self, x)


def squared(output: Tensor, target: Tensor) -> Tensor:
    return ((output - target) ** 2).mean()


def measured(context: FakeContext, build: Callable[[], Any], **more: Any) -> Evidence:
    given: dict[str, Any] = {"loss": squared, "inputs": (X,), "batch": Y, **more}
    evidence = check.measure(Params(model=Fresh(build), **given), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence


def test_norms_agree_with_gradients_by_hand(context: FakeContext) -> None:
    metrics = measured(context, Net).metrics
    net = Net()
    w1, b1, w2, b2 = (p.detach().double().numpy() for p in net.parameters())
    x, y = X.double().numpy(), Y.double().numpy()
    hidden = x @ w1.T + b1
    error = hidden @ w2.T + b2 - y
    d_out = 2 * error / len(x)
    d_hidden = d_out @ w2
    gradients = {
        "head.weight": d_hidden.T @ x,
        "head.bias": d_hidden.sum(0),
        "tail.weight": d_out.T @ hidden,
        "tail.bias": d_out.sum(0),
    }
    assert metrics["loss"] == pytest.approx((error**2).mean(), rel=1e-5)
    for name, gradient in gradients.items():
        assert metrics["grad"][name]["norm"] == pytest.approx(np.linalg.norm(gradient), rel=1e-5)
    by_hand = {
        key: np.sqrt(sum((g**2).sum() for n, g in gradients.items() if n.startswith(key))) for key in ("head", "tail")
    }
    assert set(metrics["modules"]) == {"head", "tail"}
    assert metrics["modules"]["head"]["norm"] == pytest.approx(by_hand["head"], rel=1e-5)
    assert metrics["modules"]["tail"]["norm"] == pytest.approx(by_hand["tail"], rel=1e-5)
    assert metrics["global_norm"] == pytest.approx(np.hypot(by_hand["head"], by_hand["tail"]), rel=1e-5)
    assert (metrics["parameters"], metrics["elements"]) == (4, 13)
    assert metrics["without_gradient"] == metrics["nonfinite"] == metrics["frozen"] == []


@pytest.mark.parametrize(
    ("forward", "why"),
    [
        (lambda net, x: net.tail(net.head(x).detach()), "no gradient"),
        (lambda net, x: net.tail(0 * net.head(x) + 1), "a gradient that is exactly zero"),
    ],
)
def test_a_cut_branch_is_named_though_the_global_norm_is_not_zero(
    context: FakeContext, forward: Forward, why: str
) -> None:
    evidence = measured(context, lambda: Net(forward))
    metrics = evidence.metrics
    assert metrics["without_gradient"] == ["head.weight", "head.bias"]
    assert metrics["grad"]["head.weight"]["norm"] == metrics["modules"]["head"]["norm"] == 0
    assert metrics["global_norm"] > 0
    assert [finding.message for finding in evidence.findings] == [f"head.weight got {why}", f"head.bias got {why}"]


def test_a_detached_loss_leaves_all_without_gradient(context: FakeContext) -> None:
    evidence = measured(context, lambda: Net(lambda net, x: plain(net, x).detach()))
    assert evidence.metrics["without_gradient"] == ["head.weight", "head.bias", "tail.weight", "tail.bias"]
    assert evidence.metrics["global_norm"] == 0
    assert "the loss does not require a gradient" in evidence.findings[0].message


def test_a_loss_that_is_a_plain_number_is_connected_with_nothing(context: FakeContext) -> None:
    evidence = measured(context, Net, loss=lambda output, target: squared(output, target).item())
    assert len(evidence.metrics["without_gradient"]) == 4
    assert evidence.metrics["loss"] > 0


def test_nan_gradients_are_named_and_their_norms_nan(context: FakeContext) -> None:
    metrics = measured(context, lambda: Net(lambda net, x: net.tail(net.head(x) * math.nan))).metrics
    assert metrics["nonfinite"] == ["head.weight", "head.bias", "tail.weight", "tail.bias"]
    assert math.isnan(metrics["global_norm"])
    assert math.isnan(metrics["loss"])
    assert metrics["without_gradient"] == []


def test_frozen_parameters_are_listed_and_not_missed(context: FakeContext) -> None:
    def build() -> Net:
        net = Net()
        net.head.requires_grad_(False)
        return net

    metrics = measured(context, build).metrics
    assert metrics["frozen"] == ["head.weight", "head.bias"]
    assert metrics["without_gradient"] == []
    assert set(metrics["modules"]) == {"tail"}
    assert set(metrics["grad"]) == {"tail.weight", "tail.bias"}
    assert (metrics["parameters"], metrics["elements"]) == (4, 13)


def test_a_model_with_nothing_to_train_is_no_green_list(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="none of the 4 parameters"):
        measured(context, lambda: Net().requires_grad_(False))
    with pytest.raises(MeasurementError, match="is a function, not a torch"):
        measured(context, lambda: squared)


def test_placeholders_are_filled_and_the_batch_is_the_input_where_none_is_given(context: FakeContext) -> None:
    seen: list[Any] = []

    def loss(scale: float, *, output: Tensor, batch: Tensor) -> Tensor:
        seen.append(batch)
        return scale * output.sum()

    bound = PartialCall(loss, (2.0,), {"output": Placeholder("output"), "batch": Placeholder("batch")})
    metrics = measured(context, Net, loss=bound, batch=None).metrics
    assert seen[0] is X
    assert metrics["loss"] == pytest.approx(2 * Net()(X).sum().item())
    called_with_batch = measured(context, Net, loss=bound, batch=X, inputs=()).metrics
    assert called_with_batch["loss"] == metrics["loss"]


def test_a_loss_without_placeholders_gets_the_output_alone_where_no_batch_is_given(context: FakeContext) -> None:
    metrics = measured(context, Net, loss=lambda output: output.mean(), batch=None).metrics
    assert metrics["loss"] == pytest.approx(Net()(X).mean().item())


def test_the_mode_is_the_one_asked_for(context: FakeContext) -> None:
    def forward(net: Net, x: Tensor) -> Tensor:
        out: Tensor = net.tail(net.head(x)) * (2.0 if net.training else 1.0)
        return out

    losses = [
        measured(context, lambda: Net(forward), loss=lambda o: o.sum(), batch=None, mode=mode).metrics["loss"]
        for mode in ("train", "eval")
    ]
    assert losses[0] == pytest.approx(2 * losses[1])


def test_sparse_gradients_count(context: FakeContext) -> None:
    def build() -> nn.Module:
        return nn.Sequential(nn.Embedding(5, 2, sparse=True), nn.Linear(2, 1))

    metrics = measured(
        context, build, inputs=(torch.tensor([1, 1, 4]),), loss=lambda output: output.sum(), batch=None
    ).metrics
    assert metrics["grad"]["0.weight"]["norm"] > 0
    assert metrics["without_gradient"] == []


def test_what_gives_no_loss_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match=r"the loss has shape \[3, 1\]"):
        measured(context, Net, loss=lambda output, target: output - target)
    with pytest.raises(MeasurementError, match="give `inputs`, or a `batch`"):
        measured(context, Net, inputs=(), batch=None)


def test_gradients_are_had_under_no_grad_and_with_one_parameter(context: FakeContext) -> None:
    with torch.no_grad():
        metrics = measured(context, lambda: nn.Linear(2, 1, bias=False)).metrics
    assert metrics["parameters"] == 1
    assert metrics["modules"] == {}
    assert metrics["global_norm"] == metrics["grad"]["weight"]["norm"] > 0


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"model": Fresh(tiny.model), "loss": tiny.LOSS, "inputs": (tiny.batch(),)}
