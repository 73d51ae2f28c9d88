"""Faults against the run itself: its process, its folder, its clock, and another run beside it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from speccheck.store import StoreError, read_run
from support.commands import outcomes
from support.distributions import write
from support.faults import COMMAND, Fault, Faulty, audited, check_run, processes

GOOD = "\nreturn {'value': 1}"

WRONG = "\nreturn {'value': 2}"


def _violated(body: str) -> Fault:
    """A fault after which the value is wrong, so that the entry fails if the run goes on as if there were none."""
    return Fault(body + WRONG, "", "", outcome="failed")


RUNS = "\nfrom pathlib import Path\nrun = max(Path('.speccheck/runs').glob('2*'))\n"

FOLDER = {
    "forged-record": _violated(RUNS + "(run / 'run.json').write_text('{}')"),
    "forged-journal": _violated(RUNS + "(run / 'evidence.jsonl').open('ab').write(b'forged\\n')"),
    "record-is-a-link": _violated(
        RUNS + "(run / 'run.json').unlink(missing_ok=True); (run / 'run.json').symlink_to('/dev/null')"
    ),
    "edited-spec": _violated("open('spec.yaml', 'a').write('{]')"),
}


@pytest.fixture(scope="module")
def audit(tmp_path_factory: pytest.TempPathFactory) -> Faulty:
    return audited(tmp_path_factory.mktemp("folder"), FOLDER)


@pytest.mark.parametrize("name", FOLDER)
def test_what_audited_code_does_to_the_folder_changes_no_verdict(audit: Faulty, name: str) -> None:
    audit.check(name)


def test_the_run_is_whole_and_nothing_is_left(audit: Faulty) -> None:
    check_run(audit)


def test_a_run_without_its_journal_is_an_error_with_all_results_shown(tmp_path: Path) -> None:
    audit = Faulty(tmp_path, {"removes": _violated(RUNS + "(run / 'evidence.jsonl').unlink()")})
    assert audit.run() == 3
    assert audit.done is not None
    assert "the run could not be kept" in audit.done.stderr
    assert "failed   removes " in audit.done.stdout
    assert "passed   after-removes " in audit.done.stdout


DETACHED = "subprocess.Popen('setsid sleep 300 & exec setsid sleep 301', shell=True)\n"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("os.kill(main_process(), 9)", -9),
        (DETACHED + "os.kill(main_process(), 9)", -9),
        ("for n in range(1, 65):\n    try: signal.signal(n, 1)\n    except: pass\nos.kill(main_process(), 9)", -9),
        ("os.kill(main_process(), 9); os.kill(os.getppid(), 9)", -9),
        ("os.kill(main_process(), 15)", 130),
        ("os.kill(main_process(), 2)", 130),
        (DETACHED + "os.kill(main_process(), 2)", 130),
    ],
)
def test_the_end_of_the_main_process_is_no_pass_and_leaves_nothing(tmp_path: Path, body: str, code: int) -> None:
    audit = Faulty(tmp_path, {"ends": Fault(f"{body}\ntime.sleep(300)", "", "")}, violated=True)
    assert audit.run(patience=5) == code
    assert audit.left == []
    assert audit.again("judge").returncode == (130 if code == 130 else 1)
    if code == 130:
        assert audit.record()["interrupted"] is True
        assert outcomes(audit.record())["violated"] == "failed"


def test_two_runs_at_once(tmp_path: Path) -> None:
    audit = Faulty(
        tmp_path, {"dies": Fault("time.sleep(0.2); os.abort()", "died", "its process was killed by SIGABRT")}
    )
    started = [
        subprocess.Popen(
            [*COMMAND, "run", "spec.yaml"],
            cwd=tmp_path,
            env=audit.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    ended = [process.communicate(timeout=60) for process in started]
    assert [process.returncode for process in started] == [3, 3], ended
    assert processes(audit.mark) == []
    first, second = (audit.record(name) for name in audit.runs())
    assert first["id"] != second["id"]
    assert outcomes(first) == outcomes(second)
    assert list(outcomes(first).values()).count("passed") == 4


def test_a_run_file_that_is_cut_anywhere_is_no_run(audit: Faulty, tmp_path: Path) -> None:
    (file,) = audit.folder.glob(".speccheck/runs/*/run.json")
    data, cut = file.read_bytes(), tmp_path / "run.json"
    cut.write_bytes(data)
    for length in range(len(data) - 1, -1, -1):
        os.truncate(cut, length)
        if data[length:].strip():
            with pytest.raises(StoreError):
                read_run(cut)


def test_a_clock_that_is_set_back(tmp_path: Path) -> None:
    audit = Faulty(tmp_path, {"dies": Fault("os.abort()", "died", "its process was killed by SIGABRT")})
    clock = """
import itertools, datetime, time, speccheck.cli.common as common
hours = itertools.count()
common.now = lambda: datetime.datetime(2030, 1, 1, tzinfo=datetime.UTC) - datetime.timedelta(hours=next(hours))
time.time = lambda: 0.0
"""
    audit.run(before=clock)
    audit.check("dies")
    check_run(audit)
    assert audit.kept["started"] <= audit.kept["finished"]


ENDS = [
    ("acme/plugin.py", "raise SystemExit(0)"),
    ("acme/plugin.py", "import posix; posix._exit(0)"),
    ("acme/plugin.py", "import os; os.execv('/bin/true', ['true'])"),
    ("acme/checks/fault/call.py", "raise SystemExit(0)"),
    ("acme/checks/fault/call.py", "import os; os.kill(os.getpid(), 9)"),
]


@pytest.mark.parametrize(("where", "body"), ENDS)
def test_a_plugin_that_ends_the_process_ends_no_audit_with_0(tmp_path: Path, where: str, body: str) -> None:
    audit = Faulty(tmp_path, {}, violated=True)
    write(audit.site, {where: (audit.site / where).read_text() + f"\n{body}\n"})
    assert audit.run() == 2
    assert audit.done is not None
    assert "acme-audit" in audit.done.stderr
    assert audit.left == []


def test_build_names_the_subjects_that_end_their_process_and_builds_the_others(tmp_path: Path) -> None:
    faults = {
        "exits": Fault("sys.exit(0)", "", "", building=True),
        "ends": Fault("ctypes.CDLL(None)._exit(0)", "", "", building=True),
        "crashes": Fault("ctypes.string_at(0)", "", "", building=True),
        "kills": Fault("os.kill(os.getppid(), 9); time.sleep(300)", "", "", building=True),
    }
    audit = Faulty(tmp_path, faults)
    done = audit.again("build", "spec.yaml")
    assert done.returncode == 3
    assert "fault_exits: target audited:fault_exits raised SystemExit: 0" in done.stderr
    assert "fault_ends: its process ended itself with exit code 0" in done.stderr
    assert "fault_crashes: its process was killed by SIGSEGV" in done.stderr
    assert "fault_kills: the process that starts the workers ended" in done.stderr
    assert [line.split()[0] for line in done.stdout.splitlines()[2:]] == ["double", "shared"]
    assert processes(audit.mark) == []
