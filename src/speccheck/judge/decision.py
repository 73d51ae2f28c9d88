"""From the outcomes of all entries to the decision of a run, and its coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from speccheck.model.coverage import Coverage, outcome_counts
from speccheck.model.verdict import Decision, Outcome


def decide(
    outcomes: Sequence[Outcome], *, interrupted: bool = False, fail_on: Literal["fail", "warn"] = "fail"
) -> Decision:
    """Return the decision of a run with these outcomes.

    FAIL if anything failed or xpassed (with ``fail_on="warn"``: or warned); else ERROR if anything is error or blocked,
    or the run was interrupted; else NOTHING JUDGED; else PASS.
    """
    seen = frozenset(outcomes)
    decisions = {outcome.decision for outcome in seen}
    if Decision.FAIL in decisions or (fail_on == "warn" and Outcome.WARNED in seen):
        return Decision.FAIL
    if interrupted or Decision.ERROR in decisions:
        return Decision.ERROR
    return Decision.PASS if Decision.PASS in decisions else Decision.NOTHING_JUDGED


def coverage(outcomes: Sequence[Outcome]) -> Coverage:
    """Return how many entries there are, how many were judged, and how many have each outcome."""
    judged = sum(outcome.judged for outcome in outcomes)
    return Coverage(len(outcomes), judged, outcome_counts(list(outcomes)))
