"""The folder of a run when the system refuses: the run goes on in memory, and tells what was not kept."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from speccheck.model.run import Run
from speccheck.model.verdict import Decision
from speccheck.store import RUN_FILE, read_run
from speccheck.store.journal import JOURNAL
from support.journals import TESTS, begun, measured
from support.runs import passed_run

resource = pytest.importorskip("resource")

_LIMITED = """
import sys; sys.path.insert(0, {tests!r})
import os, resource
from pathlib import Path
from support.journals import begun, measured
from support.runs import passed_run
folder = begun(Path({place!r}), 3.0, 4.0, 5.0)
folder.append(*measured(3.0))
{limit}
folder.append(*measured(4.0))
folder.sync()
{undo}
run = folder.finish(passed_run(title="long" * 10_000))
print(repr((folder.unjournaled, folder.lost, run.ending, run.decision.value)))
"""

_FULL = """
size = (folder.path / "evidence.jsonl").stat().st_size + 10
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
"""
_ROOM = "resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))"
_HOARD = """
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (200, hard))
held = []
try:
    while True:
        held.append(os.open("/dev/null", os.O_RDONLY))
except OSError:
    pass
"""


def limited(tmp_path: Path, limit: str, undo: str = "") -> tuple[str, str, str, str]:
    """Why the journal and the record could not be kept, and what became of the run, in a process with a limit."""
    script = _LIMITED.format(tests=TESTS, place=str(tmp_path), limit=limit, undo=undo)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    unjournaled, lost, ending, decision = ast.literal_eval(done.stdout)
    return unjournaled, lost, ending, decision


def test_without_space_the_run_is_no_pass_and_the_journal_keeps_what_it_could(tmp_path: Path) -> None:
    unjournaled, lost, ending, decision = limited(tmp_path, _FULL)
    (journal,) = tmp_path.glob(f".speccheck/runs/*/{JOURNAL}")
    assert unjournaled == f"{journal}: File too large"
    assert lost == f"{journal.with_name(RUN_FILE)}: File too large"
    assert (ending, decision) == ("unkept", "ERROR")
    assert [path.name for path in journal.parent.iterdir()] == [JOURNAL]
    run = read_run(journal)
    assert len(run.measurements) == 1
    assert run.warnings[0].code == "SC807"


def test_space_that_was_lacking_for_a_while_costs_nothing_but_the_journal(tmp_path: Path) -> None:
    unjournaled, lost, ending, decision = limited(tmp_path, _FULL, _ROOM)
    assert unjournaled.endswith("File too large")
    assert (lost, ending, decision) == ("", "whole", "PASS")
    (record,) = tmp_path.glob(f".speccheck/runs/*/{RUN_FILE}")
    assert read_run(record) == passed_run(title="long" * 10_000)


def test_without_descriptors_the_record_is_written_all_the_same(tmp_path: Path) -> None:
    assert limited(tmp_path, _HOARD) == ("", "", "whole", "PASS")


def test_a_record_that_cannot_be_written_leaves_the_journal(tmp_path: Path) -> None:
    folder = begun(tmp_path, 3.0)
    folder.append(*measured(3.0))
    (folder.path / RUN_FILE).mkdir()
    run = folder.finish(passed_run())
    assert folder.lost == f"{folder.path / RUN_FILE}: Is a directory; its journal is kept, and can be reported"
    assert not folder.unjournaled
    assert (run.ending, run.decision) == ("unkept", Decision.ERROR)
    assert len(read_run(folder.path / JOURNAL).measurements) == 1


@pytest.mark.parametrize("made_again", [False, True])
def test_a_folder_that_is_removed_while_the_run_goes_on_is_an_error(tmp_path: Path, made_again: bool) -> None:
    import shutil

    folder = begun(tmp_path, 3.0, 4.0)
    folder.append(*measured(3.0))
    shutil.rmtree(folder.path)
    digest, evidence = measured(4.0)
    if made_again:
        folder.artifact_path(digest, "a.txt").write_text("abc")
    folder.append(digest, evidence)
    folder.sync()
    run: Run = folder.finish(passed_run())
    assert folder.lost == f"{folder.path} was removed, or emptied, while the run went on"
    assert (run.ending, run.decision) == ("unkept", Decision.ERROR)
