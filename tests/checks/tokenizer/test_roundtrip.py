from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from speccheck.checks.tokenizer.roundtrip import check
from speccheck.sdk import MeasurementError
from support import tiny
from support.checking import changed, measured
from support.context import FakeContext

TEXTS = ["hello", "naïve café", "  two  spaces\n", "日本語"]


def encode(text: str) -> list[int]:
    return list(text.encode("utf-8"))


def decode(ids: Any) -> str:
    return bytes(int(i) for i in ids).decode("utf-8", errors="replace")


def test_bytes_round_trip(context: FakeContext) -> None:
    metrics = measured(check, context, encode=encode, decode=decode, inputs=TEXTS).metrics
    assert metrics == {
        "exact": True,
        "failures": 0,
        "fraction": 1.0,
        "count": 4,
        "distinct_inputs": 4,
        "tokens_per_character": pytest.approx((1 + 12 / 10 + 1 + 3) / 4),
    }


def test_a_stripping_decoder_fails_one_input_and_says_where(context: FakeContext) -> None:
    evidence = measured(check, context, encode=encode, decode=lambda ids: decode(ids).strip(), inputs=TEXTS)
    sound = measured(check, context, encode=encode, decode=decode, inputs=TEXTS)
    assert changed(sound, evidence) == {"exact", "failures", "fraction"}
    assert (evidence.metrics["failures"], evidence.metrics["fraction"]) == (1, 0.75)
    (finding,) = evidence.findings
    assert "input 2: differs first at position 0" in finding.message


def test_a_lost_end_is_told_by_length(context: FakeContext) -> None:
    evidence = measured(check, context, encode=encode, decode=lambda ids: decode(ids)[:-1], inputs=["abc"])
    assert "length 3 came back as 2, the same up to position 2" in evidence.findings[0].message


def test_something_else_than_text_comes_back(context: FakeContext) -> None:
    evidence = measured(check, context, encode=encode, decode=encode_back_as_bytes, inputs=["abc"])
    assert evidence.metrics["exact"] is False
    assert "came back as bytes" in evidence.findings[0].message


def encode_back_as_bytes(ids: list[int]) -> bytes:
    return bytes(ids)


@pytest.mark.parametrize(
    "inputs", [[[104, 105], [33]], torch.tensor([[104, 105], [33, 33]]), [torch.tensor([104]), (33, 34)]]
)
def test_ids_go_through_text(context: FakeContext, inputs: Any) -> None:
    metrics = measured(check, context, encode=encode, decode=decode, inputs=inputs).metrics
    assert (metrics["exact"], metrics["count"], metrics["tokens_per_character"]) == (True, 2, 1.0)


def test_ids_that_are_no_text_do_not_survive(context: FakeContext) -> None:
    evidence = measured(check, context, encode=encode, decode=decode, inputs=[[104, 105], [255, 104]])
    assert (evidence.metrics["failures"], evidence.metrics["fraction"]) == (1, 0.5)
    assert "input 1: differs first at position 0: [255, 104] came back as" in evidence.findings[0].message


def test_results_of_several_parts_are_spread(context: FakeContext) -> None:
    metrics = measured(
        check,
        context,
        encode=lambda text: (torch.tensor(encode(text)), len(text)),
        decode=lambda ids, length: decode(ids)[:length],
        inputs=["abc"],
    ).metrics
    assert metrics["exact"] is True
    row = measured(check, context, encode=lambda text: tuple(encode(text)), decode=decode, inputs=["abc"]).metrics
    assert row["exact"] is True


def test_no_input_is_unknown(context: FakeContext) -> None:
    metrics = measured(check, context, encode=encode, decode=decode, inputs=[]).metrics
    assert metrics == {"count": 0, "distinct_inputs": 0}


def test_empty_and_repeated_inputs_count_once_or_not(context: FakeContext) -> None:
    metrics = measured(check, context, encode=encode, decode=decode, inputs=["", "a", "a"]).metrics
    assert (metrics["count"], metrics["distinct_inputs"], metrics["tokens_per_character"]) == (3, 1, 1.0)


def test_one_text_or_row_is_one_input(context: FakeContext) -> None:
    assert measured(check, context, encode=encode, decode=decode, inputs="abc").metrics["count"] == 1
    assert measured(check, context, encode=encode, decode=decode, inputs=[104, 105]).metrics["count"] == 1
    with pytest.raises(MeasurementError, match="inputs is a int"):
        measured(check, context, encode=encode, decode=decode, inputs=5)


def test_at_most_five_failures_are_told(context: FakeContext) -> None:
    evidence = measured(check, context, encode=encode, decode=lambda ids: "", inputs=[f"t{i}" for i in range(9)])
    assert evidence.metrics["failures"] == 9
    assert len(evidence.findings) == 5


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""
    return {"encode": tiny.ids, "decode": tiny.text, "inputs": ["abc", "d"]}
