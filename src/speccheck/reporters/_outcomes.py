"""The presentation of each outcome in reports."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from speccheck.model.verdict import Outcome


class Presentation(NamedTuple):
    """The presentation of an outcome.

    An entry with a ``quiet`` outcome gets no section of its own in the terminal; one with a ``loud`` outcome is bold
    and shows what the audited code printed.
    """

    colour: str
    loud: bool = False
    quiet: bool = False


PRESENTATIONS: Mapping[Outcome, Presentation] = {
    Outcome.FAILED: Presentation("red", loud=True),
    Outcome.XPASSED: Presentation("red", loud=True),
    Outcome.ERROR: Presentation("red", loud=True),
    Outcome.BLOCKED: Presentation("red"),
    Outcome.WARNED: Presentation("yellow"),
    Outcome.WAIVED: Presentation("yellow"),
    Outcome.XFAILED: Presentation("cyan"),
    Outcome.SKIPPED: Presentation("cyan"),
    Outcome.MEASURED: Presentation("blue", quiet=True),
    Outcome.PASSED: Presentation("green", quiet=True),
}
"""Every outcome, the most urgent first."""

URGENCY = {outcome: place for place, outcome in enumerate(PRESENTATIONS)}
"""The place of each outcome in the order in which a reader wants to see them."""
