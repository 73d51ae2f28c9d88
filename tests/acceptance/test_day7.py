"""The audit of the probe: it passes on the good one, and each fault makes exactly the right entries change.

An entry that is not in a row of the table must have the outcome that it has for the good study. Data and pretrained
models are made once, entries that a fault does not name are measured once, and features and probes are shared by their
content (see support.memo).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from speccheck.model.run import EntryResult, Run
from speccheck.model.verdict import Decision, State
from speccheck.reporters.markdown import render
from speccheck.sdk import verdict_text
from support.audits import Auditor
from support.day7 import FAULTS, OVERRIDES, SPEC
from support.runs import differing, outcomes
from support.video_ssl import shared_parts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Auditor]:
    folder = tmp_path_factory.mktemp("day7")
    yield Auditor(SPEC, folder, (f"vars.work={folder / 'work'}",), shared_parts())


@pytest.fixture(scope="module")
def good(auditor: Auditor) -> Run:
    return auditor.run()


def _entry(run: Run, name: str) -> EntryResult:
    return next(result for result in run.entries if result.entry.id == name)


def test_the_good_study_passes(good: Run) -> None:
    assert {name: outcome for name, outcome in outcomes(good).items() if outcome != "passed"} == {}
    assert good.decision == Decision.PASS
    assert str(good.coverage) == "59 of 59 judged"


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_changes_exactly_its_entries(auditor: Auditor, good: Run, fault: str) -> None:
    assert differing(auditor.run([f"subjects.study.target=broken.{fault}:make"]), good) == FAULTS[fault]


@pytest.mark.parametrize("override", OVERRIDES)
def test_each_broken_part_changes_exactly_its_entries(auditor: Auditor, good: Run, override: str) -> None:
    assert differing(auditor.run(override.splitlines()), good) == OVERRIDES[override]


def test_a_random_encoder_passes_the_mean_and_not_the_confident_gate(auditor: Auditor) -> None:
    run = auditor.run(["subjects.study.target=broken.random_encoder:make"], only=["gate", "gate-by-mean"])
    gate = next(verdict for verdict in _entry(run, "gate").judgement.verdicts if verdict.metric.startswith("delta"))
    assert gate.state == State.INCONCLUSIVE
    assert "minimum detectable effect" in verdict_text(gate.constraints[0])
    assert "would tell" in verdict_text(gate.constraints[0])
    assert _entry(run, "gate-by-mean").judgement.outcome.value == "passed"


def test_the_report_has_the_sections_tables_and_curve_of_the_run(good: Run, tmp_path: Path) -> None:
    with (tmp_path / "report.md").open("w", encoding="utf-8") as stream:
        render(good, stream)
    text = (tmp_path / "report.md").read_text("utf-8")
    for heading in ("Config snapshot", "Sanity checks", "Gate", "Runs and ablation", "Alignment samples"):
        assert f"\n## {heading}\n" in text
    assert "| pooling | optimizer | seed |" in text
    assert "| record | clip_index | start_sd_token | sample_token | timestamp | num_positive_labels |" in text
    assert "![series" in text
