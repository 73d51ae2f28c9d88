"""The judge: limits, constraints, symbolic shapes, statistics, outcomes and the decision. Pure: no I/O, no numpy."""

from speccheck.judge.constraints import CONSTRAINTS, ConstraintDoc, constraint_docs, constraint_schemas
from speccheck.judge.decision import coverage, decide
from speccheck.judge.expectation import Expectation, Parsed
from speccheck.judge.limits import Limit, Reference
from speccheck.judge.outcome import judge
from speccheck.judge.parse import parse_expect, reading
from speccheck.judge.reader import Problem
from speccheck.judge.student import minimum_detectable_effect, t_quantile, t_sf

__all__ = [
    "CONSTRAINTS",
    "ConstraintDoc",
    "Expectation",
    "Limit",
    "Parsed",
    "Problem",
    "Reference",
    "constraint_docs",
    "constraint_schemas",
    "coverage",
    "decide",
    "judge",
    "minimum_detectable_effect",
    "parse_expect",
    "reading",
    "t_quantile",
    "t_sf",
]
