"""Runs made up for tests: those of the contract suite."""

from __future__ import annotations

from speccheck.testing.samples import (
    CHECKS,
    FILE,
    all_passed,
    constraint,
    every_outcome,
    nothing_judged,
    result,
    run,
    verdict,
)

__all__ = ["CHECKS", "FILE", "all_passed", "constraint", "every_outcome", "nothing_judged", "result", "run", "verdict"]
