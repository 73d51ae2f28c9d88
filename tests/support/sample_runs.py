"""The sample runs of the contract suite."""

from __future__ import annotations

from speccheck.testing.sample_parts import CHECKS, FILE, constraint, result, run, verdict
from speccheck.testing.samples import all_passed, every_outcome, nothing_judged

__all__ = ["CHECKS", "FILE", "all_passed", "constraint", "every_outcome", "nothing_judged", "result", "run", "verdict"]
