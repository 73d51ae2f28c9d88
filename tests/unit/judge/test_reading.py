"""One reading of ``expect``: loading a spec and judging it share it, and it depends on its arguments alone."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import Any

import pytest

from speccheck.judge import judge, parse, reading
from speccheck.loading import load_spec
from speccheck.model.baseline import BaselineEntry
from speccheck.model.evidence import Evidence
from speccheck.model.verdict import Outcome
from speccheck.registry import discover
from unit.judge.judging import METRICS

SPEC = """
speccheck: 1
checks:
  - id: one
    check: value.number
    with: {value: 1}
    expect: {value: {min: 0.125, max: 3, why: a number}}
    waiver: {owner: ann, reason: known, until: 2099-01-01, worst: {value: {min: 0.0625}}}
"""


def test_a_spec_that_is_loaded_and_judged_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Any] = []
    whole = parse.parse_expect

    def reading(expect: Any, metrics: Any) -> Any:
        read.append(expect)
        return whole(expect, metrics)

    monkeypatch.setattr(parse, "parse_expect", reading)
    (tmp_path / "s.yaml").write_text(SPEC)
    registry = discover()
    loaded = load_spec(str(tmp_path / "s.yaml"), registry, environ={})
    assert loaded.spec is not None
    (entry,) = loaded.spec.entries
    declaration = registry.check("value.number")
    assert declaration is not None
    baseline, today = BaselineEntry(), datetime.date(2026, 6, 30)
    found = judge(entry, Evidence({"value": 1.0}), {}, baseline, today, declaration.metrics)
    assert found.outcome is Outcome.PASSED
    assert read == [entry.expect, {"value": {"min": 0.0625}}]


def test_equal_mappings_under_the_same_declarations_share_a_reading() -> None:
    first = reading({"share": {"max": 0.25}}, METRICS)
    assert reading({"share": {"max": 0.25}}, METRICS) is first
    assert reading({"share": {"max": 0.25}}, None) is not first
    assert reading({"share": {"max": 0.25}}, dict(METRICS)) is not first
    assert reading({"share": {"max": 0.5}}, METRICS).expectations != first.expectations


def test_a_number_of_another_type_is_another_reading() -> None:
    assert reading({"share": 1}, METRICS).problems == ()
    assert [problem.code for problem in reading({"share": True}, METRICS).problems] == ["SC202"]


def test_what_no_key_can_be_made_of_is_read_all_the_same() -> None:
    assert reading({"m": 1 << 80}, None).expectations[0].leaves[0].written == 1 << 80


def test_a_metric_that_the_declarations_lack_is_judged_without_them() -> None:
    from unit.judge.judging import judged

    assert judged({"other": {"max": 1}}, {"other": 0}, declared=METRICS).outcome is Outcome.PASSED
