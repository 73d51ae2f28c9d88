"""Tracebacks: the frames that are removed, and those that stay."""

from __future__ import annotations

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
