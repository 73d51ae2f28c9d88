from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from speccheck.checks.determinism.seeded import check
from speccheck.sdk import MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support.checking import changed, measured
from support.context import FakeContext


def mask(generator: torch.Generator) -> torch.Tensor:
    return torch.rand(32, generator=generator)


def from_seed(seed: int) -> list[float]:
    chosen = random.Random(seed)
    return [chosen.random() for _ in range(8)]


GENERATED = PartialCall(mask, (), {"generator": Placeholder("generator")})


@pytest.mark.parametrize(
    "call",
    [
        GENERATED,
        PartialCall(from_seed, (Placeholder("seed"),), {}),
        lambda: torch.rand(32),
        lambda: np.random.rand(32),
        lambda: [random.random() for _ in range(32)],
        PartialCall(torch.rand, (32,), {}),
    ],
)
def test_a_seed_that_is_wired_repeats_and_matters(context: FakeContext, call: Any) -> None:
    metrics = measured(check, context, call=call).metrics
    assert metrics["same_seed_identical"] is True
    assert metrics["other_seed_differs"] is True
    assert metrics["differing"] == []
    assert metrics["distinct_values"] == metrics["elements"] >= 8


def test_a_generator_that_is_ignored_does_not_repeat(context: FakeContext) -> None:
    ignoring = PartialCall(lambda generator: torch.rand(32), (Placeholder("generator"),), {})
    evidence = measured(check, context, call=ignoring)
    assert evidence.metrics["same_seed_identical"] is False
    assert evidence.metrics["differing"] == ["value"]
    assert "seed 1, twice" in evidence.findings[0].message
    sound = measured(check, context, call=GENERATED)
    assert changed(sound, evidence) == {"same_seed_identical", "differing"}


def test_a_seed_overwritten_inside_has_no_effect(context: FakeContext) -> None:
    overwritten = PartialCall(lambda seed: from_seed(0), (Placeholder("seed"),), {})
    evidence = measured(check, context, call=overwritten)
    assert evidence.metrics["same_seed_identical"] is True
    assert evidence.metrics["other_seed_differs"] is False
    assert "no effect" in evidence.findings[0].message


def test_the_generator_is_the_one_torch_would_give(context: FakeContext) -> None:
    seen: list[torch.Tensor] = []

    def drawn(generator: torch.Generator) -> torch.Tensor:
        seen.append(mask(generator))
        return seen[-1]

    call = PartialCall(drawn, (Placeholder("generator"),), {})
    measured(check, context, call=call, seeds=(7, 8))
    torch.testing.assert_close(seen[0], torch.rand(32, generator=torch.Generator().manual_seed(7)), rtol=0, atol=0)
    torch.testing.assert_close(seen[2], torch.rand(32, generator=torch.Generator().manual_seed(8)), rtol=0, atol=0)


def test_nothing_returned_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, call=lambda: None).metrics
    assert not {"same_seed_identical", "other_seed_differs", "differing"} & set(metrics)


def test_one_seed_given_twice_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="same"):
        measured(check, context, call=GENERATED, seeds=(3, 3))


def test_a_placeholder_nobody_fills_in_is_an_error(context: FakeContext) -> None:
    with pytest.raises(TypeError, match="batch"):
        measured(check, context, call=PartialCall(mask, (Placeholder("batch"),), {}))


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"call": PartialCall(torch.randn, (5,), {})}
