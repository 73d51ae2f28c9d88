"""The width and the colours that an output takes, and tables that keep to the width."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TextIO

from speccheck.reporters._text import display_width, wrap

WIDTH = 100
"""Columns of a line when the stream is not a terminal and COLUMNS is not set."""

NARROWEST = 40

_LEAST = 8
"""Columns below which a column of a table is not narrowed."""


def width_of(stream: TextIO) -> int:
    """Return the columns of a line: those that COLUMNS gives, those of the terminal, or 100."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal() and int(columns) > 0:
        return max(int(columns), NARROWEST)
    if not stream.isatty():
        return WIDTH
    try:
        return max(os.get_terminal_size(stream.fileno()).columns, NARROWEST)
    except OSError:
        return WIDTH


def coloured(stream: TextIO) -> bool:
    """Whether the stream takes colours: it is a terminal, and NO_COLOR (https://no-color.org) is unset or empty."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def aligned(headers: Sequence[str], rows: Sequence[Sequence[str]], width: int) -> list[str]:
    """Return the lines of a table of at most ``width`` columns: the widest cells are wrapped."""
    from tabulate import tabulate

    cells = [headers, *rows]
    columns = [max(display_width(str(row[at])) for row in cells) for at in range(len(headers))]
    least = [max(_LEAST, display_width(header)) for header in headers]
    while sum(columns) + 2 * (len(columns) - 1) > width:
        spare, widest = max((one - low, at) for at, (one, low) in enumerate(zip(columns, least, strict=True)))
        if spare <= 0:
            break
        # At once to the width of the next widest, or by what is too much: cells can have thousands of columns.
        others = [one for at, one in enumerate(columns) if at != widest and one < columns[widest]]
        too_much = sum(columns) + 2 * (len(columns) - 1) - width
        columns[widest] -= min(max(columns[widest] - max(others, default=0), 1), too_much, spare)
    rule = ["-" * one for one in columns]
    wrapped = [["\n".join(wrap(str(cell), one)) for cell, one in zip(row, columns, strict=True)] for row in rows]
    # As a row: a header of tabulate's own makes its column wider than the cells need.
    text = tabulate([headers, rule, *wrapped], tablefmt="plain", disable_numparse=True)
    return [line.rstrip() for line in text.split("\n")]
