"""Run files of format 1: they load, with causes where there were sentences, and are judged and accepted as before."""

from __future__ import annotations

import io
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from speccheck.engine.rejudge import rejudge
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.run import Run
from speccheck.model.verdict import ConstraintVerdict, LimitSource
from speccheck.reporters.markdown import reporter as markdown
from speccheck.reporters.terminal import reporter as terminal
from speccheck.sdk.wording import constraint_text, judgement_text
from speccheck.store import BaselineFile, StoreError, accept, read_run

FOLDER = Path(__file__).parents[2] / "support" / "runs_v1"
FILES = sorted(path.stem for path in FOLDER.glob("*.json"))


def document(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def loaded(name: str) -> Run:
    return read_run(FOLDER / f"{name}.json")


def kinds(run: Run) -> dict[str, str]:
    """The kind of the cause of each entry that has one."""
    return {r.entry.id: r.judgement.cause.kind.value for r in run.entries if r.judgement.cause is not None}


def constraints(run: Run, name: str) -> list[ConstraintVerdict]:
    return [
        constraint
        for result in run.entries
        if result.entry.id == name
        for verdict in result.judgement.verdicts
        for constraint in verdict.constraints
    ]


@pytest.mark.parametrize("name", FILES)
def test_it_is_a_run_of_format_2_with_the_same_outcomes_states_and_evidence(name: str) -> None:
    old, run = document(name), loaded(name)
    assert (old["speccheck_run"], run.speccheck_run) == (1, 2)
    assert Run.from_bytes(run.to_bytes()) == run
    new = json.loads(run.to_bytes())
    changed = ("speccheck_run", "entries", "loaders")  # loaders no longer declare whether they execute
    assert {key: new[key] for key in new if key not in changed} == {key: old[key] for key in old if key not in changed}
    for before, after in zip(old["entries"], new["entries"], strict=True):
        assert after["entry"] == before["entry"]
        assert after["judgement"]["outcome"] == before["judgement"]["outcome"]
        for one, other in zip(
            before["judgement"].get("verdicts", []), after["judgement"].get("verdicts", []), strict=True
        ):
            states = [[item["state"] for item in verdict["constraints"]] for verdict in (one, other)]
            assert states[0] == states[1]


@pytest.mark.parametrize("name", FILES)
def test_constraints_read_as_they_were_written(name: str) -> None:
    texts = [
        item["constraint"]
        for result in document(name)["entries"]
        for verdict in result["judgement"].get("verdicts", [])
        for item in verdict["constraints"]
    ]
    run = loaded(name)
    assert [constraint_text(item) for result in run.entries for item in constraints(run, result.entry.id)] == texts


def test_sentences_become_causes() -> None:
    assert kinds(loaded("every_outcome")) == {
        "tensors": "constraints",
        "failed": "constraints",
        "confident": "constraints",
        "warned": "constraints",
        "unknown": "constraints",
        "lacks-baseline": "constraints",
        "lacks-key": "constraints",
        "measured-otherwise": "constraints",
        "error": "measurement-failed",
        "skipped": "skipped-by-spec",
        "requires-package": "package-absent",
        "requires-file": "file-absent",
        "requires-device": "device-absent",
        "need-skipped": "need-skipped",
        "blocked": "need-not-met",
        "xfailed": "expected-failure",
        "xpassed": "holds-unexpectedly",
        "waived": "waived",
        "expired": "constraints",
    }
    assert kinds(loaded("stopped")) == {"failed": "constraints", "stopped": "stopped-early"}
    assert kinds(loaded("interrupted")) == {"slow": "interrupted", "last": "interrupted"}


def test_a_constraint_is_taken_apart() -> None:
    run = loaded("every_outcome")
    (upper, mean, held, name) = constraints(run, "failed")
    assert (upper.name, upper.nesting, upper.written, upper.limit, upper.at) == ("max", ("each",), 2, 2, "[0]")
    assert upper.cause == Cause(CauseKind.RECORDED, {"text": "observed 3.0 is above max 2"})
    assert (mean.name, mean.nesting) == ("max", ("mean",))
    assert (held.written, held.source) == ("baseline * 0.5", LimitSource("baseline", "baseline", None, "*", 0.5))
    assert (name.name, name.written, name.source) == ("equals", "sgd", None)
    tested, _ = constraints(run, "confident")
    assert tested.options == {"confidence": 0.95, "correct_for": "delta"}
    _, worst = constraints(run, "waived")
    assert (worst.demanded_by, worst.name, worst.written) == ("worst", "max", 9.5)


def test_a_state_that_a_sentence_begins_with_is_told_once() -> None:
    run = loaded("every_outcome")
    tested, _ = constraints(run, "confident")
    assert tested.cause is not None
    assert str(tested.cause.fields["text"]).startswith("mean 0.0233333 of n = 3")
    (entry,) = (result for result in run.entries if result.entry.id == "confident")
    assert judgement_text(entry.judgement).startswith("delta['mean']: inconclusive: mean 0.0233333 of n = 3")


def test_reasons_name_the_first_constraint_and_how_many_more() -> None:
    texts = {result.entry.id: judgement_text(result.judgement) for result in loaded("every_outcome").entries}
    assert texts["failed"] == "values.losses: observed 3.0 is above max 2 (at [0]) (and 2 more)"
    assert texts["requires-file"] == "requires file weights.pt, which does not exist"
    assert texts["error"] == "subject 'none': no such file: /project/absent.json"


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("reporter", [terminal, markdown], ids=["terminal", "markdown"])
def test_it_is_reported(name: str, reporter: Any) -> None:
    stream, run = io.StringIO(), loaded(name)
    reporter.render(run, stream)
    assert f"{run.decision.value} ({run.coverage})".split(";")[0] in stream.getvalue().replace("**", "")
    assert all(result.entry.id in stream.getvalue() for result in run.entries)


@pytest.mark.parametrize("name", ["every_outcome", "stopped"])
def test_it_is_judged_again_alike(name: str) -> None:
    run = loaded(name)
    again = rejudge(run, None, BaselineFile.recorded(run.baseline), date(2026, 11, 25)).run
    assert [r.judgement.outcome for r in again.entries] == [r.judgement.outcome for r in run.entries]
    assert (again.decision, again.coverage) == (run.decision, run.coverage)
    gated = {name for name, kind in kinds(run).items() if kind not in ("constraints", "measurement-failed")}
    assert {name: kinds(again)[name] for name in gated} == {name: kinds(run)[name] for name in gated}


def test_what_lacks_only_a_baseline_is_accepted(tmp_path: Path) -> None:
    done = accept(
        loaded("every_outcome"),
        tmp_path / "b.json",
        owner="ada",
        reason="first",
        now=datetime(2026, 11, 25, tzinfo=UTC),
        partial=True,
        dirty=False,
    )
    assert {"lacks-baseline", "lacks-key", "measured-otherwise", "passed"} < set(done.taken)
    assert {"failed", "unknown", "error"} < set(done.left)


def test_what_is_no_run_of_format_1_is_refused_with_the_place(tmp_path: Path) -> None:
    broken = document("stopped")
    broken["entries"][0]["judgement"]["outcome"] = "fine"
    (tmp_path / "run.json").write_text(json.dumps(broken))
    with pytest.raises(StoreError, match=r"entries\[0\]\.judgement\.outcome"):
        read_run(tmp_path / "run.json")
    deep = json.dumps(document("stopped")).replace(
        '"environment": {', '"environment": {"a": ' + "[" * 900 + "]" * 900 + ","
    )
    (tmp_path / "run.json").write_text(deep)
    with pytest.raises(StoreError, match="is not a run file"):
        read_run(tmp_path / "run.json")


def test_a_sentence_that_is_not_known_is_kept(tmp_path: Path) -> None:
    odd = document("stopped")
    odd["entries"][1]["judgement"]["reason"] = "the moon was full"
    odd["entries"][0]["judgement"]["notes"] = ["a note"]
    (tmp_path / "run.json").write_text(json.dumps(odd))
    first, second = read_run(tmp_path / "run.json").entries
    assert second.judgement.cause == Cause(CauseKind.RECORDED, {"text": "the moon was full"})
    assert first.judgement.notes == (Cause(CauseKind.RECORDED, {"text": "a note"}),)
