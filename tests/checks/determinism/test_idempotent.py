from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from speccheck.checks.determinism.idempotent import check
from speccheck.sdk import Audio, MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

CLIP = Audio(torch.linspace(-1, 1, 16)[None], 8000)


def encode(samples: torch.Tensor, rate: int) -> tuple[torch.Tensor, int]:
    return torch.round(samples * 8).long(), rate


def decode(ids: torch.Tensor, rate: int) -> tuple[torch.Tensor, int]:
    return ids / 8, rate


def test_a_quantiser_is_idempotent(context: FakeContext) -> None:
    metrics = measured(check, context, encode=encode, decode=decode, input=CLIP).metrics
    assert metrics == {
        "identical": True,
        "differing": [],
        "changed": 0.0,
        "changed_count": 0,
        "count": 16,
        "distinct_values": 16,
        "same_length": True,
    }


def test_a_decoder_that_drifts_changes_a_fraction(context: FakeContext) -> None:
    def drifting(ids: torch.Tensor, rate: int) -> tuple[torch.Tensor, int]:
        samples = ids / 8
        samples[0, :4] += 1 / 8
        return samples, rate

    evidence = measured(check, context, encode=encode, decode=drifting, input=CLIP)
    sound = measured(check, context, encode=encode, decode=decode, input=CLIP)
    assert changed(sound, evidence) == {"identical", "differing", "changed", "changed_count"}
    assert (evidence.metrics["changed_count"], evidence.metrics["changed"]) == (4, 0.25)
    assert evidence.metrics["differing"] == ["value[0]"]
    assert "4 of 16" in evidence.findings[0].message


def test_a_longer_second_pass_counts_its_surplus(context: FakeContext) -> None:
    def padding(ids: torch.Tensor, rate: int) -> tuple[torch.Tensor, int]:
        return torch.nn.functional.pad(ids / 8, (0, 4)), rate

    metrics = measured(check, context, encode=encode, decode=padding, input=CLIP).metrics
    assert metrics["same_length"] is False
    assert (metrics["changed_count"], metrics["count"], metrics["changed"]) == (4, 20, 0.2)


def test_metadata_that_changes_is_not_identical_and_no_id(context: FakeContext) -> None:
    def other_rate(ids: torch.Tensor, rate: int) -> tuple[torch.Tensor, int]:
        return ids / 8, rate * 2

    metrics = measured(check, context, encode=encode, decode=other_rate, input=CLIP).metrics
    assert (metrics["identical"], metrics["changed_count"], metrics["differing"]) == (False, 0, ["value[1]"])


def test_ids_in_several_parts_all_count(context: FakeContext) -> None:
    passes = iter([0, 1])

    def parts(x: float) -> dict[str, list[int]]:
        return {"coarse": [1, 2, 3, 4], "fine": [5, 6 + next(passes)]}

    metrics = measured(check, context, encode=parts, decode=lambda codes: 0.0, input=0.0).metrics
    assert (metrics["changed_count"], metrics["count"]) == (1, 6)
    assert metrics["differing"] == ["value.fine"]


def test_text_and_lists(context: FakeContext) -> None:
    metrics = measured(
        check,
        context,
        encode=lambda text: [ord(c) for c in text],
        decode=lambda ids: "".join(map(chr, ids)).lower(),
        input="Hello",
    ).metrics
    assert (metrics["identical"], metrics["changed_count"], metrics["count"]) == (False, 1, 5)


@pytest.mark.parametrize("nothing", [[], None, torch.zeros(0, dtype=torch.long)])
def test_no_id_is_unknown(context: FakeContext, nothing: Any) -> None:
    metrics = measured(check, context, encode=lambda x: nothing, decode=lambda x: x, input=1).metrics
    assert metrics["count"] == 0
    assert not {"identical", "changed", "changed_count", "differing", "same_length"} & set(metrics)


def test_a_buffer_overwritten_by_the_second_pass_does_not_pass(context: FakeContext) -> None:
    buffer = torch.zeros(4, dtype=torch.long)
    assert (
        measured(check, context, encode=lambda x: buffer.add_(1), decode=lambda ids: 0, input=0).metrics["identical"]
        is False
    )


def test_a_mode_is_set_and_restored(context: FakeContext) -> None:
    net = torch.nn.Dropout(0.5)
    metrics = measured(check, context, encode=net, decode=lambda y: torch.ones(64), input=torch.ones(64), mode="eval")
    assert metrics.metrics["identical"] is True
    assert net.training


def test_a_mode_without_a_module_is_refused(context: FakeContext) -> None:
    with pytest.raises(MeasurementError, match="mode: eval was asked for"):
        measured(check, context, encode=encode, decode=decode, input=CLIP, mode="eval")


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"encode": tiny.ids, "decode": tiny.text, "input": "abc"}
