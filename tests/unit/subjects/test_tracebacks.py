"""Tracebacks: the frames that are removed, and those that stay."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from speccheck.sdk import Fresh, PartialCall
from speccheck.sdk.live import Placeholder
from speccheck.subjects import audited_traceback


def audited(callback: Any) -> Any:
    return callback()


def lost() -> None:
    raise KeyError("lost")


def grouped() -> None:
    try:
        audited(PartialCall(lost, (), {}))
    except KeyError as error:
        raise ExceptionGroup("several", [error, ValueError("bare")]) from None


def test_frames_of_ours_between_audited_ones_are_cut() -> None:
    with pytest.raises(KeyError) as caught:
        audited(PartialCall(audited, (Fresh(lost),), {}))
    text = audited_traceback(caught.value)
    assert text.count("in audited") == 2
    assert text.count("in lost") == 1
    assert "live.py" not in text
    assert text.endswith("KeyError: 'lost'")


def test_an_error_of_ours_is_its_line_alone() -> None:
    with pytest.raises(KeyError) as caught:
        Placeholder("output").resolve({})
    caught.value.__traceback__ = caught.value.__traceback__ and caught.value.__traceback__.tb_next
    assert audited_traceback(caught.value) == "KeyError: 'output'"


def test_chains_and_groups_are_kept() -> None:
    try:
        try:
            lost()
        except KeyError as error:
            raise ValueError("handled") from error
    except ValueError as error:
        text = audited_traceback(error)
    assert text.index("KeyError: 'lost'") < text.index("direct cause") < text.index("ValueError: handled")
    with pytest.raises(ExceptionGroup) as caught:
        grouped()
    text = audited_traceback(caught.value)
    assert "KeyError: 'lost'" in text
    assert "ValueError: bare" in text
    assert "live.py" not in text


def test_of_libraries_the_innermost_frame_alone_is_kept() -> None:
    with pytest.raises(json.JSONDecodeError) as caught:
        audited(lambda: json.loads("{"))
    text = audited_traceback(caught.value)
    assert text.count("in audited") == 1
    assert "json/__init__.py" not in text
    assert "  [2 frames of installed libraries left out]\n  File " in text
    assert text.rindex("in raw_decode") > text.rindex("in audited")


def test_an_import_shows_the_modules_that_import_each_other_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "outer_of_tracebacks.py").write_text("import absent_of_tracebacks\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "outer_of_tracebacks", raising=False)
    with pytest.raises(ModuleNotFoundError) as caught:
        importlib.import_module("outer_of_tracebacks")
    lines = audited_traceback(caught.value).splitlines()
    assert [line for line in lines if "importlib" in line and "test_" not in line and "import_module" not in line] == []
    assert "outer_of_tracebacks.py" in lines[-3]


def test_where_libraries_alone_are_left_they_are_all_shown() -> None:
    try:
        json.loads("{")
    except json.JSONDecodeError as error:
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        text = audited_traceback(error)
    assert text.count("  File ") == 3
