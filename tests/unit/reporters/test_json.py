"""The JSON report is the run file, byte for byte."""

from __future__ import annotations

import io
import json

import pytest

from speccheck.reporters.json import reporter
from support.odd_runs import SAMPLES, hostile


@pytest.mark.parametrize("name", SAMPLES)
def test_the_bytes_are_those_of_the_run(name: str) -> None:
    made, raw = SAMPLES[name](), io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="utf-8", newline="\n")
    reporter.render(made, stream)
    stream.flush()
    assert raw.getvalue() == made.to_bytes()


def test_a_stream_that_is_not_utf_8_gets_the_same_json() -> None:
    made, raw = hostile("caf\u00e9 \U0001f600"), io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", newline="\n")
    reporter.render(made, stream)
    stream.flush()
    assert json.loads(raw.getvalue()) == json.loads(made.to_bytes())
