"""Facts about the environment of a run: the state of the tree above all."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

from speccheck.engine.environment import environment


def git(folder: Path, *arguments: str) -> str:
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True
    ).stdout.decode()


def test_commit_and_changed_files_with_their_hashes(tmp_path: Path) -> None:
    git(tmp_path, "init")
    before = environment(tmp_path, [], {}, frozenset())["git"]
    assert before == {"commit": None, "dirty": False, "changed": {}}
    for name in ("kept.py", "edited name.py", "deleted.py"):
        (tmp_path / name).write_text(name)
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "one")
    commit = git(tmp_path, "rev-parse", "HEAD").strip()
    assert environment(tmp_path, [], {}, frozenset())["git"] == {"commit": commit, "dirty": False, "changed": {}}
    (tmp_path / "edited name.py").write_text("other")
    (tmp_path / "deleted.py").unlink()
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "new.py").write_text("new")
    changed = {
        "deleted.py": None,
        "edited name.py": hashlib.sha256(b"other").hexdigest(),
        "sub/new.py": hashlib.sha256(b"new").hexdigest(),
    }
    assert environment(tmp_path / "sub", [], {}, frozenset())["git"] == {
        "commit": commit,
        "dirty": True,
        "changed": changed,
    }


def test_a_folder_outside_git_says_so(tmp_path: Path) -> None:
    facts = environment(tmp_path, ["speccheck"], {"site": "here"}, frozenset())
    assert facts["git"] == {"commit": None, "reason": "not a git checkout, or git is not installed"}
    assert facts["site"] == "here"
    assert facts["packages"]["speccheck"] == facts["packages"]["speccheck"].strip()
    assert facts["device"] == "cpu"


def test_at_the_end_of_a_run_the_code_is_that_which_it_began_with(tmp_path: Path) -> None:
    git(tmp_path, "init")
    before = environment(tmp_path, [], {}, frozenset())
    assert "scipy" not in before["packages"]
    (tmp_path / "made by the run.txt").touch()
    after = environment(tmp_path, [], {}, frozenset({"scipy"}), before=before)
    assert after["git"] == before["git"]
    assert after["packages"].keys() - before["packages"].keys() == {"scipy"}
    assert list(after["packages"]) == sorted(after["packages"], key=str.lower)


def test_the_devices_are_those_that_measured(tmp_path: Path) -> None:
    gpu = "cuda:0 (NVIDIA H100)"
    for measured, device in [([], "cpu"), (["cpu", "cpu"], "cpu"), (["cpu", f"{gpu}, meta", gpu], f"{gpu}, meta, cpu")]:
        assert environment(tmp_path, [], {}, frozenset(), measured)["device"] == device
