"""Statistics of lists of numbers, the one-sided t test of a mean against a limit, and Holm's correction."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from speccheck.judge.student import normal_quantile, t_quantile, t_sf
from speccheck.judge.unknown import UnknownError, wrong_kind
from speccheck.model.cause import CauseKind
from speccheck.model.kinds import is_nan, kind_of
from speccheck.model.values import Value

MAX_REPLICATES = 1_000_000
"""The search for a sufficient number of replicates ends here."""


class OneSided(NamedTuple):
    """A one-sided t test: sample size, mean, sample standard deviation (n-1), and two p values.

    ``p`` is the chance of a mean at least as far inside the limit were the population's mean at the limit;
    ``opposite`` that of one at least as far outside (1 - p).
    """

    n: int
    mean: float
    std: float
    p: float
    opposite: float


def items_of(value: Value) -> list[tuple[str | int, Value]]:
    """Return the items of a list, or of a mapping by sorted key; UnknownError for other kinds and when there are none.

    Keys are sorted (as numbers when all are numbers), so that a mapping reads the same before and after storing.
    """
    kind = kind_of(value)
    if kind == "mapping":
        items: list[tuple[str | int, Value]] = [(key, value[key]) for key in sorted_keys(value)]
    elif kind == "list":
        items = list(enumerate(value))
    else:
        raise wrong_kind(value, "list", "mapping")
    if not items:
        raise UnknownError(CauseKind.EMPTY, observed=kind)
    return items


def sorted_keys(value: Mapping[str, Value]) -> list[str]:
    """Return the keys in an order that does not depend on the mapping's own."""
    keys = list(value)
    return sorted(keys, key=lambda key: (int(key), key)) if all(map(_is_index, keys)) else sorted(keys)


def _is_index(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 19


def numbers_of(value: Value) -> list[float]:
    """Return the numbers of a list or mapping; UnknownError for none, NaN, other kinds, or nothing at all."""
    numbers: list[float] = []
    for key, item in items_of(value):
        kind = kind_of(item)
        if kind == "masked":
            raise UnknownError(CauseKind.MASKED, role="observed", at=[key])
        if kind != "number" or is_nan(item):
            raise UnknownError(CauseKind.ITEM_NOT_NUMBER, item=key, observed="NaN" if kind == "number" else kind)
        try:
            numbers.append(float(item))
        except OverflowError:
            raise UnknownError(CauseKind.ITEM_OUT_OF_RANGE, item=key) from None
    return numbers


def mean(numbers: Sequence[float]) -> float:
    """Return the arithmetic mean, summed exactly; UnknownError where infinities cancel or the sum overflows."""
    try:
        return math.fsum(numbers) / len(numbers)
    except (OverflowError, ValueError):
        raise UnknownError(CauseKind.MEAN_UNDEFINED) from None


def std(numbers: Sequence[float]) -> float:
    """Return the sample standard deviation, the sum of squares divided by n-1; UnknownError for n < 2."""
    if len(numbers) < 2:
        raise UnknownError(CauseKind.STD_TOO_FEW, count=len(numbers))
    center = mean(numbers)
    squares = [(x - center) * (x - center) for x in numbers]
    if not all(map(math.isfinite, squares)):
        raise UnknownError(CauseKind.STD_UNDEFINED)
    return math.sqrt(math.fsum(squares) / (len(numbers) - 1))


def median(numbers: Sequence[float]) -> float:
    """Return the middle value, or the mean of the two in the middle."""
    ordered, half = sorted(numbers), len(numbers) // 2
    return ordered[half] if len(ordered) % 2 else mean(ordered[half - 1 : half + 1])


def one_sided(numbers: Sequence[float], limit: float, *, upward: bool) -> OneSided:
    """Test whether the mean is inside the limit: above it when ``upward`` (``min``), below it otherwise.

    t = (mean - limit) / (std / sqrt(n)) with n-1 degrees of freedom (Student, "The probable error of a mean",
    Biometrika 6, 1908). UnknownError for n < 2, values or limits that are not finite, and zero spread.
    """
    n = len(numbers)
    if n < 2:
        raise UnknownError(CauseKind.CONFIDENCE_TOO_FEW, count=n)
    if not all(map(math.isfinite, numbers)) or not math.isfinite(limit):
        raise UnknownError(CauseKind.CONFIDENCE_NOT_FINITE)
    center, spread = mean(numbers), std(numbers)
    if spread <= 8 * sys.float_info.epsilon * max(map(abs, numbers)):  # they differ by rounding alone
        raise UnknownError(CauseKind.CONFIDENCE_ZERO_SPREAD, n=n)
    inside = center - limit if upward else limit - center
    t = inside / spread * math.sqrt(n)
    return OneSided(n, center, spread, t_sf(t, n - 1), t_sf(-t, n - 1))


def holm(ps: Sequence[float]) -> list[float]:
    """Return adjusted p values that control the family-wise error, in the order given.

    The k-th smallest (from 0) of m is multiplied by m - k, and none is below a smaller one's (Holm, "A simple
    sequentially rejective multiple test procedure", Scandinavian Journal of Statistics 6, 1979, 65-70).
    """
    order = sorted(range(len(ps)), key=lambda at: ps[at])
    adjusted = [0.0] * len(ps)
    highest = 0.0
    for rank, at in enumerate(order):
        highest = max(highest, min(1.0, (len(ps) - rank) * ps[at]))
        adjusted[at] = highest
    return adjusted


def mean_bound(test: OneSided, alpha: float, *, upward: bool) -> float:
    """Return the one-sided bound of the mean at confidence 1 - ``alpha``: lower when ``upward``, else upper."""
    if alpha <= 0:
        return -math.inf if upward else math.inf
    reach = (-t_quantile(alpha, test.n - 1) if alpha < 1 else -math.inf) * test.std / math.sqrt(test.n)
    return test.mean - reach if upward else test.mean + reach


def least_n(test: OneSided, limit: float, alpha: float) -> int | None:
    """Return the least number of replicates that would decide at this mean and spread, on either side of the limit.

    That is the least n >= 2 with t_sf(|mean - limit| / std * sqrt(n), n-1) <= alpha; None when a million is too few.
    """
    ratio = abs(test.mean - limit) / test.std

    def decides(n: int) -> bool:
        return t_sf(ratio * math.sqrt(n), n - 1) <= alpha

    normal = (normal_quantile(alpha) / ratio) ** 2 if ratio > 1e-9 else math.inf
    if normal > MAX_REPLICATES:  # the t test needs more than the normal one
        return None
    low, high = 1, 2
    while not decides(high):
        low, high = high, high * 2
        if low > MAX_REPLICATES:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if decides(middle) else (middle, high)
    return high
