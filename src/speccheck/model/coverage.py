"""The coverage of a run: how many of its entries were judged, and how many have each outcome."""

from __future__ import annotations

import msgspec

from speccheck.model.verdict import Outcome


class Coverage(msgspec.Struct, frozen=True):
    """The number of entries, of those that were judged, and of those with each outcome."""

    total: int
    judged: int
    outcomes: dict[str, int]

    def __str__(self) -> str:
        shown = [outcome.value for outcome in Outcome if outcome not in (Outcome.PASSED, Outcome.FAILED)]
        rest = [f"{self.outcomes[name]} {name}" for name in shown if name in self.outcomes]
        return f"{self.judged} of {self.total} judged" + (f"; {', '.join(rest)}" if rest else "")


def outcome_counts(outcomes: list[Outcome]) -> dict[str, int]:
    """Return how often each outcome occurs, in the order of the enumeration, absent ones left out."""
    return {outcome.value: outcomes.count(outcome) for outcome in Outcome if outcome in outcomes}
