"""generate.decodes on generators that work, crash, repeat themselves or leave their range."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from speccheck.checks.generate.decodes import Params, check
from speccheck.sdk import Audio, Evidence, MeasurementError, PartialCall
from speccheck.sdk.live import Placeholder
from support import tiny
from support.context import FakeContext
from support.declared import missing, undeclared

RANGE = [10, 19]


def ids_of(seed: int, length: int = 6) -> Tensor:
    return torch.randint(10, 20, (length,), generator=torch.Generator().manual_seed(seed))


def sound(ids: Tensor) -> Audio:
    return Audio((ids.float()[None] - 10) / 10, 8000)


def both(seed: int) -> tuple[Tensor, Audio]:
    return ids_of(seed), sound(ids_of(seed))


def measured(context: FakeContext, generate: Any, **more: Any) -> Evidence:
    evidence = check.measure(Params(generate=generate, **more), context)
    assert undeclared(check, evidence) == []
    assert missing(check, evidence) == set()
    return evidence


def test_a_generator_that_decodes_itself(context: FakeContext) -> None:
    metrics = measured(context, both, range=RANGE).metrics
    every = torch.cat([ids_of(seed) for seed in (0, 1, 2)])
    assert metrics == {
        "attempts": 3,
        "decoded": 3,
        "failures": [],
        "lengths": [6, 6, 6],
        "distinct": len(every.unique()),
        "distinct_outputs": 3,
        "outside": 0,
        "empty": 0,
        "finite": True,
    }


def test_ids_are_decoded_and_a_tuple_is_spread(context: FakeContext) -> None:
    def decode(ids: Tensor, meta: dict[str, int]) -> Audio:
        return Audio(ids.float()[None], meta["rate"])

    metrics = measured(context, lambda seed: (ids_of(seed), {"rate": 8000}), decode=decode).metrics
    assert (metrics["decoded"], metrics["lengths"]) == (3, [6, 6, 6])
    assert measured(context, ids_of, decode=sound, seeds=(5,)).metrics["decoded"] == 1


def test_the_seed_is_filled_in_or_given_as_the_next_argument(context: FakeContext) -> None:
    seen: list[tuple[int, int]] = []

    def generate(length: int, seed: int = 99) -> tuple[list[int], str]:
        seen.append((length, seed))
        return [seed], str(seed)

    named = PartialCall(generate, (4,), {"seed": Placeholder("seed")})
    for function in (named, PartialCall(generate, (4,), {})):
        measured(context, function, seeds=(3, 7))
    assert seen == [(4, 3), (4, 7)] * 2
    seen.clear()
    measured(context, PartialCall(generate, (4,), {"seed": 1}), seeds=(3, 7))
    assert seen == [(4, 1), (4, 1)]


def test_a_generator_without_a_seed_draws_from_the_seeded_global_states(context: FakeContext) -> None:
    def generate() -> tuple[list[float], list[float]]:
        numbers = [random.random(), float(torch.rand(()))]
        return numbers, numbers

    first, second = (measured(context, generate).metrics for _ in range(2))
    assert first["distinct_outputs"] == 3
    assert first == second


def test_an_exception_of_the_decoder_is_counted_and_told(context: FakeContext) -> None:
    def decode(ids: Tensor) -> Audio:
        if int(ids[0]) == int(ids_of(1)[0]):
            raise ValueError("a frame is cut")
        return sound(ids)

    evidence = measured(context, ids_of, decode=decode, seeds=(0, 1), range=RANGE)
    assert int(ids_of(0)[0]) != int(ids_of(1)[0])
    assert (evidence.metrics["attempts"], evidence.metrics["decoded"]) == (2, 1)
    assert evidence.metrics["failures"] == ["seed 1: decode raised ValueError: a frame is cut"]
    assert [finding.message for finding in evidence.findings] == evidence.metrics["failures"]
    assert evidence.metrics["lengths"] == [6, 6]


def test_all_that_fails_is_evidence_and_claims_nothing_more(context: FakeContext) -> None:
    def generate(seed: int) -> Any:
        raise RuntimeError("no model")

    metrics = measured(context, generate, range=RANGE).metrics
    assert metrics["decoded"] == 0
    assert metrics["failures"][2] == "seed 2: generate raised RuntimeError: no model"
    assert {"outside", "empty", "finite"}.isdisjoint(metrics)


def test_ids_outside_the_range_are_counted_though_they_decode(context: FakeContext) -> None:
    def generate(seed: int) -> tuple[list[int], str]:
        return [10, 19, 20, 9, 9], "text"

    metrics = measured(context, generate, range=RANGE).metrics
    assert metrics["outside"] == 9
    assert metrics["distinct"] == 4
    assert metrics["decoded"] == 3


def test_a_generator_that_repeats_itself_shows(context: FakeContext) -> None:
    metrics = measured(context, lambda seed: both(0)).metrics
    assert metrics["distinct_outputs"] == 1
    constant = measured(context, lambda seed: ([7] * 5, [0.0])).metrics
    assert constant["distinct"] == 1


@pytest.mark.parametrize("decoded", [Audio(torch.zeros(1, 0), 8000), "", [], None, {"a": torch.zeros(0)}])
def test_output_of_no_length_is_empty(context: FakeContext, decoded: Any) -> None:
    assert measured(context, lambda seed: ([1], decoded)).metrics["empty"] == 3


@pytest.mark.parametrize("decoded", [Audio(torch.zeros(1, 1), 8000), "a", [0], 0.0, {"a": torch.zeros(0), "b": "x"}])
def test_output_of_some_length_is_not(context: FakeContext, decoded: Any) -> None:
    assert measured(context, lambda seed: ([1], decoded)).metrics["empty"] == 0


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_one_number_that_is_not_finite_shows(context: FakeContext, value: float) -> None:
    def generate(seed: int) -> tuple[Tensor, Audio]:
        ids, audio = both(seed)
        if seed == 2:
            audio.samples[0, 3] = value
        return ids, audio

    assert measured(context, generate).metrics["finite"] is False
    assert measured(context, generate, seeds=(0, 1)).metrics["finite"] is True


def test_text_has_no_numbers_to_be_finite(context: FakeContext) -> None:
    assert "finite" not in measured(context, lambda seed: ([1, 2], "text")).metrics


def test_no_ids_at_all(context: FakeContext) -> None:
    metrics = measured(context, lambda seed: (torch.zeros(0, dtype=torch.int64), ""), range=RANGE).metrics
    assert (metrics["lengths"], metrics["distinct"]) == ([0, 0, 0], 0)
    assert "outside" not in metrics


def test_a_batch_of_ids_counts_all_of_them(context: FakeContext) -> None:
    assert measured(context, lambda seed: (ids_of(seed).view(2, 3), "x"), seeds=(0,)).metrics["lengths"] == [6]


@pytest.mark.parametrize(
    ("generate", "more", "message"),
    [
        (ids_of, {}, "not the pair"),
        (lambda seed: ("ids", "text"), {}, "the ids are a str"),
        (both, {"seeds": (1, 2, 1)}, "holds a seed twice"),
        (both, {"range": [3]}, "not \\[start, end\\]"),
        (both, {"range": [5, 3]}, "not \\[start, end\\]"),
    ],
)
def test_what_has_another_form_is_refused(context: FakeContext, generate: Any, more: Any, message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        measured(context, generate, **more)


@pytest.mark.parametrize("parameter", ["generate", "decode"])
def test_a_placeholder_that_nothing_fills_in_is_refused_before_anything_is_generated(
    context: FakeContext, parameter: str
) -> None:
    def fails(seed: int) -> Any:
        raise RuntimeError("no model")

    given = {"generate": fails, "decode": sound, parameter: PartialCall(sound, (Placeholder("output"),), {})}
    with pytest.raises(MeasurementError, match=rf"nothing fills in \$\{{output\}} here: `{parameter}`"):
        measured(context, given["generate"], decode=given["decode"])


def case(folder: Path) -> dict[str, Any]:
    """Parameters of the measurement in the contract suite."""

    def generate(seed: int) -> list[int]:
        chosen = random.Random(seed)
        return [chosen.randrange(97, 122) for _ in range(5)]

    return {"generate": generate, "decode": tiny.text, "range": (97, 122)}
