"""Text of audited code on a terminal: it cannot control the terminal, keeps to the width, and marks what it cuts."""

from __future__ import annotations

import io
import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.reporters._text import ELLIPSIS, LONGEST, _pieces, cut, display_width, emit, fit, visible, wrap

ANY_TEXT = st.text(st.characters(codec=None), max_size=60)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[2J", "\\u001b[2J"),
        ("a\nb\tc\r", "a\\nb\\tc\\r"),
        ("\x7f\x85", "\\u007f\\u0085"),
        ("abc\u202edcba", "abc\\u202edcba"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("line\u2028end", "line\\u2028end"),
        ("\ud800", "\\ud800"),
        ("\U000e0041", "\\udb40\\udc41"),
        ("caf\u00e9 \u6f22\u5b57", "caf\u00e9 \u6f22\u5b57"),
    ],
)
def test_what_steers_a_terminal_is_written_out(text: str, shown: str) -> None:
    assert visible(text) == shown


def test_kept_characters_stay() -> None:
    assert visible("a\nb\x1b", keep="\n") == "a\nb\\u001b"


@given(ANY_TEXT)
def test_no_control_character_survives(text: str) -> None:
    assert not [char for char in visible(text) if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp")]


@pytest.mark.parametrize(("text", "columns"), [("abc", 3), ("\u6f22\u5b57", 4), ("e\u0301", 1), ("", 0)])
def test_columns(text: str, columns: int) -> None:
    assert display_width(text) == columns


@given(ANY_TEXT, st.integers(0, 40))
def test_cut_keeps_to_the_width_and_marks_what_is_gone(text: str, width: int) -> None:
    line = cut(text, width)
    assert display_width(line) <= width
    assert line == visible(text) or width == 0 or line.endswith(ELLIPSIS)


@given(ANY_TEXT, st.integers(2, 40))
def test_wrap_keeps_every_word_within_the_width(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert all(display_width(line) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == visible(text).replace(" ", "")


def test_wrap_breaks_between_words() -> None:
    assert wrap("the waiver of ana ended", 10) == ["the waiver", "of ana", "ended"]


@pytest.mark.parametrize("text", ["x" * 2_000_000, "\n" * 2_000_000, "word " * 400_000, "\u6f22" * 5001])
def test_wrap_of_a_huge_text_is_quick_and_shows_its_length(text: str) -> None:
    lines = wrap(text, 80)
    assert len(lines) < 60
    assert "".join(lines).replace(" ", "").endswith(f"{ELLIPSIS}(cuthere;{len(text)}charactersinall)")
    assert "".join(wrap(" ".join(lines), 20)).count("characters") == 1


def test_wrap_shows_all_of_a_long_text() -> None:
    assert "".join(wrap("x" * LONGEST, 7)) == "x" * LONGEST


def test_a_long_word_takes_time_by_its_length() -> None:
    def taken(length: int) -> float:
        started = time.process_time()
        assert len(_pieces("x" * length, 20)) == length // 20
        return time.process_time() - started

    assert min(taken(200_000) for _ in range(3)) < 30 * min(taken(20_000) for _ in range(3))


@given(st.lists(ANY_TEXT, max_size=8), st.integers(1, 60))
def test_fit_keeps_to_the_width(items: list[str], width: int) -> None:
    assert display_width(fit(items, width)) <= width


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (40, "snr_db 24.3; loss 0.2; steps 5"),
        (29, "snr_db 24.3; +2 more"),
        (30, "snr_db 24.3; loss 0.2; steps 5"),
        (12, "snr_db 24.3"),
        (8, "snr_db \u2026"),
    ],
)
def test_fit_leaves_out_whole_items_before_it_cuts_one(width: int, line: str) -> None:
    assert fit(["snr_db 24.3", "loss 0.2", "steps 5"], width) == line


def test_fit_of_nothing_is_empty() -> None:
    assert fit([], 10) == ""


def test_a_stream_of_another_encoding_gets_json_escapes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    emit(stream, "a \u2026 \U0001f600")
    stream.flush()
    assert raw.getvalue() == b"a \\u2026 \\ud83d\\ude00"


def test_a_stream_that_can_carry_the_text_gets_it_as_it_is() -> None:
    stream = io.StringIO()
    emit(stream, "a \u2026")
    assert stream.getvalue() == "a \u2026"


@pytest.mark.parametrize(
    ("width", "line"),
    [
        (37, "error 0.0019 (max 0.004, margin +0.1)"),
        (36, "error 0.0019 (max 0.004, …)"),
        (26, "error 0.0019 (max 0.004, …"),
    ],
)
def test_an_item_that_does_not_fit_loses_its_last_remarks_before_it_is_cut(width: int, line: str) -> None:
    assert fit(["error 0.0019 (max 0.004, margin +0.1)", "steps 5"], width) == line


def test_an_item_is_not_shortened_inside_brackets() -> None:
    item = "code float32[2, 4] (tensor float32[B=2, N])"
    assert fit([item], len(item) - 1) == item[: len(item) - 2] + "…"
