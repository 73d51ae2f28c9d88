"""Holding evidence against the metrics that its check declares, as the contract suite does."""

from __future__ import annotations

from typing import Any

from speccheck.sdk import Check, Evidence
from speccheck.testing.metrics import missing_metrics, yielded_problems


def undeclared(check: Check[Any], evidence: Evidence) -> list[str]:
    """Metrics that the check does not declare, or whose kind or bounds differ from the declaration, in words."""
    return list(yielded_problems(check.metrics, evidence.metrics))


def missing(check: Check[Any], evidence: Evidence) -> set[str]:
    """Metrics that the check declares, not as optional, and did not give; those per key of a parameter left out."""
    return set(missing_metrics(check.metrics, {}, evidence.metrics))
