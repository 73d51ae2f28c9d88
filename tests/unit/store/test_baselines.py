"""Baselines: what the judge may see of them, and what may be accepted into them."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from speccheck.model.baseline import AcceptedEntry, Baseline
from speccheck.model.run import EntryResult
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict
from speccheck.store import BaselineFile, StoreError, accept, load_baseline
from support.runs import entry, measurement, passed_run

NOW = datetime(2026, 3, 5, tzinfo=UTC)
ACCEPTED = AcceptedEntry(measurement().digest(), {"value": 2.5}, "earlier", "ada", "first", "2026-03-01")


def file(**entries: AcceptedEntry) -> BaselineFile:
    return BaselineFile("b.json", Baseline(1, entries))


def test_the_judge_sees_the_metrics_of_the_same_measurement() -> None:
    assert file(one=ACCEPTED).entry("one", measurement().digest(), "now").metrics == {"value": 2.5}


@pytest.mark.parametrize(
    ("name", "digest", "run", "reason"),
    [
        ("two", measurement().digest(), "now", "has no entry two"),
        ("one", measurement(4.0).digest(), "now", "measured one otherwise"),
        ("one", measurement().digest(), "earlier", "accepted from this very run"),
    ],
)
def test_anything_else_is_a_reason_and_no_value(name: str, digest: str, run: str, reason: str) -> None:
    seen = file(one=ACCEPTED).entry(name, digest, run)
    assert seen.metrics is None
    assert reason in seen.reason


def test_a_missing_file_is_a_reason_and_a_broken_one_an_error(tmp_path: Path) -> None:
    assert "does not exist" in load_baseline("b.json", tmp_path).entry("one", "", "").reason
    assert "names no baseline" in load_baseline(None, tmp_path).entry("one", "", "").reason
    (tmp_path / "b.json").write_text('{"speccheck_baseline": 1, "entries": []}')
    with pytest.raises(StoreError, match="is not a baseline"):
        load_baseline("b.json", tmp_path)


def test_accepting_merges_and_keeps_who_when_why(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(Baseline(1, {"other": ACCEPTED}).to_bytes())
    done = accept(passed_run(), path, owner="ada", reason="release 2", now=NOW, partial=False, dirty=False)
    assert done.taken == ("one",)
    entries = Baseline.from_bytes(path.read_bytes()).entries
    assert entries["other"] == ACCEPTED
    assert entries["one"] == AcceptedEntry(
        measurement().digest(), {"value": 3.0}, passed_run().id, "ada", "release 2", "2026-03-05"
    )


def result(outcome: Outcome, constraint: str, state: State) -> EntryResult:
    verdict = Verdict("value", state, (ConstraintVerdict(constraint, state),))
    return EntryResult(entry(), Judgement(outcome, "because", (verdict,)), measurement().digest())


def test_an_entry_that_lacks_only_its_baseline_is_taken(tmp_path: Path) -> None:
    run = passed_run(entries=(result(Outcome.ERROR, "min: baseline - 1", State.UNKNOWN),))
    done = accept(run, tmp_path / "b.json", owner="a", reason="r", now=NOW, partial=False, dirty=False)
    assert done.taken == ("one",)


@pytest.mark.parametrize(
    ("outcome", "constraint", "state"),
    [
        (Outcome.FAILED, "min: 5", State.VIOLATED),
        (Outcome.ERROR, "min: 5", State.UNKNOWN),
        (Outcome.FAILED, "min: baseline - 1", State.VIOLATED),
    ],
)
def test_an_entry_that_fails_is_left_out_with_the_reason(
    tmp_path: Path, outcome: Outcome, constraint: str, state: State
) -> None:
    run = passed_run(entries=(result(outcome, constraint, state),))
    with pytest.raises(StoreError, match="no entry that passed"):
        accept(run, tmp_path / "b.json", owner="a", reason="r", now=NOW, partial=False, dirty=False)
    assert not (tmp_path / "b.json").exists()


def test_partial_dirty_and_interrupted_runs_are_refused_unless_told(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    dirty = {"git": {"commit": "c", "dirty": True, "changed": {"codec.py": "0"}}}
    for fields, remedy in (({"selection": ("one",)}, "partial"), ({"environment": dirty}, "dirty")):
        run = passed_run(**fields)
        told = {"partial": False, "dirty": False}
        with pytest.raises(StoreError):
            accept(run, path, owner="a", reason="r", now=NOW, **told)
        accept(run, path, owner="a", reason="r", now=NOW, **{**told, remedy: True})
        assert path.exists()
        path.unlink()
    with pytest.raises(StoreError, match="interrupted"):
        accept(passed_run(interrupted=True), path, owner="a", reason="r", now=NOW, partial=True, dirty=True)
