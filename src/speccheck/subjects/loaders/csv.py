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
    """Return the list of rows. A column whose cells are numbers, some of them blank, is converted without loss.

    Whole numbers become int and blank cells None. Beside a fraction or ``nan``, whole numbers become float, unless one
    of them is no float exactly (an id of 17 digits): then each stays int. Any other column stays text, such as one of
    codes like ``007``; ``nan`` and ``inf`` count as numbers beside other numbers.
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
    filled = [cell for cell in map(str.strip, cells) if cell]
    real = [cell for cell in filled if _REAL.fullmatch(cell)]
    rest = [cell for cell in filled if not _REAL.fullmatch(cell)]
    if not real or not all(_SPECIAL.fullmatch(cell) for cell in rest):
        return str
    whole = [cell for cell in real if _WHOLE.fullmatch(cell)]
    if len(whole) == len(filled):
        return _or_none(int)
    lossless = all(float(cell) == int(cell) for cell in whole)
    return _or_none(float if lossless else _exact)


def _exact(cell: str) -> float:
    return int(cell) if _WHOLE.fullmatch(cell.strip()) else float(cell)


def _or_none(convert: Callable[[str], float]) -> Callable[[str], float | None]:
    return lambda cell: convert(cell) if cell.strip() else None


loader = Loader(
    name="csv",
    load=load,
    schema=PATH,
    doc="The rows of a CSV file, as mappings; numeric columns as numbers, whose blank cells are None.",
    plain=True,
)
