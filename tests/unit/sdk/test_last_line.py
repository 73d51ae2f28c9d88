"""The last line that was completed in a file since the last look: only whole lines, and each at most once."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from speccheck.sdk.last_line import WINDOW, LastLine


class Printed:
    """A file with one descriptor for writing and looking, as that of a capture is."""

    def __init__(self, path: Path) -> None:
        self.descriptor = os.open(path, os.O_RDWR | os.O_CREAT)
        self.last = LastLine()

    def then(self, data: bytes) -> str | None:
        """What a look finds after this was written."""
        os.write(self.descriptor, data)
        return self.last.of(self.descriptor)


@pytest.fixture
def printed(tmp_path: Path) -> Iterator[Printed]:
    printed = Printed(tmp_path / "printed")
    yield printed
    os.close(printed.descriptor)


def test_the_last_complete_line_once(printed: Printed) -> None:
    assert printed.then(b"") is None
    assert printed.then(b"step 1\nstep 2\nst") == "step 2"
    assert printed.then(b"") is None
    assert printed.then(b"ep") is None
    assert printed.then(b" 3\n") == "step 3"
    assert printed.then(b"step 3\n") == "step 3"


def test_lines_with_nothing_in_them_are_passed_over(printed: Printed) -> None:
    assert printed.then(b"  epoch 1 \n\n \t\n") == "epoch 1"
    assert printed.then(b"\n\n") is None


def test_a_carriage_return_ends_a_line(printed: Printed) -> None:
    assert printed.then(b"\r 10%") is None
    assert printed.then(b"\r 20%\r 30%") == "20%"
    assert printed.then(b"\r\n") == "30%"


def test_bytes_that_are_no_text(printed: Printed) -> None:
    assert printed.then(b"\xff \xc3\xa4\n") == "\N{REPLACEMENT CHARACTER} ä"


def test_looking_does_not_move_the_writer(printed: Printed) -> None:
    assert printed.then(b"one\n") == "one"
    assert os.lseek(printed.descriptor, 0, os.SEEK_CUR) == 4


def test_a_line_whose_beginning_is_out_of_sight_is_left_out(printed: Printed) -> None:
    secret = b"secret " + b"x" * WINDOW + b"\n"
    assert printed.then(secret) is None
    assert printed.then(b"short\n" + secret) is None
    assert printed.then(secret + b"whole\n") == "whole"
    assert printed.then(b"after\n") == "after"


def test_a_long_line_that_just_fits_is_whole(printed: Printed) -> None:
    line = b"x" * (WINDOW - 1)
    assert printed.then(line + b"\n") == line.decode()


def test_a_file_that_was_truncated_begins_anew(printed: Printed) -> None:
    assert printed.then(b"a line of the first measurement\n") == "a line of the first measurement"
    os.lseek(printed.descriptor, 0, os.SEEK_SET)
    os.ftruncate(printed.descriptor, 0)
    assert printed.then(b"second\n") == "second"
