"""The colours of outcomes in a terminal."""

from __future__ import annotations

from speccheck.model.verdict import Outcome
from speccheck.reporters._outcomes import PRESENTATIONS


def style(text: str, outcome: Outcome, color: bool) -> str:
    """Return the text in the colour of an outcome, or as it is."""
    if not color:
        return text
    import click

    return click.style(text, fg=PRESENTATIONS[outcome].colour, bold=PRESENTATIONS[outcome].loud)
