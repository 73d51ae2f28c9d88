from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from checks.roundtrip.tubelets import CLIPS, cut, exchanged, join, joined_exchanged, permuted, unpermuted
from speccheck.checks.roundtrip.exact import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext


def test_a_round_trip_that_is_exact(context: FakeContext) -> None:
    metrics = measured(check, context, encode=cut, decode=join, input=CLIPS).metrics
    assert (metrics["max_error"], metrics["identical"], metrics["differing"]) == (0.0, True, [])
    assert str(metrics["code"]) == "float32[2,60,384]"
    assert str(metrics["result"]) == str(metrics["input"]) == "float32[2,8,3,24,40]"
    assert metrics["distinct_values"] > 40_000


@pytest.mark.parametrize(("encode", "decode"), [(permuted, unpermuted), (exchanged, joined_exchanged)])
def test_what_it_cannot_see(context: FakeContext, encode: Any, decode: Any) -> None:
    sound = measured(check, context, encode=cut, decode=join, input=CLIPS)
    assert changed(sound, measured(check, context, encode=encode, decode=decode, input=CLIPS)) == set()


@pytest.mark.parametrize(
    ("encode", "decode", "error"),
    [
        (cut, lambda tokens: join(tokens) + 1e-3, 1e-3),
        (lambda x: cut(x).half(), lambda tokens: join(tokens).float(), 2.5e-4),
        (permuted, join, 1.0),
    ],
)
def test_what_is_lost_shows(context: FakeContext, encode: Any, decode: Any, error: float) -> None:
    sound = measured(check, context, encode=cut, decode=join, input=CLIPS)
    broken = measured(check, context, encode=encode, decode=decode, input=CLIPS)
    assert changed(sound, broken) - {"code"} == {"max_error", "identical", "differing"}
    assert error / 4 < broken.metrics["max_error"] <= error * 1.01


def test_another_dtype_or_shape_is_not_identical(context: FakeContext) -> None:
    metrics = measured(check, context, encode=cut, decode=lambda t: join(t).double(), input=CLIPS).metrics
    assert (metrics["identical"], metrics["max_error"]) == (False, 0.0)
    metrics = measured(check, context, encode=cut, decode=lambda t: t, input=CLIPS).metrics
    assert not metrics["identical"]
    assert metrics["max_error"] != metrics["max_error"]


def test_working_in_place_does_not_hide_the_loss(context: FakeContext) -> None:
    metrics = measured(check, context, encode=lambda x: x.zero_(), decode=lambda x: x, input=CLIPS.clone()).metrics
    assert not metrics["identical"]


def test_tuples_are_spread_and_nothing_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, encode=lambda a, b: (b, a), decode=lambda b, a: (a, b), input=(1, "x")).metrics
    assert metrics["identical"]
    assert "code" not in metrics
    nothing = measured(check, context, encode=list, decode=list, input=[]).metrics
    assert not {"identical", "differing"} & set(nothing)
    assert measured(check, context, encode=list, decode=lambda code: [1], input=[]).metrics["differing"] == ["value"]
    assert torch.equal(join(cut(CLIPS)), CLIPS)


def test_a_mode_without_a_module_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="mode: eval was asked for"):
        measured(check, context, encode=cut, decode=join, input=CLIPS, mode="eval")


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"encode": tiny.halves, "decode": tiny.whole, "input": tiny.pairs()}
