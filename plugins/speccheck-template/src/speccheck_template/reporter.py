"""The reporter ``csv``: one row per verdict, for a spreadsheet."""

from __future__ import annotations

import csv as table
from typing import TextIO

from speccheck.sdk import Reporter, Run, constraint_text, format_value, judgement_text, verdict_text

COLUMNS = ("entry", "check", "outcome", "metric", "state", "observed", "constraint", "reason")


def render(run: Run, stream: TextIO) -> None:
    """Write a header, then a row for each verdict and for each entry without a verdict."""
    rows = table.writer(stream, lineterminator="\n")
    rows.writerow(COLUMNS)
    for result in run.entries:
        about = (result.entry.id, result.entry.check, result.judgement.outcome.value)
        for verdict in result.judgement.verdicts:
            worst = verdict.worst
            judged = (verdict.metric, verdict.state.value, format_value(verdict.observed), constraint_text(worst))
            rows.writerow(map(_cell, (*about, *judged, verdict_text(worst))))
        if not result.judgement.verdicts:
            rows.writerow(map(_cell, (*about, "", "", "", "", judgement_text(result.judgement))))


def _cell(text: str) -> str:
    # A spreadsheet evaluates a cell that starts like a formula, and a spec or audited code may contain one.
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


csv = Reporter(name="csv", render=render, doc="one row per verdict, for a spreadsheet", suffix=".csv")
