"""Student's t, Holm, replicates: against scipy and the textbook forms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy import stats

from speccheck.judge import minimum_detectable_effect, t_quantile, t_sf
from speccheck.judge.samples import holm, least_n, mean, mean_bound, median, one_sided, std
from speccheck.judge.unknown import UnknownError
from speccheck.model.metrics import Metric
from speccheck.model.verdict import Outcome, State, Verdict
from speccheck.sdk import constraint_text
from unit.judge.judging import judged, one, state, text_of

REPLICATES = Metric("list", "paired differences", of="number", replicates=True)
MAPPING = Metric("mapping", "paired differences by key", of="list", replicates=True)
DELTAS = [0.0125, 0.0125, 0.0637]
FINITE = st.floats(-1e3, 1e3, allow_nan=False)


@settings(deadline=None)
@given(st.floats(1e-3, 300), st.floats(1, 1e5))
def test_the_tail_is_that_of_scipy(t: float, df: float) -> None:
    expected = float(stats.t.sf(t, df))
    assume(expected > 1e-290)
    assert t_sf(t, df) == pytest.approx(expected, rel=1e-10)
    assert t_sf(-t, df) == pytest.approx(1 - expected, rel=1e-12)


@settings(deadline=None)
@given(st.floats(1e-12, 0.499), st.integers(1, 10_000))
def test_the_quantile_is_that_of_scipy(p: float, df: int) -> None:
    assert t_quantile(p, df) == pytest.approx(float(stats.t.ppf(p, df)), rel=1e-9)
    assert t_quantile(1 - p, df) == pytest.approx(-t_quantile(1 - (1 - p), df), rel=1e-9)


def test_closed_forms_of_one_and_two_degrees_of_freedom() -> None:
    # df = 1 is Cauchy; df = 2 has P(T <= t) = 1/2 + t / (2 sqrt(2 + t^2))
    assert t_sf(1e9, 1) == pytest.approx(math.atan(1e-9) / math.pi, rel=1e-12)
    assert t_sf(-0.7, 2) == pytest.approx(0.5 + 0.7 / (2 * math.sqrt(2.49)), rel=1e-13)
    assert t_quantile(0.5, 3) == 0.0
    assert (t_sf(math.inf, 3), t_sf(-math.inf, 3)) == (0.0, 1.0)


@pytest.mark.parametrize(("t", "df"), [(1.0, 0.0), (1.0, -1.0), (math.nan, 3.0), (1.0, math.nan)])
def test_no_distribution(t: float, df: float) -> None:
    with pytest.raises(ValueError):
        t_sf(t, df)
    with pytest.raises(ValueError):
        t_quantile(1.0, 3)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=2, max_size=30), FINITE)
def test_the_test_is_that_of_scipy(numbers: list[float], limit: float) -> None:
    assume(np.std(numbers) > 1e-6)
    for upward, side in ((True, "greater"), (False, "less")):
        expected = float(stats.ttest_1samp(numbers, limit, alternative=side).pvalue)
        assume(expected > 1e-200)
        assert one_sided(numbers, limit, upward=upward).p == pytest.approx(expected, rel=1e-6)


@settings(deadline=None)
@given(st.lists(FINITE, min_size=2, max_size=30))
def test_the_statistics_are_those_of_numpy(numbers: list[float]) -> None:
    assert mean(numbers) == pytest.approx(np.mean(numbers), rel=1e-12, abs=1e-9)
    assert std(numbers) == pytest.approx(np.std(numbers, ddof=1), rel=1e-9, abs=1e-9)
    assert median(numbers) == pytest.approx(np.median(numbers), rel=1e-12, abs=1e-9)


def textbook_holm(ps: list[float]) -> list[float]:
    """Reject in ascending order while p_(k) <= alpha / (m - k); the adjusted p is the least alpha that rejects it."""
    ordered = sorted(ps)
    adjusted = {p: min(1.0, max((len(ps) - j) * ordered[j] for j in range(k + 1))) for k, p in enumerate(ordered)}
    return [adjusted[p] for p in ps]


@settings(deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12, unique=True))
def test_holm_is_the_textbook_form(ps: list[float]) -> None:
    assert holm(ps) == pytest.approx(textbook_holm(ps), rel=1e-12)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])


def test_the_figures_of_three_paired_differences() -> None:
    verdict = one({"mean": {"min": 0.01, "confidence": 0.95}}, DELTAS, metric=REPLICATES)
    assert verdict.state is State.INCONCLUSIVE
    assert "p = 0.185" in text_of(verdict)
    assert "n = 9 would tell" in text_of(verdict)
    assert verdict.observed == pytest.approx(0.0295667, rel=1e-5)
    assert verdict.margin is not None
    assert verdict.margin < 0
    assert constraint_text(verdict) == "mean: {min: 0.01, confidence: 0.95}"


def test_the_least_n_is_the_least() -> None:
    found = one_sided(DELTAS, 0.01, upward=True)
    least = least_n(found, 0.01, 0.05)
    t = (found.mean - 0.01) / found.std
    tells = [n for n in range(2, 50) if stats.t.sf(t * math.sqrt(n), n - 1) <= 0.05]
    assert least == tells[0] == 9
    assert least_n(found, found.mean, 0.05) is None


def test_held_and_violated_with_confidence() -> None:
    limits = {"confidence": 0.95}
    sample = [0.02, 0.021, 0.019, 0.022, 0.018]
    held = one({"mean": {"min": 0.01, **limits}}, sample, metric=REPLICATES)
    assert held.state is State.HELD
    edge = stats.t.ppf(0.05, 4) * np.std(sample, ddof=1) / math.sqrt(5) + np.mean(sample)
    assert held.margin == pytest.approx(edge - 0.01, rel=1e-9)
    assert state({"mean": {"min": 0.03, **limits}}, sample, metric=REPLICATES) is State.VIOLATED
    assert state({"mean": {"max": 0.03, **limits}}, sample, metric=REPLICATES) is State.HELD
    assert state({"mean": {"below": 0.01, **limits}}, sample, metric=REPLICATES) is State.VIOLATED


@settings(deadline=None)
@given(st.lists(FINITE, min_size=2, max_size=8), FINITE, st.sampled_from([0.8, 0.95, 0.99]))
def test_the_state_is_that_of_p_and_the_margin_agrees(sample: list[float], limit: float, c: float) -> None:
    assume(np.std(sample) > 1e-6)
    verdict = one({"mean": {"min": limit, "confidence": c}}, sample, metric=REPLICATES)
    p = float(stats.ttest_1samp(sample, limit, alternative="greater").pvalue)
    assume(min(abs(p - c), abs(p - (1 - c))) > 1e-9)
    expected = State.HELD if p <= 1 - c else State.VIOLATED if p >= c else State.INCONCLUSIVE
    assert verdict.state is expected
    assert verdict.margin is not None
    assert (verdict.margin >= 0) is (expected is State.HELD)


@pytest.mark.parametrize(
    "sample", [[1.0], [], [2.0, 2.0, 2.0], [1.0, math.nan], [1.0, None], [1.0, "a"], [1.0, True], "text", 3.0, None]
)
def test_samples_without_an_answer_are_unknown(sample: Any) -> None:
    metric = Metric("any", "x", replicates=True)
    assert state({"mean": {"min": 0.01, "confidence": 0.95}}, sample, metric=metric) is State.UNKNOWN


def test_a_spread_of_rounding_is_no_spread() -> None:
    with pytest.raises(UnknownError, match="confidence-zero-spread"):
        one_sided([0.3, 0.1 + 0.2, 0.3], 0.1, upward=True)


def test_confidence_needs_declared_replicates() -> None:
    constraints = {"mean": {"min": 0.01, "confidence": 0.95}}
    assert state(constraints, DELTAS) is State.UNKNOWN
    assert state(constraints, DELTAS, metric=Metric("list", "losses", of="number")) is State.UNKNOWN


def family(limit: float, keys: dict[str, Any], path: str = "delta['a']") -> State:
    expect = {path: {"mean": {"min": limit, "confidence": 0.95, "correct_for": "delta"}}}
    verdict: Verdict = judged(expect, {"delta": keys}, declared={"delta": MAPPING}).verdicts[0]
    return verdict.state


def test_holm_over_all_keys_of_the_metric() -> None:
    sample = [0.012, 0.013, 0.011, 0.010, 0.014, 0.011]
    p = one_sided(sample, 0.0105, upward=True).p
    assert 0.0125 < p < 0.05
    wide = [0.0, 0.02, 0.01, 0.03]
    assert family(0.0105, {"a": sample}) is State.HELD
    assert family(0.0105, {"a": sample, "b": wide, "c": wide, "d": wide}) is State.INCONCLUSIVE


def test_a_smaller_p_goes_before() -> None:
    strong = [0.020, 0.021, 0.0205, 0.0201]
    sample = [0.012, 0.013, 0.011, 0.010, 0.014, 0.011]
    keys = {"a": sample, "b": strong}
    assert family(0.0105, keys) is State.HELD
    assert family(0.0105, keys, "delta.*") is State.HELD
    expect = {"delta": {"each": {"mean": {"min": 0.0105, "confidence": 0.95, "correct_for": "delta"}}}}
    assert judged(expect, {"delta": keys}, declared={"delta": MAPPING}).outcome is Outcome.PASSED


@pytest.mark.parametrize("other", [[1.0, 1.0], [math.nan, 1.0], [], [1.0], None, "text", {"x": None}])
def test_a_family_member_without_an_answer_makes_all_unknown(other: Any) -> None:
    assert family(0.01, {"a": [0.02, 0.021, 0.022], "b": other}) is State.UNKNOWN


def test_no_family_in_the_evidence_is_unknown() -> None:
    expect = {"delta": {"each": {"mean": {"min": 0.01, "confidence": 0.95, "correct_for": "delta"}}}}
    lists = {"delta": [[0.02, 0.03], [0.02, 0.04]]}
    declared = {"delta": Metric("any", "x", replicates=True)}
    assert judged(expect, lists, declared=declared).verdicts[0].state is State.UNKNOWN


def test_a_corrected_margin_has_the_sign_of_the_verdict() -> None:
    sample = [0.012, 0.013, 0.011, 0.010, 0.014, 0.011]
    expect = {"delta.a": {"mean": {"min": 0.0105, "confidence": 0.95, "correct_for": "delta"}}}
    keys = {"a": sample, "b": [0.0, 0.02, 0.01, 0.03], "c": [0.0, 0.02, 0.01, 0.04]}
    verdict = judged(expect, {"delta": keys}, declared={"delta": MAPPING}).verdicts[0].worst
    assert verdict.state is State.INCONCLUSIVE
    assert verdict.margin is not None
    assert verdict.margin < 0
    assert "corrected for 3 keys" in text_of(verdict)
    found = one_sided(sample, 0.0105, upward=True)
    least = least_n(found, 0.0105, (1 - 0.95) / 3)
    assert least is not None
    assert least > 6
    assert f"n = {least} would tell, corrected for 3 keys" in text_of(verdict)


def test_an_inconclusive_limit_fails_the_entry_and_says_so() -> None:
    expect = {"m": {"mean": {"min": 0.01, "confidence": 0.95}}}
    judgement = judged(expect, {"m": DELTAS}, declared={"m": REPLICATES})
    assert judgement.outcome is Outcome.FAILED
    assert "inconclusive" in text_of(judgement)


def test_the_bound_of_the_mean_at_extreme_levels() -> None:
    found = one_sided(DELTAS, 0.01, upward=True)
    assert mean_bound(found, 0.0, upward=True) == -math.inf
    assert mean_bound(found, 0.5, upward=False) == pytest.approx(found.mean)


@settings(deadline=None, max_examples=30)
@given(st.integers(10, 200), st.floats(0.01, 10), st.sampled_from([0.9, 0.95]))
def test_the_detectable_effect_is_near_the_exact_one(n: int, spread: float, c: float) -> None:
    effect = minimum_detectable_effect(n, spread, c)
    exact_power = float(stats.nct.sf(stats.t.ppf(c, n - 1), n - 1, effect / spread * math.sqrt(n)))
    assert exact_power == pytest.approx(0.8, abs=0.02)


@pytest.mark.parametrize(("n", "spread", "c"), [(1, 1.0, 0.95), (3, -1.0, 0.95), (3, 1.0, 0.5), (3, math.nan, 0.95)])
def test_no_detectable_effect(n: int, spread: float, c: float) -> None:
    with pytest.raises(ValueError):
        minimum_detectable_effect(n, spread, c)


@pytest.mark.parametrize("c", [0.999999999999, 0.999999999999999, 1 - 2**-53])
@pytest.mark.parametrize("keys", [1, 2, 40])
@pytest.mark.parametrize("limit", [1.0, 2.0, 2.5, 100.0])
def test_a_confidence_next_to_1_has_an_answer(c: float, keys: int, limit: float) -> None:
    sample = {f"k{at}": [1.0 + at / 100, 2.0, 3.5] for at in range(keys)}
    expect = {"m": {"each": {"mean": {"min": limit, "confidence": c, "correct_for": "m"}}}}
    found = judged(expect, {"m": sample}, declared={"m": MAPPING})
    assert found.verdicts[0].state is State.INCONCLUSIVE
    assert text_of(found.verdicts[0].worst)
