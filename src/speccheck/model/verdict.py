"""Verdicts, outcomes and the decision: the parts of a judgement."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

from speccheck.model.cause import Cause
from speccheck.model.diagnostic import Position
from speccheck.model.spec import EntrySeverity
from speccheck.model.values import Value


class State(StrEnum):
    """The result of a constraint, or of an expectation as a whole."""

    HELD = "held"
    VIOLATED = "violated"
    INCONCLUSIVE = "inconclusive"
    UNKNOWN = "unknown"


class LimitSource(msgspec.Struct, frozen=True, omit_defaults=True):
    """Where a limit comes from: the reference as written, the value found there, and the operation on it."""

    reference: str
    kind: Literal["baseline", "metric", "entry"]
    value: Value = None
    op: str = ""
    number: float | None = None


class ConstraintVerdict(msgspec.Struct, frozen=True, omit_defaults=True):
    """One constraint of an expectation, judged.

    ``name`` is the constraint (``min``; ``expect`` for an expectation that cannot be read) and ``nesting`` the nestings
    around it, outermost first. ``written`` is the limit as written (``baseline - 1.0``), ``options`` what is written
    beside it (``tolerance``), ``limit`` the limit as resolved (22.99) and ``source`` the reference it comes from.
    ``margin`` is the distance from the limit, negative when violated, in the metric's unit; ``at`` the worst item or
    path. ``cause`` is None for a constraint that holds, except for one judged with a confidence.
    """

    name: str
    state: State
    nesting: tuple[str, ...] = ()
    written: Value = None
    options: dict[str, Value] = {}
    observed: Value = None
    limit: Value = None
    source: LimitSource | None = None
    margin: float | None = None
    at: str = ""
    cause: Cause | None = None
    severity: EntrySeverity = "fail"
    vacuous: bool = False
    why: str = ""
    demanded_by: Literal["expect", "worst", "expected_failure"] = "expect"


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


class Decision(StrEnum):
    """The decision of a run."""

    PASS = "PASS"
    FAIL = "FAIL"
    ERROR = "ERROR"
    NOTHING_JUDGED = "NOTHING JUDGED"


class Outcome(StrEnum):
    """The result of an entry.

    Each outcome declares its ``decision``, that of a run in which every entry has this outcome, and whether it
    ``unblocks`` the entries that need this one.
    """

    PASSED = "passed", Decision.PASS, True
    FAILED = "failed", Decision.FAIL
    WARNED = "warned", Decision.PASS, True
    ERROR = "error", Decision.ERROR
    BLOCKED = "blocked", Decision.ERROR
    SKIPPED = "skipped", Decision.NOTHING_JUDGED
    XFAILED = "xfailed", Decision.PASS
    XPASSED = "xpassed", Decision.FAIL
    WAIVED = "waived", Decision.PASS, True
    MEASURED = "measured", Decision.NOTHING_JUDGED

    decision: Decision
    unblocks: bool

    def __new__(cls, value: str, decision: Decision, unblocks: bool = False) -> Outcome:
        """Make a member of its value and what it declares."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.decision = decision
        member.unblocks = unblocks
        return member

    @property
    def judged(self) -> bool:
        """Whether the entry's expectations were judged."""
        return self.decision in (Decision.PASS, Decision.FAIL)

    @property
    def stops(self) -> bool:
        """Whether ``run -x`` stops at this outcome."""
        return self.decision in (Decision.FAIL, Decision.ERROR)


class Judgement(msgspec.Struct, frozen=True, omit_defaults=True):
    """One entry judged: its outcome, the cause of that, its verdicts in spec order, and notes for the report.

    ``notes`` are what the outcome alone hides: an expired waiver, an expired expected failure.
    """

    outcome: Outcome
    cause: Cause | None = None
    verdicts: tuple[Verdict, ...] = ()
    notes: tuple[Cause, ...] = ()
