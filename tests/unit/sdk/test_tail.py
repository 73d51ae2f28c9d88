"""The end of a long output: whole lines alone, and as many as there is room for."""

from __future__ import annotations

import io

import pytest

from speccheck.sdk.tail import LIMIT, Tail, counted_lines, lines_left_out, plain_lines, tail


@pytest.mark.parametrize("data", [b"", b"one", b"x" * LIMIT, b"one\r\n" * (LIMIT // 5)])
def test_what_fits_is_kept_whole(data: bytes) -> None:
    assert tail(io.BytesIO(data)) == Tail(data.decode())
    assert tail(io.BytesIO(data)).remark == ""


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
def test_a_line_that_begins_where_the_room_does_is_kept(end: bytes) -> None:
    assert tail(io.BytesIO(b"first" + end + b"x" * LIMIT)) == Tail("x" * LIMIT, 5 + len(end))


@pytest.mark.parametrize("end", [b"\n", b"\r", b"\r\n"])
@pytest.mark.parametrize("more", [1, 2, 3, 1000])
def test_a_line_that_is_cut_is_left_out_up_to_its_end(end: bytes, more: int) -> None:
    last = "last\n"
    data = b"x" * (LIMIT + more - len(end) - len(last)) + end + last.encode()
    assert tail(io.BytesIO(data)) == Tail(last, LIMIT + more - len(last))


def test_bytes_are_counted_where_they_are_no_text() -> None:
    found = tail(io.BytesIO(b"x" * LIMIT + b"\n\xff\xfe!"))
    assert found == Tail("\N{REPLACEMENT CHARACTER}" * 2 + "!", LIMIT + 1)
    assert found.remark == f"[the first {LIMIT + 1} bytes are left out]"


@pytest.mark.parametrize("before", [b"", b"earlier\n"])
@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_of_a_line_longer_than_the_room_nothing_is_kept(before: bytes, end: bytes) -> None:
    data = before + b"x" * (LIMIT + 1) + end
    found = tail(io.BytesIO(data))
    assert found == Tail("", len(data))
    assert found.remark == f"[{len(data)} bytes are left out: the last line is longer than 64 KiB]"


@pytest.mark.parametrize(("count", "text"), [(1, "[1 line is left out]"), (12, "[12 lines are left out]")])
def test_lines_left_out_are_counted(count: int, text: str) -> None:
    assert lines_left_out(count) == text
    assert counted_lines(["a", text, "b", ""]) == 3 + count
    assert plain_lines(["a", text, "b", ""]) == 3
