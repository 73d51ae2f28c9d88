"""The reports of every sample run equal the golden files, which SPECCHECK_UPDATE_GOLDENS=1 writes anew."""

from __future__ import annotations

import io
import os
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from speccheck.model.verdict import Decision
from speccheck.registry import GROUP, discover
from speccheck.sdk.reporting import Reporter
from support.odd_runs import SAMPLES

FOLDER = Path(__file__).parents[2] / "reporters" / "golden"

# As JSON this one is long and shows nothing that the others do not.
_LEFT_OUT = {("long-evidence.1", "json")}

_EXIT_CODES = {Decision.PASS: 0, Decision.FAIL: 1, Decision.ERROR: 3, Decision.NOTHING_JUDGED: 4}


def _reporters() -> list[Reporter]:
    builtin = discover(entry_points(group=GROUP, name="builtin"))
    return [builtin.load_reporter(name) for name in builtin.reporter_names()]


CASES = [(name, each) for name in SAMPLES for each in _reporters() if (name, each.name) not in _LEFT_OUT]


@pytest.mark.parametrize(("name", "reporter"), CASES, ids=lambda part: getattr(part, "suffix", part))
def test_a_report_reads_as_it_is_meant_to(name: str, reporter: Reporter) -> None:
    stream = io.StringIO()
    reporter.render(SAMPLES[name]().stored(), stream)
    golden = FOLDER / f"{name}{reporter.suffix}"
    if os.environ.get("SPECCHECK_UPDATE_GOLDENS") == "1":
        golden.write_bytes(stream.getvalue().encode())
    assert stream.getvalue() == golden.read_bytes().decode()


def test_there_is_no_golden_without_a_case() -> None:
    expected = {f"{name}{reporter.suffix}" for name, reporter in CASES}
    assert {path.name for path in FOLDER.iterdir()} == expected


@pytest.mark.parametrize("name", SAMPLES)
def test_the_exit_code_in_the_name_is_that_of_the_decision(name: str) -> None:
    made = SAMPLES[name]()
    code = 130 if made.interrupted else _EXIT_CODES[made.decision]
    assert name.rpartition(".")[2] == str(code)
