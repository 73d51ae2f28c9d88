"""Widths and colours follow the terminal and its environment, and tables keep to the width."""

from __future__ import annotations

import io
import os

import pytest

from speccheck.reporters._layout import aligned, coloured, width_of
from speccheck.reporters._text import display_width


class Terminal(io.StringIO):
    """A stream that is a terminal without a size."""

    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)


@pytest.mark.parametrize(("columns", "width"), [("80", 80), ("200", 200), ("7", 40), ("0", 100), ("wide", 100)])
@pytest.mark.parametrize("stream", [io.StringIO(), Terminal()])
def test_columns_say_how_wide(stream: io.StringIO, columns: str, width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert width_of(stream) == width


def test_a_terminal_says_how_wide_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    class Sized(Terminal):
        def fileno(self) -> int:
            return 1

    monkeypatch.setattr(os, "get_terminal_size", lambda descriptor: os.terminal_size((72, 24)))
    assert width_of(Sized()) == 72


@pytest.mark.parametrize(("no_color", "coloured_there"), [(None, True), ("", True), ("1", False), ("0", False)])
def test_no_color(no_color: str | None, coloured_there: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    assert coloured(Terminal()) is coloured_there
    assert coloured(io.StringIO()) is False


ROWS = [
    (
        "train.resume",
        "Differences between training that is stopped and resumed and training without a stop.",
        "speccheck",
    ),
    ("x" * 30, "漢字" * 20, "speccheck-nuscenes"),
    ("a", "", ""),
]


@pytest.mark.parametrize("width", [40, 80, 120])
def test_a_table_keeps_to_the_width_and_loses_nothing(width: int) -> None:
    lines = aligned(("check", "measures", "distribution"), ROWS, width)
    assert max(map(display_width, lines)) <= width
    joined = "".join("".join(lines).split())
    assert all(joined.count(char) >= "".join(map("".join, ROWS)).count(char) for char in "xS漢字")


def test_a_table_that_fits_has_a_line_for_each_row() -> None:
    lines = aligned(("a", "b"), [("1.10", "two"), ("three", "")], 80)
    assert lines == ["a      b", "-----  ---", "1.10   two", "three"]


def test_words_stay_whole_where_they_can() -> None:
    lines = aligned(("name", "doc"), [("n", "alpha beta gamma delta")], 24)
    assert [line.strip() for line in lines[2:]] == ["n     alpha beta gamma", "delta"]


def test_a_table_of_huge_cells_is_made_at_once() -> None:
    assert max(map(len, aligned(("a", "b"), [("x" * 4000, "y " * 2000)], 60))) <= 60
