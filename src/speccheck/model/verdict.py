"""Verdicts, outcomes and the decision: the words of a judgement."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from speccheck.model.diagnostic import Position
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Value


class State(StrEnum):
    """What a constraint, or an expectation as a whole, turned out to be."""

    HELD = "held"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    UNKNOWN = "unknown"


class ConstraintVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One constraint of an expectation, judged.

    ``constraint`` is as written (``min: baseline - 1.0``); ``limit`` what it came to (22.99); ``margin`` how far inside
    the limit the observed value is (negative when violated, in the metric's unit); ``at`` the item or path that was
    worst; ``reason`` says in words why it is not held.
    """

    constraint: str
    state: State
    observed: Value = None
    limit: Value = None
    margin: float | None = None
    at: str = ""
    reason: str = ""
    severity: EntrySeverity = "fail"
    vacuous: bool = False
    why: str = ""


class Verdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One expectation (a metric path, as written, and its constraints) judged; the worst constraint decides."""

    metric: str
    state: State
    constraints: tuple[ConstraintVerdict, ...]
    observed: Value = None
    position: Position | None = None

    @property
    def worst(self) -> ConstraintVerdict:
        """The constraint that decides: unknown, then violated, inconclusive, held; then the smallest margin."""
        order = [State.UNKNOWN, State.VIOLATED, State.INCONCLUSIVE, State.HELD]
        return min(
            self.constraints,
            key=lambda c: (order.index(c.state), c.margin if c.margin is not None else float("inf")),
        )


class Outcome(StrEnum):
    """What became of an entry."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    ERROR = "error"
    BLOCKED = "blocked"
    SKIPPED = "skipped"
    XFAILED = "xfailed"
    XPASSED = "xpassed"
    WAIVED = "waived"
    MEASURED = "measured"


class Decision(StrEnum):
    """What a run comes to."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    NOTHING_JUDGED = "NOTHING JUDGED"


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry judged: its verdicts in spec order, its outcome, the reason in words, and notes for the report.

    ``notes`` tell what the outcome alone hides: an expired waiver, an expired expected failure.
    """

    outcome: Outcome
    reason: str = ""
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[str, ...] = ()
