"""Runs on disk: what is written, found again, and refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.evidence import Evidence
from speccheck.model.run import BaselineUse, Measured, Run
from speccheck.model.spec import Measurement
from speccheck.store import Redactor, RunFolder, RunStore, StoreError, project_root, read_run
from speccheck.store.folder import RUN_FILE
from speccheck.store.journal import JOURNAL
from support.runs import passed_run
from support.store_times import DIGEST, WHEN


def folder(store: RunStore, redactor: Redactor | None = None, out: Path | None = None) -> RunFolder:
    return store.create(WHEN, DIGEST, redactor or Redactor((), {}), out)


def salted(store: RunStore, salt: str, out: Path | None = None) -> RunFolder:
    return store.create(WHEN, DIGEST, Redactor((), {}), out, salt)


def finished(store: RunStore, **fields: Any) -> Path:
    """The file of record of a run that passed."""
    made = folder(store)
    made.finish(passed_run(**fields))
    return made.path / RUN_FILE


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


def test_runs_of_one_second_differ_wherever_they_lie(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert salted(store, "09af", tmp_path / "a").id == "20260304T050607Z-01234567-09af"
    assert salted(store, "09b0", tmp_path / "b").id == "20260304T050607Z-01234567-09b0"
    assert salted(store, "09b0").id == "20260304T050607Z-01234567-09b0"
    assert salted(store, "09b0").id == "20260304T050607Z-01234567-09b0-2"


def test_a_finished_run_is_found_by_id_folder_file_and_latest(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    made = folder(store)
    stored, path = made.finish(passed_run()), made.path / RUN_FILE
    store.mark_latest(made)
    assert [store.find(name) for name in (made.id, str(made.path), str(path), "latest")] == [path] * 4
    assert read_run(path) == stored == passed_run()
    assert not (made.path / JOURNAL).exists()


def test_the_newest_run_of_a_spec_is_found_past_others_and_past_what_is_no_run(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    assert store.newest_of("one.yaml") is None
    paths = [finished(store, spec=name) for name in ("a/one.yaml", "one.yaml", "two.yaml")]
    finished(store, spec="one.yaml").write_text("{}")
    os.utime(paths[0], ns=(0, 5_000_000_000_000_000_000))
    assert store.newest_of("elsewhere/one.yaml") == paths[0]
    assert store.newest_of("two.yaml") == paths[2]
    assert store.newest_of("three.yaml") is None


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


DEEP = {depth: "[" * depth + "]" * depth for depth in (900, 100_000)}


@pytest.mark.parametrize("depth", DEEP)
@pytest.mark.parametrize("place", ["3.0", '"the number"', '"one number"', '{"facts": 1}'])
def test_a_run_nested_too_deep_is_refused(tmp_path: Path, depth: int, place: str) -> None:
    whole = json.dumps(json.loads(passed_run(environment={"facts": 1}).to_bytes()))
    assert place in whole
    (tmp_path / RUN_FILE).write_text(whole.replace(place, DEEP[depth] if place != '{"facts": 1}' else _facts(depth)))
    with pytest.raises(StoreError, match=r"run\.json is not a run file") as caught:
        read_run(tmp_path / RUN_FILE)
    assert (caught.value.code, bool(caught.value.hint)) == ("SC801", True)


@pytest.mark.parametrize("wire", ['{"$number": "abc"}', '{"$map": [[1]]}', '{"$tensor": 5}'])
@pytest.mark.parametrize("place", ["metrics", "baseline", "limit"])
def test_a_run_with_a_value_that_is_none_is_refused(tmp_path: Path, wire: str, place: str) -> None:
    use = BaselineUse("b.json", "", {"one": AcceptedEntry("d", {"value": 2.5}, "r", "a", "w", "d")})
    data = json.loads(passed_run(baseline=use).to_bytes())
    (measured,) = data["measurements"].values()
    parents = {
        "metrics": (measured["evidence"]["metrics"], "value"),
        "baseline": (data["baseline"]["entries"]["one"]["metrics"], "value"),
        "limit": (data["entries"][0]["judgement"]["verdicts"][0]["constraints"][0], "limit"),
    }
    parent, key = parents[place]
    parent[key] = json.loads(wire)
    (tmp_path / RUN_FILE).write_text(json.dumps(data))
    with pytest.raises(StoreError, match="is not a run file"):
        read_run(tmp_path / RUN_FILE)


@pytest.mark.parametrize("content", [b"latest\n", b"", b"\xff\xfe\n", b"gone\n", b"a\x00b", b"n" * 5000, b"/\n"])
def test_a_broken_latest_file_is_named(tmp_path: Path, content: bytes) -> None:
    store = RunStore(tmp_path)
    folder(store).finish(passed_run())
    (store.folder / "latest").write_bytes(content)
    with pytest.raises(StoreError) as caught:
        store.find("latest")
    assert caught.value.code == "SC801"
    assert "20260304T050607Z-01234567" in caught.value.hint


@pytest.mark.parametrize("name", ["n" * 5000, "a\x00b", "", "\udcff", "x/" * 3000])
def test_a_name_that_is_none_is_no_run(tmp_path: Path, name: str) -> None:
    with pytest.raises(StoreError, match="no run") as caught:
        RunStore(tmp_path).find(name)
    assert len(str(caught.value)) < 200


def test_a_latest_file_keeps_a_path_in_any_encoding(tmp_path: Path) -> None:
    store, odd = RunStore(tmp_path), tmp_path / "out-\udcff"
    made = folder(store, out=odd)
    made.finish(passed_run())
    store.mark_latest(made)
    assert store.find("latest") == made.path / RUN_FILE


def test_a_store_that_cannot_be_written_to_is_named(tmp_path: Path) -> None:
    (tmp_path / ".speccheck").write_text("a file")
    elsewhere = folder(RunStore(tmp_path), out=tmp_path / "out")
    for refused in (lambda: folder(RunStore(tmp_path)), lambda: RunStore(tmp_path).mark_latest(elsewhere)):
        with pytest.raises(StoreError, match="cannot write to") as caught:
            refused()
        assert (caught.value.code, bool(caught.value.hint)) == ("SC803", True)
    with pytest.raises(StoreError, match="no run 'latest'"):
        RunStore(tmp_path).find("latest")


@pytest.mark.parametrize("out", ["file/out", "file", "n" * 5000])
def test_an_out_folder_that_cannot_be_made_is_named(tmp_path: Path, out: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError) as caught:
        folder(RunStore(tmp_path), out=tmp_path / out)
    assert (caught.value.code, caught.value.hint) == ("SC803", "choose another folder with --out")


def test_a_store_in_a_folder_that_takes_none_is_refused() -> None:
    if not Path("/proc/self").is_dir():
        pytest.skip("there is no /proc here")
    with pytest.raises(StoreError, match="cannot write to") as caught:
        folder(RunStore(Path("/proc")))
    assert caught.value.code == "SC803"


def _facts(depth: int) -> str:
    return f'{{"facts": {DEEP[depth]}}}'


def _fields(run: Run) -> dict[str, Any]:
    return {name: getattr(run, name) for name in run.__struct_fields__}
