"""Number, length and duplicates of the lines of a text.

It matters for line-by-line data sets: duplicates leak from train to test. It cannot see near duplicates.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from speccheck.sdk import Check, Context, Evidence, Live, MeasurementError, Metric, param


@dataclass(frozen=True)
class Params:
    """The lines."""

    lines: Live[Sequence[str]] = param("the lines, without their line ends")


METRICS = {
    "lines": Metric(kind="number", min=0, doc="lines, empty ones too"),
    "longest": Metric(kind="number", min=0, unit="characters", doc="length of the longest line", optional="no line"),
    "duplicates": Metric(kind="number", min=0, doc="lines that occur earlier too", optional="no line"),
    "trailing_whitespace": Metric(kind="number", min=0, doc="lines that end in white space", optional="no line"),
}


def measure(params: Params, context: Context) -> Evidence:
    """Count the lines; without any, return only their number, so that no expectation holds on an empty file."""
    lines = params.lines
    if isinstance(lines, str) or not all(isinstance(line, str) for line in lines):
        raise MeasurementError("lines is not a list of text; `{lines: PATH}` builds one")
    if not lines:
        return Evidence({"lines": 0})
    metrics = {"longest": max(map(len, lines)), "duplicates": len(lines) - len(set(lines))}
    trailing = sum(line != line.rstrip() for line in lines)
    return Evidence({"lines": len(lines), **metrics, "trailing_whitespace": trailing})


check = Check(params=Params, metrics=METRICS, measure=measure, version=1)
