from __future__ import annotations

import math
import tracemalloc
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from speccheck.sdk.statistics import BLOCK, statistics

pytestmark = pytest.mark.slow  # long float32 arrays are summed by torch

SIZE = 2**20 + 12345


def _drawn(kind: str) -> NDArray[np.float32]:
    rng = np.random.default_rng(7)
    made: dict[str, Callable[[], np.ndarray]] = {
        "normal": lambda: rng.normal(0, 1, SIZE),
        "far from zero": lambda: rng.normal(1000, 1, SIZE),
        "two values": lambda: rng.integers(0, 2, SIZE) / 3,
        "drifting": lambda: np.linspace(-5, 1e4, SIZE),
        "heavy tails": lambda: rng.standard_cauchy(SIZE),
        "one outlier": lambda: np.where(np.arange(SIZE) == 99, 1e9, rng.normal(0, 1, SIZE)),
        "huge": lambda: rng.normal(0, 1e30, SIZE),
        "tiny": lambda: rng.normal(0, 1e-25, SIZE),
        "sampled wrongly": lambda: np.where(np.arange(SIZE) % 768 == 0, 50.0, 0.0) + rng.normal(0, 0.1, SIZE),
    }
    return made[kind]().astype(np.float32)


def check_agrees(array: NDArray[np.float32]) -> None:
    found, wide = statistics(array), array.astype(np.float64)
    assert abs(found.mean - wide.mean()) <= 1e-6 * wide.std()
    assert found.std == pytest.approx(wide.std(), rel=1e-6)
    assert (found.min, found.max, found.absmax) == (wide.min(), wide.max(), np.abs(wide).max())
    assert (found.finite, found.nan_count, found.inf_count) == (True, 0, 0)


@pytest.mark.parametrize(
    "kind",
    [
        "normal",
        "far from zero",
        "two values",
        "drifting",
        "heavy tails",
        "one outlier",
        "huge",
        "tiny",
        "sampled wrongly",
    ],
)
def test_float32_agrees_with_float64(kind: str) -> None:
    check_agrees(_drawn(kind))


def test_a_constant_has_no_spread() -> None:
    found = statistics(np.full(SIZE, 0.1, dtype=np.float32))
    assert (found.std, found.mean) == (0.0, float(np.float32(0.1)))


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("place", [0, 2**20 - 1, 2**20, SIZE // 2, SIZE - 1])
def test_one_that_is_not_finite_is_found_wherever_it_is(value: float, place: int) -> None:
    array = np.ones(SIZE, dtype=np.float32)
    array[place] = value
    found = statistics(array)
    assert not found.finite
    assert (found.nan_count, found.inf_count) == ((1, 0) if math.isnan(value) else (0, 1))
    assert math.isnan(found.std)
    if math.isnan(value):
        assert all(map(math.isnan, (found.min, found.max, found.mean, found.absmax)))
    else:
        assert found.mean == value
        assert (found.min, found.max, found.absmax) == (min(1.0, value), max(1.0, value), math.inf)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_both_infinities_and_nan_are_counted_in_every_block(dtype: type) -> None:
    array: np.ndarray = np.zeros(SIZE, dtype=dtype)
    array[::1000] = math.inf
    array[1::1000] = -math.inf
    found = statistics(array)
    assert found.inf_count == len(array[::1000]) + len(array[1::1000])
    assert (found.min, found.max) == (-math.inf, math.inf)
    assert math.isnan(found.mean)
    array[-1] = math.nan
    assert statistics(array).nan_count == 1
    assert math.isnan(statistics(array).min)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int64, np.uint8, np.bool_, ">f4"])
def test_other_types_agree_with_float64(dtype: str) -> None:
    array = (np.random.default_rng(3).integers(0, 200, 300_000)).astype(dtype)
    found, wide = statistics(array), array.astype(np.float64)
    assert found.mean == pytest.approx(wide.mean(), rel=1e-12)
    assert found.std == pytest.approx(wide.std(), rel=1e-12)
    assert (found.min, found.max, found.absmax) == (wide.min(), wide.max(), wide.max())


def test_the_extremes_of_large_integers_are_exact() -> None:
    found = statistics(np.array([-(2**63), 2**53 + 1], dtype=np.int64))
    assert (found.min, found.max, found.absmax) == (-(2**63), 2**53 + 1, 2**63)


def test_views_that_are_not_contiguous_agree() -> None:
    base = _drawn("normal")[: 2**20].reshape(4, 512, 512)
    for view in (
        base.transpose(2, 0, 1),
        base[:, ::2, 1:],
        base[::-1, :, ::-3],
        np.broadcast_to(base[0], (2, 512, 512)),
    ):
        check_agrees(view)


def test_read_only_memory_is_read() -> None:
    array = _drawn("normal")
    array.setflags(write=False)
    check_agrees(array)


def test_extra_memory_is_a_few_blocks() -> None:
    array = np.zeros((8, 2**20), dtype=np.float64).transpose()[:, ::2]
    tracemalloc.start()
    statistics(array)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 6 * 8 * BLOCK


def test_nothing_has_no_statistics() -> None:
    with pytest.raises(ValueError, match="without elements"):
        statistics(np.zeros((0, 3)))
