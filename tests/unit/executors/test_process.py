"""The executor ``process``: what audited code does to its process is a failure of its measurement alone."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from speccheck.executors.local import executor as inline
from speccheck.executors.process import Process, opened
from speccheck.executors.process import executor as process
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Entry, Measurement, Spec
from speccheck.registry import discover
from speccheck.sdk.executing import Description, Executor, Job, Measuring
from speccheck.store import Redactor, RunFolder

CODE = """
import ctypes, os, signal, socket, stat, struct, sys, threading, time


def fine():
    print("printed")
    return 1


def pid():
    return os.getpid()


def crashes():
    print("the last words")
    ctypes.string_at(0)


def leaves():
    ctypes.CDLL(None)._exit(0)


def blocks_later():
    def block():
        time.sleep(0.05)
        ctypes.PyDLL(None).sleep(60)
    threading.Thread(target=block).start()
    return 1


def hangs():
    while True:
        try:
            time.sleep(60)
        except BaseException:
            pass


def sockets():
    for name in os.listdir("/proc/self/fd"):
        try:
            if stat.S_ISSOCK(os.fstat(int(name)).st_mode):
                yield int(name)
        except OSError:
            pass


def babbles():
    for number in sockets():
        os.write(number, struct.pack("<Q", 8) + b"no reply")
    time.sleep(60)


def boasts():
    for number in sockets():
        os.write(number, struct.pack("<Q", 1 << 40))
    time.sleep(60)


def hangs_up():
    os.closerange(3, 1000)
    time.sleep(60)


def orphans():
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)


def long():
    return "x" * (20 << 20)


LIST = [1]


def kept():
    return LIST


def version():
    import package
    return package.VERSION
"""


KEPT = {"v": {"target": "audited:kept"}}


@contextmanager
def at_work(executor: Executor, folder: Path, code: Mapping[str, str] | None = None) -> Iterator[Measuring]:
    (folder / "audited.py").write_text(CODE)
    place = folder / f"run of {executor.name}"
    place.mkdir()
    run = RunFolder(place, "run", Redactor((), {}))
    entry = Entry("e", "e", "values.equal", measurement("fine"))
    spec = Spec("t", "s.yaml", str(folder), (entry,), code=dict(code or {"": str(folder)}))
    with executor.open(Job(spec, discover(), {}, run, time.perf_counter)) as measuring:
        yield measuring


def measurement(name: str, code: str = "", seed: int = 0) -> Measurement:
    target = {"target": f"audited:{name}", **({"code": code} if code else {})}
    params = {"left": "$v", "right": 1}
    return Measurement("values.equal", 1, params, seed, {"v": target})


def measured(measuring: Measuring, folder: Path, wanted: Measurement, timeout: float | None = None) -> Measured:
    return measuring.measure(wanted, wanted.digest(), folder, timeout)


def test_both_executors_give_the_same_evidence(tmp_path: Path) -> None:
    found = []
    for executor in (process, inline):
        with at_work(executor, tmp_path) as measuring:
            found.append(measured(measuring, tmp_path, measurement("fine")).evidence)
    assert found[0] is not None
    assert found[0] == found[1]
    assert found[0].log == "printed\n"


def test_a_worker_is_another_process_and_kept_warm(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        assert isinstance(measuring, Process)
        first = measured(measuring, tmp_path, measurement("pid"))
        again = measured(measuring, tmp_path, measurement("pid", seed=1))
        (worker,) = measuring._workers.values()
    assert first.evidence is not None
    assert again.evidence is not None
    assert first.evidence.findings == again.evidence.findings
    assert worker.pid != os.getpid()
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


@pytest.mark.parametrize(
    ("name", "kind", "message"),
    [
        ("crashes", "died", "its process was killed by SIGSEGV while it measured"),
        ("leaves", "died", "its process ended itself with exit code 0 while it measured"),
        ("hangs", "timeout", "took longer than its timeout of 0.5 s"),
        ("babbles", "died", "its process sent what is no reply"),
        ("boasts", "too large", "its process sent a message of 1099511627776 bytes"),
        ("hangs_up", "died", "its process closed the channel"),
        ("orphans", "died", "the process that starts the workers"),
    ],
)
def test_the_end_of_a_worker_is_the_failure_of_its_measurement(
    tmp_path: Path, name: str, kind: str, message: str
) -> None:
    with at_work(process, tmp_path) as measuring:
        before = measured(measuring, tmp_path, measurement("fine"))
        lost = measured(measuring, tmp_path, measurement(name), 0.5 if name == "hangs" else 20.0)
        after = measured(measuring, tmp_path, measurement("fine", seed=1))
    assert before.evidence is not None
    assert lost.evidence is None
    assert lost.failure is not None
    assert lost.failure.kind == kind
    assert message in lost.failure.message
    assert lost.seconds < 10
    assert after.evidence is not None


def test_a_crash_leaves_its_last_words_and_its_place(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        lost = measured(measuring, tmp_path, measurement("crashes")).failure
    assert lost is not None
    assert lost.log == "the last words\n"
    assert f'File "{tmp_path}/audited.py", line 16, in crashes' in lost.traceback
    assert "speccheck/executors" not in lost.traceback


def test_a_timeout_tells_where_it_was(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        lost = measured(measuring, tmp_path, measurement("hangs"), 0.3).failure
    assert lost is not None
    assert lost.traceback.endswith("in hangs")


def test_a_subject_is_described(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        found = measuring.describe({"v": {"target": "audited:long"}}, "v")
    assert found == Description("str", f"{20 << 20} items")


def test_a_subject_that_crashes_is_described_as_a_failure(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        found = measuring.describe({"v": {"target": "audited:leaves"}}, "v")
    assert isinstance(found, Failure)
    assert "exit code 0" in found.message


@contextmanager
def spawning(job: Job) -> Iterator[Measuring]:
    with opened(job, fork=False) as measuring:
        yield measuring


def test_without_fork_each_worker_is_an_interpreter_of_its_own(tmp_path: Path) -> None:
    with at_work(Executor("spawned", spawning), tmp_path) as measuring:
        first = measured(measuring, tmp_path, measurement("fine"))
        lost = measured(measuring, tmp_path, measurement("crashes"))
        late = measured(measuring, tmp_path, measurement("hangs"), 1.0)
        again = measured(measuring, tmp_path, measurement("fine", seed=1))
        assert isinstance(measuring, Process)
        (worker,) = measuring._workers.values()
    assert first.evidence is not None
    assert first.evidence.log == "printed\n"
    assert lost.failure is not None
    assert lost.failure.message == "its process was killed by SIGSEGV while it measured"
    assert lost.failure.log == "the last words\n"
    assert late.failure is not None
    assert late.failure.kind == "timeout"
    assert again.evidence is not None
    with pytest.raises(ProcessLookupError):
        os.kill(worker.pid, 0)


def test_a_spawned_worker_that_ends_at_once_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with at_work(Executor("spawned", spawning), tmp_path) as measuring:
        lost = measured(measuring, tmp_path, measurement("fine")).failure
    assert lost is not None
    assert "ended itself with exit code 1" in lost.message


def test_the_end_of_a_spawned_worker_is_learnt_without_waitid(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on macOS before Python 3.13."""
    monkeypatch.delattr(os, "waitid")
    with at_work(Executor("spawned", spawning), tmp_path) as measuring:
        lost = measured(measuring, tmp_path, measurement("leaves")).failure
        again = measured(measuring, tmp_path, measurement("fine"))
    assert lost is not None
    assert "ended itself with exit code 0" in lost.message
    assert again.evidence is not None


def test_an_object_that_audited_code_keeps_is_measured_in_a_new_worker_once_it_was_changed(tmp_path: Path) -> None:
    changing = Measurement("values.equal", 1, {"left": {"expr": "v.append(2) or v"}, "right": [2]}, 0, KEPT)
    looking = Measurement("values.equal", 1, {"left": "$v", "right": [1]}, 0, KEPT)
    with at_work(process, tmp_path) as measuring:
        first = measured(measuring, tmp_path, changing)
        then = measured(measuring, tmp_path, looking)
    assert first.evidence is not None
    assert "changed" in first.evidence.findings[-1].message
    assert then.evidence is not None
    assert then.evidence.metrics["equal"] is True
    assert then.evidence.findings == ()


def test_two_code_folders_with_one_name_stand_in_one_run(tmp_path: Path) -> None:
    code = {}
    for name in ("old", "new"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "audited.py").write_text(CODE)
        (tmp_path / name / "package.py").write_text(f"VERSION = {1 if name == 'old' else 2}\n")
        code[name] = str(tmp_path / name)
    with at_work(process, tmp_path, code) as measuring:
        old, new = (measured(measuring, tmp_path, measurement("version", name)) for name in ("old", "new"))
        again = measured(measuring, tmp_path, measurement("version", "old", seed=1))
    assert old.evidence is not None
    assert new.evidence is not None
    assert again.evidence is not None
    assert [found.evidence.metrics["equal"] for found in (old, new, again) if found.evidence] == [True, False, True]


def test_a_number_of_the_spec_is_measured_without_a_worker(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        assert isinstance(measuring, Process)
        wanted = Measurement("value.number", 1, {"value": 3})
        assert measured(measuring, tmp_path, wanted).evidence is not None
        assert measuring._workers == {}
        assert "speccheck-watch" not in {thread.name for thread in threading.enumerate()}


def test_the_evidence_so_far_is_on_disk_before_a_worker_measures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[RunFolder] = []

    def sync(folder: RunFolder) -> None:
        synced.append(folder)

    monkeypatch.setattr(RunFolder, "sync", sync)
    plain = Measurement("value.number", 1, {"value": 1.0})
    with at_work(process, tmp_path) as measuring:
        assert measured(measuring, tmp_path, plain).evidence is not None
        assert len(synced) == 0
        assert measured(measuring, tmp_path, measurement("fine")).evidence is not None
        assert len(synced) == 1


def test_a_worker_that_ended_between_two_measurements_is_replaced(tmp_path: Path) -> None:
    """It was killed for want of memory, for instance: that is no error of the measurement that comes next."""
    with at_work(process, tmp_path) as measuring:
        assert isinstance(measuring, Process)
        measured(measuring, tmp_path, measurement("pid"))
        (worker,) = measuring._workers.values()
        os.kill(worker.pid, signal.SIGKILL)
        assert worker.gone(30.0)
        again = measured(measuring, tmp_path, measurement("fine", seed=1))
    assert again.evidence is not None


def test_a_worker_that_does_not_take_up_a_request_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Audited code may have left a thread in it that gives the interpreter to no other."""
    monkeypatch.setattr("speccheck.executors.workers.PATIENCE", 0.2)
    with at_work(process, tmp_path) as measuring:
        assert isinstance(measuring, Process)
        first = measured(measuring, tmp_path, measurement("blocks_later"))
        time.sleep(0.1)
        again = measured(measuring, tmp_path, measurement("fine", seed=1))
    assert first.evidence is not None
    assert again.evidence is not None


def test_a_worker_that_was_stopped_between_two_measurements_is_continued(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        assert isinstance(measuring, Process)
        measured(measuring, tmp_path, measurement("pid"))
        (worker,) = measuring._workers.values()
        os.kill(worker.pid, signal.SIGSTOP)
        again = measured(measuring, tmp_path, measurement("fine", seed=1))
    assert again.evidence is not None


def test_a_check_of_plain_data_that_raises_is_the_failure_of_its_measurement(tmp_path: Path) -> None:
    with at_work(process, tmp_path) as measuring:
        lost = measured(measuring, tmp_path, Measurement("value.number", 1, {"value": "${env.NOT_SET_ANYWHERE}"}))
        after = measured(measuring, tmp_path, Measurement("value.number", 1, {"value": 3}))
    assert lost.evidence is None
    assert lost.failure is not None
    assert "NOT_SET_ANYWHERE" in lost.failure.message
    assert after.evidence is not None
