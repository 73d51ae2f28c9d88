"""The judge: limits, constraints, symbolic shapes, statistics, outcomes and the decision. Pure: no I/O, no numpy."""

from speccheck.judge.decision import JUDGED, coverage, decide
from speccheck.judge.nodes import Expectation, Limit, Parsed, Problem, Reference
from speccheck.judge.outcome import judge
from speccheck.judge.parse import CONSTRAINTS, parse_expect
from speccheck.judge.student import minimum_detectable_effect, t_cdf, t_quantile, t_sf

__all__ = [
    "CONSTRAINTS",
    "JUDGED",
    "Expectation",
    "Limit",
    "Parsed",
    "Problem",
    "Reference",
    "coverage",
    "decide",
    "judge",
    "minimum_detectable_effect",
    "parse_expect",
    "t_cdf",
    "t_quantile",
    "t_sf",
]
