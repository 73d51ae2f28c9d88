"""Paired differences under chance alone: sign flips, and the best of several means without effect."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from statistics import NormalDist
from typing import NamedTuple

EXACT = 20
"""Up to this many differences, all sign vectors are enumerated; beyond, 2^20 are drawn."""

_CHUNK = 2**14
_TIE = 1e-12


class Flips(NamedTuple):
    """The share of sign vectors that give as much or more, their number, and whether these are all."""

    p: float
    vectors: int
    exact: bool


def sample_std(values: Sequence[float]) -> float | None:
    """The standard deviation divided by n-1, None for fewer than two values."""
    return math.sqrt(_squares(values) / (len(values) - 1)) if len(values) > 1 else None


def population_std(values: Sequence[float]) -> float:
    """The standard deviation divided by n."""
    return math.sqrt(_squares(values) / len(values))


def _squares(values: Sequence[float]) -> float:
    mean = math.fsum(values) / len(values)
    return math.fsum((value - mean) ** 2 for value in values)


def sign_flips(differences: Sequence[Sequence[float]], seed: int) -> Flips:
    """How often flipping signs gives a largest mean at least as large as the one observed; of finite differences.

    Row i holds the differences of configuration i, one column per replicate; the sign of a replicate is flipped in all
    rows together, which keeps their dependence (Fisher, The Design of Experiments, 1935, 21; for the largest of
    several, Westfall and Young, Resampling-Based Multiple Testing, 1993). With one row it is the one-sided sign-flip
    test of its mean. Exact up to 20 replicates, else 2^20 seeded draws with the observed vector counted among them.
    """
    import numpy as np

    table = np.asarray(differences, dtype=np.float64)
    count = table.shape[1]
    observed = table.mean(axis=1).max()
    least = observed - _TIE * np.abs(table).max()
    exact = count <= EXACT
    total = 2 ** min(count, EXACT)
    draw = np.random.default_rng(seed)
    reached = 0
    for start in range(0, total, _CHUNK):
        size = min(_CHUNK, total - start)
        if exact:
            bits = (np.arange(start, start + size)[:, None] >> np.arange(count)) & 1
        else:
            bits = draw.integers(0, 2, (size, count))
        signs = 1.0 - 2.0 * bits
        reached += int(((signs @ table.T).max(axis=1) / count >= least).sum())
    return Flips(reached / total, total, True) if exact else Flips((reached + 1) / (total + 1), total, False)


class BestOf(NamedTuple):
    """The best of k means without effect: chance of one at least as large, expectation, quantiles by share."""

    p: float
    studentised: float
    expected: float
    quantiles: dict[float, float]
    spread: float


def best_of(differences: Sequence[Sequence[float]], shares: Sequence[float] = (0.5, 0.75, 0.9, 0.95)) -> BestOf | None:
    """The largest of k means of independent normal differences without effect, of the spread that was observed.

    The spread of one difference is pooled over the configurations (squares about each one's own mean, divided by the
    sum of n-1). Were it known, P(max >= x) would be 1 - prod Phi(x sqrt(n_i) / spread): that is ``p``, and so are
    expectation and quantiles. With few replicates that is too small; ``studentised`` averages it over the chance that a
    spread is estimated so small (Pillai and Ramachandran, Annals of Mathematical Statistics 25, 1954, 565-572), and is
    the p value of the t test for one configuration. Configurations are taken as independent. None where no
    configuration has two replicates, none has any spread, or a difference is not finite.
    """
    if not all(math.isfinite(value) for row in differences for value in row):
        return None
    freedom = sum(len(row) - 1 for row in differences)
    squares = math.fsum(_squares(row) for row in differences)
    largest = max(abs(value) for row in differences for value in row)
    if freedom < 1 or math.sqrt(squares / freedom) <= _TIE * largest:
        return None
    spread, normal = math.sqrt(squares / freedom), NormalDist()
    errors = [spread / math.sqrt(len(row)) for row in differences]

    def below(x: float) -> float:
        return math.prod(normal.cdf(x / error) for error in errors)

    observed = max(math.fsum(row) / len(row) for row in differences)
    reach = 9 * max(errors)
    steps = 4000
    grid = [-reach + 2 * reach * (i + 0.5) / steps for i in range(steps)]
    # E[max] is the integral of P(max > x) over x > 0 less that of P(max <= x) over x < 0.
    expected = math.fsum((1 - below(x)) if x > 0 else -below(x) for x in grid) * 2 * reach / steps
    quantiles = {share: _bisect(below, share, -reach, reach) for share in shares}
    return BestOf(1 - below(observed), _reached(below, observed, freedom), expected, quantiles, spread)


def _reached(below: Callable[[float], float], x: float, freedom: int) -> float:
    """The chance of a maximum of ``x`` or more, where ``below`` takes the spread as known and it was estimated.

    With s = sqrt(chi^2 / f) for f degrees of freedom, that is 1 - E[below(x s)]: the mean over the density of s,
    2 (f/2)^(f/2) / Gamma(f/2) s^(f-1) exp(-f s^2 / 2), by the midpoint rule over all of it that a float can tell.
    """
    reach = 14 * math.sqrt(2 * freedom)
    low, high = math.sqrt(max(0.0, freedom - reach) / freedom), math.sqrt((freedom + reach + 90) / freedom)
    constant = math.log(2) + freedom / 2 * math.log(freedom / 2) - math.lgamma(freedom / 2)
    step = (high - low) / 4000
    points = [low + step * (i + 0.5) for i in range(4000)]
    weights = [math.exp(constant + (freedom - 1) * math.log(s) - freedom * s * s / 2) for s in points]
    share = math.fsum(weight * (1 - below(x * s)) for weight, s in zip(weights, points, strict=True))
    return min(1.0, share / math.fsum(weights))


def _bisect(below: Callable[[float], float], share: float, low: float, high: float) -> float:

    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < share else (low, middle)
    return (low + high) / 2
