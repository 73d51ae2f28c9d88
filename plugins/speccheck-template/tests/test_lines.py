"""The check ``text.lines``, the loader ``lines`` and the reporter ``csv``: what they give."""

from __future__ import annotations

import csv as table
import io
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from speccheck.sdk import BuildContext, MeasurementError, SubjectError
from speccheck.testing import RecordingContext, sample_runs
from speccheck_template.checks.text.lines import Params, measure
from speccheck_template.loaders import load
from speccheck_template.reporter import COLUMNS, render


def _metrics(lines: Any, tmp_path: Path) -> dict[str, Any]:
    return dict(measure(Params(lines), RecordingContext.under(tmp_path)).metrics)


def test_a_clean_text(tmp_path: Path) -> None:
    found = _metrics(["one", "three", ""], tmp_path)
    assert found == {"lines": 3, "longest": 5, "duplicates": 0, "trailing_whitespace": 0}


def test_a_text_with_duplicates_and_white_space(tmp_path: Path) -> None:
    found = _metrics(["one", "one", "one", "two\t"], tmp_path)
    assert found == {"lines": 4, "longest": 4, "duplicates": 2, "trailing_whitespace": 1}


def test_no_line_has_no_statistics(tmp_path: Path) -> None:
    assert _metrics([], tmp_path) == {"lines": 0}


@pytest.mark.parametrize("lines", ["one text", [1, 2]])
def test_what_is_no_list_of_text_is_not_measured(lines: Any, tmp_path: Path) -> None:
    with pytest.raises(MeasurementError, match="not a list of text"):
        _metrics(lines, tmp_path)


def _build(tmp_path: Path, **definition: str) -> list[str]:
    return load(definition, cast(BuildContext, SimpleNamespace(path=lambda text: tmp_path / text)))


def test_the_loader_reads_lines_without_ends(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("one\r\ntwo \u2028still two\n\nlast".encode())
    assert _build(tmp_path, lines="a.txt") == ["one", "two \u2028still two", "", "last"]


def test_the_loader_names_the_file_it_cannot_read(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("é".encode("latin-1"))
    assert _build(tmp_path, lines="latin.txt", encoding="latin-1") == ["é"]
    for wrong in ({"lines": "none.txt"}, {"lines": "latin.txt"}, {"lines": "latin.txt", "encoding": "no such"}):
        with pytest.raises(SubjectError, match=r"cannot read lines of .*txt"):
            _build(tmp_path, **wrong)


def test_the_reporter_writes_a_row_per_verdict_and_per_entry_without_one() -> None:
    for run in sample_runs():
        stream = io.StringIO()
        render(run, stream)
        header, *rows = table.reader(io.StringIO(stream.getvalue()))
        assert tuple(header) == COLUMNS
        assert len(rows) == sum(max(1, len(entry.judgement.verdicts)) for entry in run.entries)
        assert {row[0] for row in rows} == {entry.entry.id for entry in run.entries}
