from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from checks.roundtrip.tubelets import CLIPS, ORDER, cut, exchanged, permuted
from speccheck.checks.roundtrip.locality import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

BLOCK = (1, 2, 0, 8, 8)


def test_each_region_has_its_own_token(context: FakeContext) -> None:
    metrics = measured(check, context, encode=cut, input=CLIPS, block=BLOCK).metrics
    assert (metrics["regions"], metrics["tokens"], metrics["probed"]) == (120, 120, 120)
    assert (metrics["mismatches"], metrics["most_changed"], metrics["one_to_one"]) == (0, 1, True)
    assert metrics["repeats"]


def test_a_permutation_shows(context: FakeContext) -> None:
    sound = measured(check, context, encode=cut, input=CLIPS, block=BLOCK)
    broken = measured(check, context, encode=permuted, input=CLIPS, block=BLOCK)
    assert changed(sound, broken) == {"mismatches", "mismatched"}
    assert broken.metrics["mismatches"] == 2 * int((torch.arange(60) != ORDER).sum())
    assert "changed 1 tokens" in broken.findings[0].message


def test_time_and_space_exchanged_shows(context: FakeContext) -> None:
    assert exchanged(CLIPS).shape == cut(CLIPS).shape
    sound = measured(check, context, encode=cut, input=CLIPS, block=BLOCK)
    broken = measured(check, context, encode=exchanged, input=CLIPS, block=BLOCK)
    assert changed(sound, broken) == {"mismatches", "mismatched", "most_changed", "one_to_one"}
    assert (broken.metrics["most_changed"], broken.metrics["mismatches"]) == (4, 120)


def test_a_region_that_is_ignored_and_one_that_spills(context: FakeContext) -> None:
    def ignoring(x: torch.Tensor) -> torch.Tensor:
        tokens = cut(x)
        tokens[0, 7] = 0
        return tokens

    metrics = measured(check, context, encode=ignoring, input=CLIPS, block=BLOCK).metrics
    assert (metrics["unmoved"], metrics["mismatched"], metrics["one_to_one"]) == (1, ["[0, 0, 0, 1, 2]"], False)
    spilling = measured(check, context, encode=lambda x: cut(x).cumsum(1), input=CLIPS, block=BLOCK).metrics
    assert spilling["most_changed"] == 60


def test_an_order_of_ones_own(context: FakeContext) -> None:
    def expected(b: int, t: int, c: int, h: int, w: int) -> int:
        return b * 60 + int(ORDER.argsort()[t * 15 + h * 5 + w])

    given = {"encode": permuted, "input": CLIPS, "block": BLOCK}
    assert measured(check, context, expected=expected, **given).metrics["mismatches"] == 0
    assert measured(check, context, order="any", **given).metrics["mismatches"] == 0
    assert measured(check, context, order="any", **{**given, "encode": exchanged}).metrics["mismatches"] == 120


def test_named_regions_and_probe_points(context: FakeContext) -> None:
    regions = {"first": (0, 0, 0, 0, 0), "second": (0, (0, 2), None, (0, 8), (8, 16)), "two": (0, 0, 0, 0, (7, 9))}
    expected = {"first": 0, "second": [1], "two": [0, 1]}
    given: dict[str, Any] = {"encode": cut, "input": CLIPS, "regions": regions}
    metrics = measured(check, context, expected=expected, **given).metrics
    assert (metrics["mismatches"], metrics["most_changed"]) == (0, 2)
    assert measured(check, context, expected={**expected, "first": 1}, **given).metrics["mismatched"] == ["first"]


def test_a_sample_is_enough_and_seeded(context: FakeContext) -> None:
    metrics = measured(check, context, encode=permuted, input=CLIPS, block=BLOCK, sample=16, seed=1).metrics
    assert metrics["probed"] == 16
    assert metrics["mismatches"] >= 14


def test_noise_and_other_arrays(context: FakeContext) -> None:
    generator = torch.Generator().manual_seed(0)
    noisy = measured(
        check, context, encode=lambda x: cut(x) + torch.rand(1, generator=generator), input=CLIPS, block=BLOCK
    )
    assert not noisy.metrics["repeats"]
    flags = np.zeros((2, 4), dtype=bool)
    assert (
        measured(check, context, encode=lambda x: x.reshape(8), input=flags, block=(1, 1), token_axes=1).metrics[
            "mismatches"
        ]
        == 0
    )


def test_the_input_stays_as_it_was(context: FakeContext) -> None:
    before = CLIPS.clone()
    measured(check, context, encode=lambda x: cut(x.mul_(2)), input=CLIPS, block=BLOCK, sample=3)
    assert torch.equal(CLIPS, before)


@pytest.mark.parametrize(
    "wrong",
    [
        {"block": (1, 3, 0, 8, 8)},
        {"block": (8, 8)},
        {"block": ()},
        {"block": (), "regions": {"a": (9,)}},
        {"input": [1, 2]},
        {"encode": lambda x: None},
        {"token_axes": 4},
    ],
)
def test_what_does_not_fit(context: FakeContext, wrong: dict[str, Any]) -> None:
    with pytest.raises(MeasurementError):
        measured(check, context, **{"encode": cut, "input": CLIPS, "block": BLOCK, **wrong})


@pytest.mark.parametrize("mode", ["eval", "train"])
def test_a_mode_without_a_module_is_refused(context: FakeContext, mode: str) -> None:
    with pytest.raises(MeasurementError, match=f"mode: {mode} was asked for"):
        measured(check, context, encode=cut, input=CLIPS, block=BLOCK, mode=mode)


@pytest.mark.parametrize(("mode", "seen"), [(None, False), ("eval", False), ("train", True)])
def test_the_module_is_in_eval_mode_unless_train_is_asked_for(
    context: FakeContext, mode: str | None, seen: bool
) -> None:
    class Cut(torch.nn.Module):
        modes: ClassVar[set[bool]] = set()

        def forward(self, clips: torch.Tensor) -> torch.Tensor:
            self.modes.add(self.training)
            return cut(clips)

    given = {} if mode is None else {"mode": mode}
    measured(check, context, encode=Cut(), input=CLIPS, block=BLOCK, **given)
    assert Cut.modes == {seen}


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"encode": tiny.halves, "input": tiny.pairs(), "block": [1, 1, 0], "token_axes": 1}
