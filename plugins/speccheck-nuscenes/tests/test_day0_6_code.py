"""The audit of days 0 to 6 on code with one thing wrong: exactly the right entries change. And its report."""

from __future__ import annotations

import io

import jsonschema
import pytest
from support.day0_6 import CODE, OVERRIDES, SPEC

from speccheck.loading import spec_schema
from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.source import SourceFile, plain
from speccheck.model.run import Run
from speccheck.registry import discover
from speccheck.reporters.markdown import render
from support.audits import Auditor
from support.runs import differing


@pytest.mark.parametrize("fault", CODE)
def test_each_fault_changes_exactly_its_entries(auditor: Auditor, good: Run, fault: str) -> None:
    assert differing(auditor.run([f"subjects.pipeline.target=broken.{fault}:make"]), good) == CODE[fault]


@pytest.mark.parametrize("override", OVERRIDES)
def test_each_broken_part_changes_exactly_its_entries(auditor: Auditor, good: Run, override: str) -> None:
    assert differing(auditor.run(override.splitlines()), good) == OVERRIDES[override]


def test_the_spec_fits_the_schema_that_an_editor_gets_here() -> None:
    problems = Problems()
    document = plain(read_yaml(SourceFile("day0_6.yaml", SPEC.read_text("utf-8"), SPEC.parent), problems))
    assert problems.errors == 0
    validator = jsonschema.Draft202012Validator(spec_schema(discover()))
    assert [error.message for error in validator.iter_errors(document)] == []


def test_the_report_has_the_sections_and_pictures(good: Run) -> None:
    stream = io.StringIO()
    render(good, stream)
    text = stream.getvalue()
    for letter in "ABCDEFG":
        assert f"\n## {letter}. " in text
    assert "![sheet" in text
    assert "![loss" in text
    assert "samples/CAM_FRONT/" in text
