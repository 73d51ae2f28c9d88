"""``csv: file.csv``: the rows of a CSV file with a heading, as mappings of column to value."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from speccheck.sdk import BuildContext, Loader, SubjectError
from speccheck.sdk.loading import PATH
from speccheck.subjects.loader_support import read_text, unreadable

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_REAL = re.compile(r"[-+]?(0|[1-9][0-9]*|(?=\.[0-9]))(\.[0-9]*)?([eE][-+]?[0-9]+)?")
_SPECIAL = re.compile(r"nan|[-+]?inf(inity)?", re.IGNORECASE)


def load(definition: Mapping[str, Any], context: BuildContext) -> list[dict[str, Any]]:
    """Return the list of rows. A column of numbers is converted: to int if all are whole, else to float.

    ``007`` is text, so a column of such codes stays text; ``nan`` and ``inf`` count as numbers beside other numbers.
    """
    path, text = read_text(definition["csv"], context)
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), strict=True) if line]
    except csv.Error as error:
        raise unreadable(path, "CSV", error) from error
    if not lines:
        raise SubjectError(f"{path} is empty: the first line of a CSV file names its columns")
    heading, rows = lines[0], lines[1:]
    if len(set(heading)) < len(heading):
        raise SubjectError(f"{path} names a column twice: {', '.join(heading)}")
    for number, row in enumerate(rows, 1):
        if len(row) != len(heading):
            raise SubjectError(f"{path}: row {number} and the heading differ in size: {len(row)} and {len(heading)}")
    converts = [_conversion([row[at] for row in rows]) for at in range(len(heading))]
    return [{name: convert(cell) for name, convert, cell in zip(heading, converts, row, strict=True)} for row in rows]


def _conversion(cells: Sequence[str]) -> Callable[[str], Any]:
    stripped = [cell.strip() for cell in cells]
    if stripped and all(_WHOLE.fullmatch(cell) for cell in stripped):
        return int
    real = [cell for cell in stripped if _REAL.fullmatch(cell)]
    rest = [cell for cell in stripped if not _REAL.fullmatch(cell)]
    return float if real and all(_SPECIAL.fullmatch(cell) for cell in rest) else str


loader = Loader(
    name="csv", load=load, schema=PATH, doc="The rows of a CSV file, as mappings; numeric columns as numbers."
)
