"""Range, mean and spread of large tensors at about the speed of memory, in bounded extra memory.

float32 is read in blocks of 2^20 elements that stay in the cache for all that is asked of them: least and greatest
(which carry NaN and infinity with them, so that no block needs a test of every element unless it holds one), then the
sums of x - c and (x - c)^2 for one centre c near the mean. The sums of a block run in float32 with torch's cascade
summation, those of the blocks in float64; since c is near the mean, nothing cancels. Where float32 could overflow,
underflow or cancel, and for every other element type, blocks are widened to float64 and merged by the pairwise update
of Chan, Golub and LeVeque ("Algorithms for computing the sample variance", The American Statistician 37, 1983).
"""

from __future__ import annotations

import importlib.util
import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch
    from numpy.typing import NDArray

BLOCK = 2**20
"""Elements of a block: 4 MiB of float32."""

_FAST_FROM = 2**17
_WIDE_BLOCK = 2**17
_SAMPLE = 4096
_OFF_CENTRE = 0.5
"""Centres further than this many standard deviations from the mean are chosen again."""

_REACH = (1e-12, 1e15)
"""Distances from the centre whose squares float32 holds with room to spare."""


@dataclass(frozen=True)
class Statistics:
    """Range, mean and spread of the elements of a tensor. NaN among them makes all but the counts NaN.

    ``std`` is that of the population (ddof 0). Infinities of one sign make the mean that infinity, of both NaN, and
    ``std`` NaN. Extremes of integers and bools are exact ints.
    """

    min: float
    max: float
    mean: float
    std: float
    absmax: float
    nan_count: int
    inf_count: int

    @property
    def finite(self) -> bool:
        """Whether no element is NaN or infinite."""
        return self.nan_count + self.inf_count == 0


def statistics(array: NDArray[Any]) -> Statistics:
    """Return the statistics of an array of real numbers or bools; ValueError for an empty array.

    Compared with float64, the mean is exact to 1e-6 of ``std`` and the rest to 1e-6 relative; to 1e-12 for small arrays
    and for all types but float32. Extra memory is a few blocks, also for arrays that are not contiguous.
    """
    if not array.size:
        raise ValueError("an array without elements has no statistics")
    native = array.dtype.isnative and array.dtype.itemsize == 4 and array.dtype.kind == "f"
    if native and array.size >= _FAST_FROM and importlib.util.find_spec("torch") is not None:
        fast = _float32(array)
        if fast is not None:
            return fast
    return _wide(array)


def blocks(array: NDArray[Any], size: int) -> Iterator[NDArray[Any]]:
    """Yield all elements, in any order, as 1-D arrays of at most ``size``; views if the array is contiguous."""
    import numpy as np

    if array.flags.c_contiguous or array.flags.f_contiguous:
        flat = array.ravel(order="K")
        for start in range(0, flat.size, size):
            yield flat[start : start + size]
        return
    walk = np.nditer(array, flags=["external_loop", "buffered", "zerosize_ok"], order="K", buffersize=size)
    for block in walk:
        yield np.ascontiguousarray(block)


def _tensors(array: NDArray[Any]) -> Iterator[torch.Tensor]:
    import torch

    for block in blocks(array, BLOCK):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about read-only arrays: nothing here writes to them
            yield torch.from_numpy(block)


def _float32(array: NDArray[Any]) -> Statistics | None:
    """The statistics, or None if float32 is not exact enough for them."""
    centre = _sampled_mean(array)
    for _ in range(3):
        found, offset = _centred(array, centre)
        if not found.finite:
            return found
        reach = max(found.max - centre, centre - found.min)
        if reach != 0 and not _REACH[0] < reach < _REACH[1]:
            return None
        if abs(offset) <= _OFF_CENTRE * found.std or reach == 0:
            return found
        centre = found.mean
    return None


def _sampled_mean(array: NDArray[Any]) -> float:
    """The mean of a few thousand elements spread over the array, 0 if it is not finite."""
    import numpy as np

    places = np.linspace(0, array.size - 1, min(_SAMPLE, array.size)).astype(np.int64)
    taken = array[np.unravel_index(places, array.shape)]
    with np.errstate(all="ignore"):
        mean = float(np.float32(taken.mean(dtype=np.float64)))
    return mean if math.isfinite(mean) else 0.0


def _centred(array: NDArray[Any], centre: float) -> tuple[Statistics, float]:
    """One pass around a centre: the statistics, and how far the mean lies from the centre."""
    import torch

    exact = float(torch.tensor(centre, dtype=torch.float32))
    buffer = torch.empty(min(BLOCK, array.size), dtype=torch.float32)
    low, high, first, second = math.inf, -math.inf, 0.0, 0.0
    nan = inf = negative = 0
    for block in _tensors(array):
        least, greatest = (float(edge) for edge in torch.aminmax(block))
        if not (math.isfinite(least) and math.isfinite(greatest)):
            missing = int(torch.isnan(block).count_nonzero())
            nan, inf = nan + missing, inf + int(torch.isinf(block).count_nonzero())
            negative += int(torch.isneginf(block).count_nonzero())
            if missing:
                least = greatest = math.nan
        low, high = _lesser(low, least), _greater(high, greatest)
        if nan + inf == 0:
            moved = torch.sub(block, exact, out=buffer[: block.numel()])
            first += float(moved.sum())
            second += float(moved.mul_(moved).sum())
    if nan + inf:
        return _nonfinite(low, high, nan, inf, negative), 0.0
    offset = first / array.size
    std = math.sqrt(max(0.0, second / array.size - offset * offset))
    return Statistics(low, high, exact + offset, std, max(abs(low), abs(high)), 0, 0), offset


def _lesser(a: float, b: float) -> float:
    return math.nan if math.isnan(a) or math.isnan(b) else min(a, b)


def _greater(a: float, b: float) -> float:
    return math.nan if math.isnan(a) or math.isnan(b) else max(a, b)


def _nonfinite(low: float, high: float, nan: int, inf: int, negative: int) -> Statistics:
    mean = math.nan if nan or 0 < negative < inf else (-math.inf if negative else math.inf)
    absmax = math.nan if nan else math.inf
    return Statistics(low, high, mean, math.nan, absmax, nan, inf)


def _wide(array: NDArray[Any]) -> Statistics:
    """Any real type, in float64."""
    import numpy as np

    count, mean, squares = 0, 0.0, 0.0
    nan = inf = negative = 0
    with np.errstate(all="ignore"):
        for block in blocks(array, _WIDE_BLOCK):
            wide = block.astype(np.float64)
            if block.dtype.kind == "f" and not np.isfinite(wide).all():
                nan, inf = nan + int(np.isnan(wide).sum()), inf + int(np.isinf(wide).sum())
                negative += int(np.isneginf(wide).sum())
            if nan + inf:
                continue
            centre = float(wide.mean())
            wide -= centre
            total, away = count + wide.size, centre - mean
            squares += float(np.dot(wide, wide)) + away * away * count * wide.size / total
            mean, count = mean + away * wide.size / total, total
        low, high = array.min(), array.max()
    if nan + inf:
        return _nonfinite(float(low), float(high), nan, inf, negative)
    number = float if array.dtype.kind == "f" else int
    least, greatest = number(low), number(high)
    return Statistics(least, greatest, mean, math.sqrt(squares / count), max(abs(least), abs(greatest)), 0, 0)
