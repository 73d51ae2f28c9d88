"""The journal of a run: what a run that was killed leaves, and what is read from it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from speccheck.engine.rejudge import as_far_as_it_got
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Artifact, Evidence
from speccheck.model.verdict import Decision
from speccheck.store import RUN_FILE, Redactor, RunFolder, RunStore, StoreError, accept, read_run
from speccheck.store.journal import JOURNAL, PATIENCE
from support.journals import TESTS, begun, header, measured
from support.runs import outcomes, passed_run
from support.store_times import DIGEST, WHEN


def killed(tmp_path: Path, *values: float, kept: int) -> Path:
    """The journal of a run that was killed after ``kept`` of its entries."""
    script = f"""
import sys; sys.path.insert(0, {TESTS!r})
import os
from pathlib import Path
from support.journals import begun, measured
folder = begun(Path({str(tmp_path)!r}), *{values!r})
for value in {values[:kept]!r}:
    folder.append(*measured(value))
os._exit(9)
"""
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 9
    (journal,) = tmp_path.glob(f".speccheck/runs/*/{JOURNAL}")
    return journal


def test_a_run_that_was_killed_is_judged_as_far_as_it_got(tmp_path: Path) -> None:
    journal = killed(tmp_path, 3.0, 11.0, 4.0, kept=2)
    found = RunStore(tmp_path).find(journal.parent.name)
    assert found == journal
    run = as_far_as_it_got(read_run(found))
    assert outcomes(run) == {"e0": "passed", "e1": "failed", "e2": "error"}
    assert run.entries[2].judgement.cause == Cause(CauseKind.RUN_ENDED_BEFORE)
    assert (run.ending, run.partial, run.decision) == ("cut", True, Decision.FAIL)
    assert (run.coverage.total, run.coverage.judged) == (3, 2)
    begun_with = header(3.0, 11.0, 4.0)
    for field in ("id", "title", "spec", "spec_digest", "checks", "loaders", "environment", "redacted", "started"):
        assert getattr(run, field) == getattr(begun_with, field)


def test_a_run_that_was_killed_with_everything_measured_is_no_pass(tmp_path: Path) -> None:
    run = as_far_as_it_got(read_run(killed(tmp_path, 3.0, kept=1)))
    assert outcomes(run) == {"e0": "passed"}
    assert run.decision == Decision.ERROR


def test_a_run_that_goes_on_is_told_from_one_that_was_killed(tmp_path: Path) -> None:
    folder = begun(tmp_path, 3.0, 4.0)
    folder.append(*measured(3.0))
    script = f"""
from pathlib import Path
from speccheck.store import read_run
journal = Path({str(folder.path / JOURNAL)!r})
with journal.open("ab") as stream:
    stream.write(b'{{"dig')  # as far as the line that is being written
run = read_run(journal)
print(run.ending, run.entries[1].judgement.cause.kind.value, len(run.measurements), run.warnings)
"""
    # In another process: this one would give up its lock when it closes the file.
    assert subprocess.check_output([sys.executable, "-c", script], text=True) == "running not-yet-measured 1 ()\n"


def test_a_child_that_outlives_the_run_does_not_make_it_a_running_one(tmp_path: Path) -> None:
    script = f"""
import sys; sys.path.insert(0, {TESTS!r})
import os, time
from pathlib import Path
from support.journals import begun
begun(Path({str(tmp_path)!r}), 3.0)
if child := os.fork():
    print(child, flush=True)
    os._exit(9)
os.close(1)
time.sleep(60)
"""
    child = int(subprocess.run([sys.executable, "-c", script], stdout=subprocess.PIPE, check=False).stdout)
    try:
        (journal,) = tmp_path.glob(f".speccheck/runs/*/{JOURNAL}")
        assert read_run(journal).ending == "cut"
    finally:
        os.kill(child, 9)


@pytest.mark.parametrize("whole", [False, True], ids=["journal", "run file"])
def test_a_file_cut_at_every_byte_is_an_error_or_a_run_that_did_not_end(tmp_path: Path, whole: bool) -> None:
    folder = begun(tmp_path, 3.0, 4.0)
    for value in (3.0, 4.0):
        folder.append(*measured(value))
    data = (folder.path / JOURNAL).read_bytes()
    if whole:
        data = folder.finish(passed_run()).to_bytes()
    path = tmp_path / (RUN_FILE if whole else JOURNAL)
    seen = set()
    for size in range(len(data) - whole):  # without its final newline a run file is whole
        path.write_bytes(data[:size])
        try:
            run = as_far_as_it_got(read_run(path))
        except StoreError:
            seen.add("refused")
        else:
            assert run.decision == Decision.ERROR
            assert run.ending == "cut"
            assert run.warnings or data[size - 1 : size] == b"\n"
            seen.add("+".join(outcomes(run).values()))
    assert seen == ({"refused"} if whole else {"refused", "error+error", "passed+error"})


def test_a_last_line_that_is_cut_is_passed_over_and_said(tmp_path: Path) -> None:
    journal = killed(tmp_path, 3.0, 4.0, kept=2)
    journal.write_bytes(journal.read_bytes()[:-20])
    run = as_far_as_it_got(read_run(journal))
    assert outcomes(run) == {"e0": "passed", "e1": "error"}
    (warning,) = run.warnings
    assert (warning.code, warning.severity) == ("SC807", "warning")
    assert warning.message.startswith("line 3 of evidence.jsonl, the last, is cut")


def _swap(lines: list[bytes]) -> None:
    lines[0], lines[1] = lines[1], lines[0]


CORRUPTIONS: dict[str, tuple[Callable[[list[bytes]], None], str]] = {
    "garbage in the middle": (lambda lines: lines.__setitem__(1, b"\x00\x00"), "line 2: "),
    "garbage at the end, with its newline": (lambda lines: lines.__setitem__(2, b"{"), "line 3: "),
    "an empty line": (lambda lines: lines.insert(1, b""), "line 2: "),
    "a line twice": (lambda lines: lines.append(lines[1]), "line 4 is not of this run, or repeats another"),
    "another run's line": (
        lambda lines: lines.append(lines[1].replace(b'"digest":"', b'"digest":"0')),
        "line 4 is not of this run",
    ),
    "a line that says nothing": (lambda lines: lines.append(b"{}"), "line 4 is not of this run"),
    "a field that no line has": (lambda lines: lines.append(b'{"outcome":"passed"}'), "line 4: "),
    "no header": (lambda lines: lines.__delitem__(0), "line 1: "),
    "lines in another order": (_swap, "line 1: "),
    "a day that is none": (
        lambda lines: lines.__setitem__(0, lines[0].replace(b'"started":"2026', b'"started":"x')),
        "line 1: ",
    ),
    "a value that is none": (
        lambda lines: lines.__setitem__(1, lines[1].replace(b'{"value":3.0}}', b'{"value":{"$number":"abc"}}}', 1)),
        "",
    ),
    "nesting without end": (lambda lines: lines.__setitem__(1, b'{"a":' * 100_000), "line 2: "),
}


@pytest.mark.parametrize("name", CORRUPTIONS)
def test_a_journal_that_is_none_is_refused_with_the_line(tmp_path: Path, name: str) -> None:
    corrupt, message = CORRUPTIONS[name]
    journal = killed(tmp_path, 3.0, 4.0, kept=2)
    before = journal.read_bytes()
    lines = before.splitlines()
    corrupt(lines)
    after = b"\n".join([*lines, b""])
    assert after != before
    journal.write_bytes(after)
    with pytest.raises(StoreError, match="is not a run file") as caught:
        read_run(journal)
    assert message in str(caught.value)


def test_a_run_that_has_no_header_yet_is_named_and_nothing_more(tmp_path: Path) -> None:
    folder = RunStore(tmp_path).create(WHEN, DIGEST, Redactor((), {}))
    RunStore(tmp_path).mark_latest(folder)
    with pytest.raises(StoreError, match="ended before it had measured anything"):
        read_run(RunStore(tmp_path).find("latest"))


def test_a_requirement_that_was_not_met_is_known_after_the_end(tmp_path: Path) -> None:
    folder = begun(tmp_path, 3.0, 4.0)
    cause = Cause(CauseKind.FILE_ABSENT, {"file": "weights-\udcff.pt"})
    folder.append_unmet("e0", cause)
    run = as_far_as_it_got(read_run(folder.path / JOURNAL))
    assert outcomes(run) == {"e0": "skipped", "e1": "error"}


def test_the_header_is_masked(tmp_path: Path) -> None:
    folder = RunStore(tmp_path).create(WHEN, DIGEST, Redactor(["TOKEN"], {"TOKEN": "a-secret"}))
    folder.start(msgspec.structs.replace(header(3.0), title="with a-secret", command=("speccheck", "a-secret")))
    folder.append_unmet("e0", Cause(CauseKind.FILE_ABSENT, {"file": "a-secret.pt"}))
    assert b"secret" not in (folder.path / JOURNAL).read_bytes()
    assert read_run(folder.path / JOURNAL).title == "with ***"


def test_a_run_that_did_not_end_is_not_accepted(tmp_path: Path) -> None:
    run = read_run(killed(tmp_path, 3.0, kept=1))
    with pytest.raises(StoreError, match="did not end") as caught:
        accept(run, tmp_path / "b.json", owner="a", reason="b", now=WHEN, partial=True, dirty=True)
    assert caught.value.code == "SC804"
    going_on = msgspec.structs.replace(run, ending="running")
    with pytest.raises(StoreError, match="is still running"):
        accept(going_on, tmp_path / "b.json", owner="a", reason="b", now=WHEN, partial=True, dirty=True)


def test_latest_and_the_newest_of_a_spec_may_be_a_run_that_did_not_end(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    before = begun(tmp_path, 3.0)
    before.finish(passed_run())
    store.mark_latest(before)
    os.utime(before.path / RUN_FILE, ns=(0, 0))
    after = begun(tmp_path, 3.0)
    store.mark_latest(after)
    assert store.find("latest") == after.path / JOURNAL == store.newest_of("one.yaml")


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was put on disk, by name, in order."""
    names: list[str] = []
    fsync = os.fsync

    def noted(descriptor: int) -> None:
        names.append(Path(f"/proc/self/fd/{descriptor}").readlink().name)
        fsync(descriptor)

    if not Path("/proc/self/fd").is_dir():
        pytest.skip("there is no /proc here")
    monkeypatch.setattr(os, "fsync", noted)
    return names


def test_evidence_is_on_disk_when_it_took_long_or_long_ago_or_a_worker_begins(
    tmp_path: Path, synced: list[str]
) -> None:
    clock = Clock()
    folder = RunFolder(tmp_path, "run", Redactor((), {}), clock)
    folder.start(header(1.0, 2.0, 3.0, 4.0, 5.0))
    assert synced == [JOURNAL, tmp_path.name, tmp_path.parent.name]

    def newly_synced(value: float, *, after: float = 0.0, took: float = 0.0) -> list[str]:
        synced.clear()
        clock.time += after
        folder.append(*measured(value, took))
        return list(synced)

    assert newly_synced(1.0, after=PATIENCE / 2) == []
    assert newly_synced(2.0, after=PATIENCE) == [JOURNAL]
    assert newly_synced(3.0, took=PATIENCE) == [JOURNAL]
    assert newly_synced(4.0) == []
    folder.sync()
    assert synced == [JOURNAL]
    folder.sync()
    assert synced == [JOURNAL]


def test_files_are_on_disk_before_the_line_that_names_them(tmp_path: Path, synced: list[str]) -> None:
    folder = begun(tmp_path, 1.0)
    digest, plain = measured(1.0)
    path = folder.artifact_path(digest, "made.txt")
    path.write_text("abc")
    kept = folder.keep(digest, "made.txt", path, "text/plain")
    gone = Artifact("artifacts/gone/away.txt", "0" * 64, 0, "text/plain")
    evidence = Evidence(metrics={"value": 1.0}, artifacts={"a": kept, "b": gone})
    synced.clear()
    folder.append(digest, msgspec.structs.replace(plain, evidence=evidence))
    folder.sync()
    assert synced[0] == "made.txt"
    assert set(synced[1:-1]) == {digest[:12], "artifacts", folder.path.name}
    assert synced[-1] == JOURNAL


def test_a_record_is_on_disk_with_its_name(tmp_path: Path, synced: list[str]) -> None:
    folder = begun(tmp_path, 1.0)
    synced.clear()
    folder.finish(passed_run())
    assert [name.endswith(".tmp") for name in synced] == [True, False]
    assert synced[1] == folder.path.name


def test_two_runs_that_were_given_one_folder_do_not_mix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "out"
    store = RunStore(tmp_path)
    first = store.create(WHEN, DIGEST, Redactor((), {}), out)
    monkeypatch.setattr(Path, "iterdir", lambda self: iter(()))  # the second looked before the first wrote
    with pytest.raises(StoreError, match="another run is being written to"):
        store.create(WHEN, DIGEST, Redactor((), {}), out)
    first.start(header(3.0))
    assert read_run(out / JOURNAL).title == "one number"


def test_two_runs_at_once_have_their_folders_and_latest_is_the_one_that_began_last(tmp_path: Path) -> None:
    store = RunStore(tmp_path)
    one, two = begun(tmp_path, 3.0), begun(tmp_path, 4.0)
    store.mark_latest(one)
    store.mark_latest(two)
    two.append(*measured(4.0))
    one.append(*measured(3.0))
    two.finish(passed_run(run_id="two"))
    one.finish(passed_run(run_id="one"))
    assert read_run(store.find("latest")).id == "two"
    assert read_run(one.path / RUN_FILE).id == "one"
