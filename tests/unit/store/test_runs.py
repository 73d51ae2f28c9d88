"""Runs on disk: what is written, found again, and refused."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from speccheck.model.evidence import Evidence
from speccheck.model.run import Measured, Run
from speccheck.model.spec import Measurement
from speccheck.store import Redactor, RunFolder, RunStore, StoreError, project_root, read_run
from speccheck.store.runs import JOURNAL, RUN_FILE
from support.runs import passed_run

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)
DIGEST = "0123456789abcdef" * 4


def folder(store: RunStore, redactor: Redactor | None = None, out: Path | None = None) -> RunFolder:
    return store.create(WHEN, DIGEST, redactor or Redactor((), {}), out)


def test_the_project_root_is_the_nearest_folder_with_a_project_file(tmp_path: Path) -> None:
    inner = tmp_path / "project" / "specs" / "deep"
    inner.mkdir(parents=True)
    assert project_root(inner) == inner
    (tmp_path / "project" / "pyproject.toml").touch()
    assert project_root(inner) == tmp_path / "project"
    (tmp_path / "project" / "specs" / ".git").mkdir()
    assert project_root(inner) == tmp_path / "project" / "specs"


def test_run_ids_tell_time_and_spec_and_never_collide(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    first, second = folder(store), folder(store)
    assert first.id == "20260304T050607Z-01234567"
    assert second.id == "20260304T050607Z-01234567-2"
    assert first.path != second.path


def test_a_finished_run_is_found_by_id_folder_file_and_latest(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    made = folder(store)
    path = made.finish(passed_run())
    store.mark_latest(made)
    assert [store.find(name) for name in (made.id, str(made.path), str(path), "latest")] == [path] * 4
    assert read_run(path) == passed_run()
    assert not (made.path / JOURNAL).exists()


def test_latest_is_a_plain_file_and_follows_a_run_outside_the_store(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    made = folder(store, out=tmp_path / "elsewhere")
    made.finish(passed_run())
    store.mark_latest(made)
    latest = tmp_path / ".speccheck" / "runs" / "latest"
    assert latest.is_file()
    assert not latest.is_symlink()
    assert store.find("latest") == tmp_path / "elsewhere" / RUN_FILE


def test_an_out_folder_that_holds_something_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(StoreError, match="not an empty folder"):
        folder(RunStore(tmp_path), out=tmp_path / "out")
    assert (tmp_path / "out" / "thesis.txt").read_text() == "years of work"


def test_evidence_is_on_disk_before_the_run_ends(tmp_path: Path) -> None:
    made = folder(RunStore(tmp_path))
    made.append(DIGEST, Measured(Measurement("value.number", 1), Evidence(metrics={"value": float("nan")})))
    line = json.loads((made.path / JOURNAL).read_text())
    assert line["digest"] == DIGEST
    assert line["measured"]["evidence"]["metrics"] == {"value": {"$number": "nan"}}


@pytest.mark.parametrize("name", ["../up.txt", "/etc/passwd", "a/../../b", "", "nul\x00"])
def test_an_artifact_stays_inside_the_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match="outside the run's folder"):
        folder(RunStore(tmp_path)).artifact_path(DIGEST, name)


def test_a_kept_artifact_carries_its_digest_and_size(tmp_path: Path) -> None:
    (tmp_path / "made.txt").write_text("abc")
    kept = folder(RunStore(tmp_path)).keep(DIGEST, "made.txt", tmp_path / "made.txt", "text/plain")
    assert kept.size == 3
    assert kept.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert kept.path == f"artifacts/{DIGEST[:12]}/made.txt"


def test_secrets_reach_neither_journal_nor_record_nor_artifact(tmp_path: Path) -> None:
    secret = 'pass"word\nwith ü'
    made = folder(RunStore(tmp_path), Redactor(["TOKEN"], {"TOKEN": secret}))
    made.append(DIGEST, Measured(Measurement("value.number", 1), Evidence(log=f"using {secret} now")))
    journal = (made.path / JOURNAL).read_bytes()
    (tmp_path / "log.txt").write_text(f"-> {secret}", "utf-8")
    made.keep(DIGEST, "log.txt", tmp_path / "log.txt", "text/plain")
    made.finish(Run(**{**_fields(passed_run()), "command": ("speccheck", secret)}))
    written = [journal, *(path.read_bytes() for path in made.path.rglob("*") if path.is_file())]
    assert len(written) == 3
    for data in written:
        assert b"***" in data
        assert b"word" not in data.replace(b"password", b"")


def test_a_file_that_is_no_run_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / RUN_FILE).write_text('{"speccheck_run": 2}')
    with pytest.raises(StoreError, match="is not a run file"):
        read_run(tmp_path / RUN_FILE)


def test_an_unknown_run_names_the_last_ones(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    folder(store).finish(passed_run())
    with pytest.raises(StoreError, match="no run 'nope'") as caught:
        store.find("nope")
    assert "20260304T050607Z-01234567" in caught.value.hint


def _fields(run: Run) -> dict[str, object]:
    return {name: getattr(run, name) for name in run.__struct_fields__}
