"""Baselines: what the judge may see of them, and what may be accepted into them."""

from __future__ import annotations

import math
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from speccheck.model.baseline import AcceptedEntry, Baseline, BaselineEntry
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Measured, Run
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
    ("name", "digest", "run", "kind"),
    [
        ("two", measurement().digest(), "now", CauseKind.BASELINE_LACKS_ENTRY),
        ("one", measurement(4.0).digest(), "now", CauseKind.BASELINE_MEASURED_OTHERWISE),
        ("one", measurement().digest(), "earlier", CauseKind.BASELINE_FROM_THIS_RUN),
    ],
)
def test_anything_else_is_a_cause_and_no_value(name: str, digest: str, run: str, kind: CauseKind) -> None:
    seen = file(one=ACCEPTED).entry(name, digest, run)
    assert seen.metrics is None
    assert seen.cause is not None
    assert seen.cause.kind is kind
    assert seen.cause.fields["path"] == "b.json"


def test_values_that_were_edited_are_a_cause_until_they_are_accepted_again(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    take(passed_run(), path)
    digest = measurement().digest()
    assert load_baseline("b.json", tmp_path).entry("one", digest, "now").metrics == {"value": 3.0}
    path.write_text(path.read_text().replace("3.0", "2.9"))
    edited = load_baseline("b.json", tmp_path)
    cause = Cause(CauseKind.BASELINE_EDITED, {"path": "b.json", "entry": "one"})
    assert edited.entry("one", digest, "now") == BaselineEntry(cause=cause)
    assert BaselineFile.recorded(edited.use(["one"])).entry("one", digest, "now").cause == cause
    take(passed_run(), path)
    assert load_baseline("b.json", tmp_path).entry("one", digest, "now").cause is None


def test_the_digest_of_a_baseline_outlives_its_file(tmp_path: Path) -> None:
    metrics = {
        "big": 2**63 - 1,
        "small": 1e-300,
        "whole": 3.0,
        "text": 'é"\\u2028',
        "inf": math.inf,
        "t": {"b": [1], "a": []},
    }
    stored = take(measured_run(metrics), tmp_path / "b.json").entries["one"]
    assert stored.digest
    assert not stored.edited
    assert not msgspec.structs.replace(stored, digest="").edited
    assert msgspec.structs.replace(stored, measurement="0" * 64).edited


def test_a_missing_file_is_a_cause_and_a_broken_one_an_error(tmp_path: Path) -> None:
    absent = Cause(CauseKind.BASELINE_FILE_ABSENT, {"path": "b.json"})
    assert load_baseline("b.json", tmp_path).entry("one", "", "").cause == absent
    assert load_baseline(None, tmp_path).entry("one", "", "").cause == Cause(CauseKind.BASELINE_NOT_NAMED)
    (tmp_path / "b.json").write_text('{"speccheck_baseline": 1, "entries": []}')
    with pytest.raises(StoreError, match="is not a baseline"):
        load_baseline("b.json", tmp_path)


def test_a_pipe_or_device_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for name in ("pipe", "/dev/zero"):
        with pytest.raises(StoreError, match=f"{name}: not a regular file") as caught:
            load_baseline(name, tmp_path)
        assert caught.value.code == "SC802"


def test_accepting_merges_and_keeps_who_when_why(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    path.write_bytes(Baseline(1, {"other": ACCEPTED}).to_bytes())
    done = accept(passed_run(), path, owner="ada", reason="release 2", now=NOW, partial=False, dirty=False)
    assert done.taken == ("one",)
    entries = Baseline.from_bytes(path.read_bytes()).entries
    assert entries["other"] == ACCEPTED
    assert (
        entries["one"]
        == AcceptedEntry(
            measurement().digest(), {"value": 3.0}, passed_run().id, "ada", "release 2", "2026-03-05"
        ).sealed()
    )
    assert entries["one"].digest
    assert not entries["one"].edited


def result(outcome: Outcome, state: State, kind: CauseKind | None = None) -> EntryResult:
    cause = None if kind is None else Cause(kind)
    verdict = Verdict("value", state, (ConstraintVerdict("min", state, written="baseline - 1", cause=cause),))
    return EntryResult(entry(), Judgement(outcome, cause, (verdict,)), measurement().digest())


@pytest.mark.parametrize(
    "kind",
    [
        CauseKind.BASELINE_NOT_NAMED,
        CauseKind.BASELINE_FILE_ABSENT,
        CauseKind.BASELINE_LACKS_ENTRY,
        CauseKind.BASELINE_MEASURED_OTHERWISE,
        CauseKind.BASELINE_EDITED,
        CauseKind.BASELINE_OTHER_FILES,
        CauseKind.BASELINE_WITHOUT_FILES,
        CauseKind.BASELINE_LACKS_METRIC,
        CauseKind.BASELINE_LACKS_ITEM,
    ],
)
def test_an_entry_that_lacks_only_its_baseline_is_taken(tmp_path: Path, kind: CauseKind) -> None:
    run = passed_run(entries=(result(Outcome.ERROR, State.UNKNOWN, kind),))
    done = accept(run, tmp_path / "b.json", owner="a", reason="r", now=NOW, partial=False, dirty=False)
    assert done.taken == ("one",)


@pytest.mark.parametrize(
    ("outcome", "state", "kind"),
    [
        (Outcome.FAILED, State.VIOLATED, CauseKind.OUTSIDE_LIMIT),
        (Outcome.ERROR, State.UNKNOWN, None),
        (Outcome.ERROR, State.UNKNOWN, CauseKind.VALUE_NAN),
        (Outcome.ERROR, State.UNKNOWN, CauseKind.REFERENCE_ABSENT),
        (Outcome.ERROR, State.UNKNOWN, CauseKind.BASELINE_UNUSABLE),
        (Outcome.MEASURED, State.HELD, None),
        (Outcome.XFAILED, State.VIOLATED, CauseKind.OUTSIDE_LIMIT),
        (Outcome.WAIVED, State.VIOLATED, CauseKind.OUTSIDE_LIMIT),
        (Outcome.BLOCKED, State.HELD, None),
        (Outcome.SKIPPED, State.UNKNOWN, CauseKind.BASELINE_NOT_NAMED),
    ],
)
def test_an_entry_that_fails_is_left_out(
    tmp_path: Path, outcome: Outcome, state: State, kind: CauseKind | None
) -> None:
    run = passed_run(entries=(result(outcome, state, kind),))
    with pytest.raises(StoreError, match="no entry of run"):
        accept(run, tmp_path / "b.json", owner="a", reason="r", now=NOW, partial=False, dirty=False)
    assert not (tmp_path / "b.json").exists()


def test_partial_dirty_and_interrupted_runs_are_refused_unless_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    dirty = {"git": {"commit": "c", "dirty": True, "changed": {"codec.py": "0"}}}
    for fields, remedy in (({"selection": ("one",)}, "partial"), ({"environment": dirty}, "dirty")):
        run = passed_run(**fields)
        options = {"partial": False, "dirty": False}
        with pytest.raises(StoreError):
            accept(run, path, owner="a", reason="r", now=NOW, **options)
        accept(run, path, owner="a", reason="r", now=NOW, **{**options, remedy: True})
        assert path.exists()
        path.unlink()
    with pytest.raises(StoreError, match="interrupted"):
        accept(passed_run(interrupted=True), path, owner="a", reason="r", now=NOW, partial=True, dirty=True)


def take(run: Run, path: Path, owner: str = "ada", reason: str = "first") -> Baseline:
    accept(run, path, owner=owner, reason=reason, now=NOW, partial=False, dirty=False)
    return Baseline.from_bytes(path.read_bytes())


def measured_run(metrics: dict[str, Any]) -> Run:
    return passed_run(measurements={measurement().digest(): Measured(measurement(), Evidence(metrics=metrics))})


def test_nan_and_long_texts_stay_out_of_the_file(tmp_path: Path) -> None:
    metrics = {
        "good": 1.0,
        "nan": math.nan,
        "list": [1.0, math.nan],
        "tree": {"a": math.nan, "b": 2.0},
        "gone": {"a": math.nan},
        "empty": {},
        "stdout": "x" * 1001,
        "name": "x" * 1000,
        "endless": math.inf,
    }
    path = tmp_path / "b.json"
    done = accept(measured_run(metrics), path, owner="a", reason="r", now=NOW, partial=False, dirty=False)
    stored = Baseline.from_bytes(path.read_bytes()).entries["one"].values()
    assert stored == {"good": 1.0, "tree": {"b": 2.0}, "empty": {}, "name": "x" * 1000, "endless": math.inf}
    omitted = dict.fromkeys(["gone.a", "list", "nan", "tree.a"], "NaN")
    assert done.omitted == {"one": {**omitted, "stdout": "a text of 1001 characters"}}


def test_an_entry_that_is_left_out_keeps_its_judgement(tmp_path: Path) -> None:
    skipped = EntryResult(entry("two"), Judgement(Outcome.SKIPPED, Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": "r"})))
    whole = passed_run(entries=(*passed_run().entries, skipped))
    done = accept(whole, tmp_path / "b.json", owner="a", reason="r", now=NOW, partial=False, dirty=False)
    assert done.left == {"two": skipped.judgement}


@pytest.mark.parametrize(("owner", "reason"), [("", "r"), ("a", ""), (" \t", "r"), ("a", "\n")])
def test_nobody_accepts_for_no_reason(tmp_path: Path, owner: str, reason: str) -> None:
    with pytest.raises(StoreError, match="cannot be trusted") as caught:
        take(passed_run(), tmp_path / "b.json", owner, reason)
    assert caught.value.code == "SC804"


def test_what_utf8_cannot_carry_is_escaped(tmp_path: Path) -> None:
    stored = take(measured_run({"file\udcff": "\udcff"}), tmp_path / "b.json", "ada\udcff").entries["one"]
    assert (stored.owner, stored.metrics) == ("ada\\udcff", {"file\\udcff": "\\udcff"})


def test_a_place_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot") as caught:
        take(passed_run(), tmp_path / "file" / "b.json")
    assert caught.value.code in ("SC802", "SC803")


WIRES = ['{"$number": "abc"}', '{"$number": 5}', '{"$map": [[1]]}', '{"$map": {"a": 1}}', '{"$tensor": 5}']
DEEP = ["[" * depth + "]" * depth for depth in (900, 100_000)]


@pytest.mark.parametrize("metric", [*WIRES, *DEEP], ids=[*WIRES, "900", "100000"])
def test_a_baseline_with_a_metric_that_is_none_is_refused(tmp_path: Path, metric: str) -> None:
    whole = Baseline(1, {"one": ACCEPTED}).to_bytes().decode()
    (tmp_path / "b.json").write_text(whole.replace("2.5", metric))
    with pytest.raises(StoreError, match=r"b\.json is not a baseline") as caught:
        load_baseline("b.json", tmp_path)
    assert (caught.value.code, bool(caught.value.hint)) == ("SC802", True)


@pytest.mark.parametrize("path", ["n" * 5000, "nul\x00", "folder"])
def test_a_baseline_that_cannot_be_read_is_refused(tmp_path: Path, path: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(StoreError, match="cannot read baseline") as caught:
        load_baseline(path, tmp_path)
    assert caught.value.code == "SC802"
