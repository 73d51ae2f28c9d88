"""From the outcomes of all entries to the decision of a run, and its coverage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from speccheck.model.run import Coverage, exit_relevant
from speccheck.model.verdict import Decision, Outcome

JUDGED = frozenset({Outcome.PASSED, Outcome.FAILED, Outcome.WARNED, Outcome.WAIVED, Outcome.XFAILED, Outcome.XPASSED})
"""The outcomes of entries whose expectations were judged."""


def decide(
    outcomes: Sequence[Outcome], *, interrupted: bool = False, fail_on: Literal["fail", "warn"] = "fail"
) -> Decision:
    """Return FAIL if anything failed or xpassed (with ``fail_on="warn"``: or warned); else ERROR if anything is error
    or blocked, or the run was interrupted; else NOTHING JUDGED; else PASS.
    """
    seen = frozenset(outcomes)
    failing = {Outcome.FAILED, Outcome.XPASSED} | ({Outcome.WARNED} if fail_on == "warn" else set())
    if seen & failing:
        return Decision.FAIL
    if interrupted or seen & {Outcome.ERROR, Outcome.BLOCKED}:
        return Decision.ERROR
    return Decision.PASS if seen & JUDGED else Decision.NOTHING_JUDGED


def coverage(outcomes: Sequence[Outcome]) -> Coverage:
    """Return how many entries there are, how many were judged, and how many have each outcome."""
    judged = sum(outcome in JUDGED for outcome in outcomes)
    return Coverage(len(outcomes), judged, exit_relevant(list(outcomes)))
