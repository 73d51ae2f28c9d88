"""Student's t distribution in pure Python: distribution function, quantile, and the least effect a sample can show."""

from __future__ import annotations

import math
from collections.abc import Callable

_TINY = 1e-300
_MAX_TERMS = 100_000
_LARGE = 40.0


def t_sf(t: float, df: float) -> float:
    """P(T >= t) for Student's t with ``df`` > 0 degrees of freedom; relative error below 1e-10, in the tails too.

    For t >= 0 it is half the regularised incomplete beta function I_x(df/2, 1/2) at x = df / (df + t^2)
    (Abramowitz and Stegun, Handbook of Mathematical Functions, 26.7.1; DLMF 8.17). ValueError for df <= 0 or NaN.
    """
    if not df > 0 or math.isnan(t):
        raise ValueError(f"no Student t distribution for df = {df}, t = {t}")
    if math.isinf(t):
        return 0.0 if t > 0 else 1.0
    tail = 0.5 * _beta_tail(df / 2, t * t / df)
    return tail if t >= 0 else 1.0 - tail


def t_quantile(p: float, df: float) -> float:
    """Return the t with P(T <= t) = p, for 0 < p < 1 and ``df`` > 0: the root of :func:`t_sf`, by bisection in log t.

    Relative error about 1e-12. ValueError outside these ranges.
    """
    if not 0 < p < 1:
        raise ValueError(f"a quantile is of a probability between 0 and 1, not {p}")
    if p == 0.5:
        return 0.0
    tail = min(p, 1 - p)
    size = _root(lambda t: t_sf(t, df) > tail)
    return size if p > 0.5 else -size


def minimum_detectable_effect(n: int, std: float, confidence: float, power: float = 0.8) -> float:
    """Return the least true difference from the limit that ``n`` replicates show with ``power`` in a one-sided t test.

    (t(confidence, n-1) + t(power, n-1)) * std / sqrt(n), in the unit of ``std`` (a sample standard deviation, ddof=1):
    the multiple-of-standard-error approximation of Bloom, "Minimum detectable effects", Evaluation Review 19(5), 1995,
    547-556. It is an approximation: the exact value needs the noncentral t. ValueError for n < 2, std < 0, or
    probabilities outside (0.5, 1) and (0, 1).
    """
    if n < 2 or not std >= 0 or not 0.5 < confidence < 1:
        raise ValueError(f"no effect is detectable with n = {n}, std = {std}, confidence = {confidence}")
    return detectable_effect(n, std, 1 - confidence, power)


def detectable_effect(n: int, std: float, alpha: float, power: float) -> float:
    """Return that difference for the chance ``alpha`` of a false claim, however small: 1 - alpha may round to 1."""
    return (t_quantile(power, n - 1) - t_quantile(alpha, n - 1)) * std / math.sqrt(n)


def normal_quantile(p: float) -> float:
    """Return the standard normal quantile, the limit of Student's for many degrees of freedom."""
    from statistics import NormalDist  # its imports cost every run, and few need it

    return NormalDist().inv_cdf(p)


def _root(above: Callable[[float], bool]) -> float:
    low, high = 0.0, 1.0
    while above(high):
        low, high = high, high * 2
        if math.isinf(high):
            return high
    if low == 0.0:
        low = 0.5
        while low > _TINY and not above(low):
            low, high = low / 2, low
    for _ in range(200):
        middle = math.sqrt(low) * math.sqrt(high)
        if not low < middle < high:
            break
        low, high = (middle, high) if above(middle) else (low, middle)
    return 0.5 * (low + high)


def _beta_tail(a: float, ratio: float) -> float:
    """I_x(a, 1/2) at x = 1 / (1 + ratio), from t^2 / df = ``ratio``, so that 1 - x loses no digits."""
    if ratio == 0:
        return 1.0
    if math.isinf(ratio):
        return 0.0
    x, rest = 1 / (1 + ratio), ratio / (1 + ratio)
    log_front = -a * math.log1p(ratio) + 0.5 * math.log(rest) - _log_beta_half(a)
    if x < (a + 1) / (a + 2.5):
        return math.exp(log_front) * _fraction(x, a, 0.5) / a
    return 1.0 - math.exp(log_front) * _fraction(rest, 0.5, a) / 0.5


def _log_beta_half(a: float) -> float:
    """log B(a, 1/2) = log(sqrt(pi) Gamma(a) / Gamma(a + 1/2)).

    For a >= 40 by the asymptotic expansion of the ratio of gamma functions (DLMF 5.11.13 with a half), since the
    difference of two large log-gammas loses the digits; its error there is below 1e-15.
    """
    if a < _LARGE:
        return 0.5 * math.log(math.pi) + math.lgamma(a) - math.lgamma(a + 0.5)
    coefficients = (1.0, -1 / 8, 1 / 128, 5 / 1024, -21 / 32768, -399 / 262144, 869 / 4194304, 39325 / 33554432)
    series = math.fsum(c * a**-k for k, c in enumerate(coefficients))
    return 0.5 * math.log(math.pi) - 0.5 * math.log(a) - math.log(series)


def _fraction(x: float, a: float, b: float) -> float:
    """Return the continued fraction of the incomplete beta function (DLMF 8.17.22), by the modified Lentz method.

    Thompson and Barnett, "Coulomb and Bessel functions of complex arguments and order", J. Comput. Phys. 64, 1986.
    """
    c, d = 1.0, _inverse(1.0 - (a + b) * x / (a + 1.0))
    value = d
    for m in range(1, _MAX_TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m))
        d, c = _inverse(1.0 + even * d), _away(1.0 + even / c)
        value *= d * c
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0))
        d, c = _inverse(1.0 + odd * d), _away(1.0 + odd / c)
        value *= d * c
        if abs(d * c - 1.0) < 1e-15:
            return value
    raise ArithmeticError(f"the incomplete beta function did not converge at a = {a}, b = {b}, x = {x}")


def _away(value: float) -> float:
    return value if abs(value) > _TINY else _TINY


def _inverse(value: float) -> float:
    return 1.0 / _away(value)
