"""The audit of a reported table: its gate passed what chance explains, and a changed figure is noticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from speccheck.model.run import Run
from speccheck.model.verdict import Decision, State
from speccheck.sdk import verdict_text
from support.audits import Auditor
from support.runs import differing, outcomes
from support.trees import ROOT

pytestmark = pytest.mark.slow

EXAMPLE = ROOT / "examples" / "reported_probe"


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Auditor(EXAMPLE / "spec.yaml", tmp_path_factory.mktemp("reported")).run()


def _of(tmp_path: Path, change: dict[int, dict[str, float]], drop: int | None = None) -> Run:
    """The audit of the table with these figures changed, by row, and one row left out."""
    folder = Path(shutil.copytree(EXAMPLE, tmp_path / "example"))
    rows = json.loads((folder / "runs.json").read_text("utf-8"))
    changed = [{**row, **change.get(at, {})} for at, row in enumerate(rows) if at != drop]
    (folder / "runs.json").write_text(json.dumps(changed), "utf-8")
    return Auditor(folder / "spec.yaml", tmp_path).run()


def test_the_mean_passes_and_nothing_that_knows_of_chance_does(good: Run) -> None:
    assert outcomes(good) == {
        "means-follow-from-runs": "passed",
        "gate-by-mean": "passed",
        "gate-with-confidence": "failed",
        "better-than-the-best-of-six-by-luck": "failed",
        "f1-tells-something": "failed",
    }
    assert good.decision == Decision.FAIL


def test_the_reader_is_told_why_in_words(good: Run) -> None:
    by_id = {result.entry.id: result for result in good.entries}
    gate = by_id["gate-with-confidence"].judgement.verdicts[0].constraints[0]
    assert gate.state == State.INCONCLUSIVE
    assert "one-sided p = 0.185" in verdict_text(gate)
    assert "n = 9 would tell" in verdict_text(gate)
    digest = by_id["better-than-the-best-of-six-by-luck"].measured
    assert digest is not None
    measured = good.measurements[digest]
    assert measured.evidence is not None
    assert (
        "about once in 4 (p = 0.259; with the chance of the spread itself, p = 0.301)"
        in measured.evidence.findings[0].message
    )


def test_a_score_that_was_edited_no_longer_leads_to_the_means(good: Run, tmp_path: Path) -> None:
    assert differing(_of(tmp_path, {12: {"pre_mAP": 0.5887}}), good) == {
        "means-follow-from-runs": "failed",
        "gate-by-mean": "failed",
    }


def test_a_run_left_out_is_missed(good: Run, tmp_path: Path) -> None:
    run = _of(tmp_path, {}, drop=3)
    assert differing(run, good) == {
        "means-follow-from-runs": "failed",
        "gate-by-mean": "failed",
        "better-than-the-best-of-six-by-luck": "error",
    }


def test_scores_that_differ_tell_something(good: Run, tmp_path: Path) -> None:
    run = _of(tmp_path, {4: {"pre_bestF1": 0.7, "rand_bestF1": 0.71}})
    assert differing(run, good) == {"f1-tells-something": "passed"}
