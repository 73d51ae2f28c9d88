"""The files behind a baseline: values accepted over other bytes than those read now are no values."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from speccheck.model.baseline import AcceptedEntry, Baseline
from speccheck.model.cause import CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.run import Measured, Run
from speccheck.sdk.wording import cause_text
from speccheck.store import BaselineFile, SeenFiles, accept, load_baseline
from support.runs import measurement, passed_run

NOW = datetime(2026, 3, 5, tzinfo=UTC)
DIGEST = measurement().digest()
PHOTO = {"assets/photo.png": "old"}


def run_of(files: dict[str, str]) -> Run:
    """A run that measured one number with these files read."""
    return passed_run(measurements={DIGEST: Measured(measurement(), Evidence(metrics={"value": 3.0}), files=files)})


def taken(path: Path, files: dict[str, str]) -> AcceptedEntry:
    """The entry that a baseline file has once such a run was accepted."""
    accept(run_of(files), path, owner="ada", reason="first", now=NOW, partial=False, dirty=False)
    return Baseline.from_bytes(path.read_bytes()).entries["one"]


def said(accepted: dict[str, str], seen: dict[str, str], *, earlier: set[str] | None = None) -> str:
    """What the judge is told of an entry that was accepted with some files, when others are read; '' for its values."""
    entry = AcceptedEntry(DIGEST, {"value": 3.0}, "before", "ada", "first", "2026-03-05", files=accepted).sealed()
    found = BaselineFile("b.json", Baseline(1, {"one": entry})).entry(
        "one", DIGEST, "now", SeenFiles(seen, frozenset(earlier or ()))
    )
    assert (found.metrics is None) == (found.cause is not None)
    return cause_text(found.cause) if found.cause else ""


def test_the_same_bytes_at_the_same_place_are_the_same() -> None:
    assert said(PHOTO, PHOTO) == ""
    assert said({}, {}) == ""


OVER = "baseline b.json was accepted for one over other bytes: "
REMEDY = "; restore the files, or accept it anew"


@pytest.mark.parametrize(
    ("accepted", "seen", "what"),
    [
        (PHOTO, {"assets/photo.png": "new"}, "assets/photo.png changed"),
        (PHOTO, {}, "assets/photo.png was not read"),
        (PHOTO, {**PHOTO, "more.png": "more"}, "more.png was read too"),
        ({"a": "1", "b": "2"}, {"a": "2", "b": "1"}, "a, b changed"),
        (PHOTO, {"other.png": "new"}, "assets/photo.png was not read; other.png was read too"),
        (
            {f"{n}.png": "old" for n in range(5)},
            {f"{n}.png": "new" for n in range(5)},
            "0.png, 1.png, 2.png changed (and 2 more)",
        ),
    ],
)
def test_other_bytes_are_named(accepted: dict[str, str], seen: dict[str, str], what: str) -> None:
    assert said(accepted, seen) == OVER + what + REMEDY


def test_an_entry_of_before_files_were_recorded_is_to_be_accepted_anew() -> None:
    assert said({}, PHOTO) == (
        "baseline b.json does not record which files one was built from, such as assets/photo.png; accept it anew"
    )


def test_the_same_bytes_at_another_place_are_the_same() -> None:
    assert said(PHOTO, {"/data/photo.png": "old"}) == ""


def test_a_file_that_was_read_for_another_entry_of_the_run_was_read() -> None:
    """A module is imported once, and a cache opens its file once: whichever entry came first has the file."""
    assert said({**PHOTO, "vocabulary": "v"}, PHOTO, earlier={"v"}) == ""
    assert "vocabulary was not read" in said({**PHOTO, "vocabulary": "v"}, PHOTO, earlier={"w"})


def test_a_file_that_another_entry_of_the_baseline_was_accepted_with_is_known() -> None:
    one = AcceptedEntry(DIGEST, {"value": 3.0}, "before", "ada", "first", "2026-03-05", files=PHOTO).sealed()
    other = msgspec.structs.replace(one, files={"vocabulary": "v"}).sealed()
    whole = BaselineFile("b.json", Baseline(1, {"one": one, "other": other}))
    recorded = BaselineFile.recorded(whole.use(["one"]))
    for found in (whole, recorded, BaselineFile.recorded(recorded.use(["one"]))):
        assert found.entry("one", DIGEST, "now", SeenFiles({**PHOTO, "vocabulary": "v"})).metrics == {"value": 3.0}
        assert found.entry("one", DIGEST, "now", SeenFiles({**PHOTO, "vocabulary": "w"})).metrics is None


def test_accepting_records_the_files_and_seals_them(tmp_path: Path) -> None:
    path = tmp_path / "b.json"
    entry = taken(path, PHOTO)
    assert entry.files == PHOTO
    assert not entry.edited
    assert msgspec.structs.replace(entry, files={"assets/photo.png": "new"}).edited
    assert msgspec.structs.replace(entry, files={}).edited
    path.write_text(path.read_text().replace('"old"', '"new"'))
    found = load_baseline("b.json", tmp_path).entry("one", DIGEST, "now", SeenFiles({"assets/photo.png": "new"}))
    assert found.cause is not None
    assert found.cause.kind is CauseKind.BASELINE_EDITED


def test_an_entry_without_files_keeps_the_digest_that_it_had(tmp_path: Path) -> None:
    entry = taken(tmp_path / "b.json", {})
    assert "files" not in (tmp_path / "b.json").read_text()
    assert entry.digest == "801261c00262f8ff484ceeb6da7b0c0cbcc278a53c6e66753f3b420b15590d6e"


def test_a_run_keeps_the_files_and_the_device() -> None:
    measured = Measured(measurement(), Evidence(), files=PHOTO, device="cuda:0 (NVIDIA H100)")
    run = passed_run(measurements={DIGEST: measured})
    assert Run.from_bytes(run.to_bytes()).measurements[DIGEST] == measured
    plain = passed_run(measurements={DIGEST: Measured(measurement(), Evidence())}).to_bytes()
    assert b'"files"' not in plain
    assert b'"device"' not in plain
