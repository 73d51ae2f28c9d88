"""Artifacts that a worker names are believed only as files in the folder of their measurement."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from speccheck.executors import evidence
from speccheck.executors.evidence import artifacts_kept
from speccheck.model.evidence import Artifact
from speccheck.store import Redactor, RunFolder

DIGEST = "0123456789abcdef"
PLACE = f"artifacts/{DIGEST[:12]}"


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    (tmp_path / "secret").write_text("elsewhere")
    (tmp_path / "run").mkdir()
    folder = RunFolder(tmp_path / "run", "run", Redactor((), {}))
    folder.artifact_path(DIGEST, "a.txt").write_text("content")
    return folder


def test_the_main_process_computes_the_digest(run: RunFolder) -> None:
    found = artifacts_kept({"a": Artifact(f"{PLACE}/a.txt", "a lie", 1, "text/plain")}, DIGEST, run)
    assert found == {"a": Artifact(f"{PLACE}/a.txt", hashlib.sha256(b"content").hexdigest(), 7, "text/plain")}


@pytest.mark.parametrize(
    "path",
    [
        "",
        "a.txt",
        "../secret",
        f"{PLACE}/../../../secret",
        "/etc/passwd",
        f"{PLACE}/absent",
        f"{PLACE}/link",
        PLACE,
        "artifacts/other/a.txt",
    ],
)
def test_anything_else_is_refused(run: RunFolder, path: str) -> None:
    run.artifact_path(DIGEST, "link").symlink_to(run.path.parent / "secret")
    with pytest.raises(ValueError, match="no file in the folder of its measurement"):
        artifacts_kept({"a": Artifact(path, "", 1)}, DIGEST, run)


def test_a_file_in_a_folder_that_is_a_link_is_refused(run: RunFolder) -> None:
    run.artifact_path(DIGEST, "a.txt").parent.joinpath("out").symlink_to(run.path.parent)
    with pytest.raises(ValueError, match="no file in the folder of its measurement"):
        artifacts_kept({"a": Artifact(f"{PLACE}/out/secret", "", 9)}, DIGEST, run)


def test_a_file_that_is_too_large_is_removed(run: RunFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "ARTIFACT", 6)
    with pytest.raises(ValueError, match="has 7 bytes; the limit is 6 bytes"):
        artifacts_kept({"a": Artifact(f"{PLACE}/a.txt", "", 7)}, DIGEST, run)
    assert not (run.path / PLACE / "a.txt").exists()
