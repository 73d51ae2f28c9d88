"""Whatever audited code does to the process, its entry has evidence or a failure, and the next entry a clean ground."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from speccheck.executors.local import local_executor
from speccheck.model.run import Measured
from speccheck.model.spec import Measurement, Spec
from speccheck.registry import discover
from speccheck.sdk.executing import Job
from speccheck.store import Redactor, RunFolder

CODE = """
import asyncio, os, signal, sys, time


def fine():
    print("printed")
    return 1


def leaves():
    os._exit(0)


def quits():
    sys.exit(0)


def interrupts():
    raise KeyboardInterrupt


def cancels():
    raise asyncio.CancelledError


def swallows():
    try:
        time.sleep(30)
    except BaseException:
        pass
    return 1


def disarms():
    signal.setitimer(signal.ITIMER_REAL, 0)
    time.sleep(0.4)
    return 1


def closes():
    sys.stdout.close()
    return 1


def detaches():
    sys.stdout.detach()
    return 1


def moves():
    os.chdir("/")
    os.environ["SPECCHECK_LEFT"] = "behind"
    import torch
    torch.set_default_dtype(torch.float64)
    return 1


def waits():
    print("pretrain: seed 1, step 100 of 200, loss 0.9", file=sys.stderr)
    for _ in range(6000):
        if os.path.exists(os.environ["SPECCHECK_TOLD"]):
            return 1
        time.sleep(0.01)


def shouts():
    raise ValueError("x" * 1_000_000 + chr(0xDC80))
"""


def measure(
    tmp_path: Path, name: str, timeout: float | None = None, tell: Callable[[str], None] = lambda message: None
) -> Measured:
    (tmp_path / "audited.py").write_text(CODE)
    (tmp_path / "run").mkdir(exist_ok=True)
    spec = Spec("t", "s.yaml", str(tmp_path), (), code={"": str(tmp_path)})
    folder = RunFolder(tmp_path / "run", "run", Redactor((), {}))
    subjects = {"v": {"target": f"audited:{name}"}}
    params = {"left": {"expr": "[v]"}, "right": {"expr": "[v]"}}
    measurement = Measurement("values.equal", 1, params, 0, subjects)
    with local_executor(Job(spec, discover(), {}, folder, time.perf_counter, tell)) as executor:
        first = executor.measure(measurement, measurement.digest(), tmp_path, timeout)
        plain = Measurement("value.number", 1, {"value": 3})
        assert executor.measure(plain, plain.digest(), tmp_path, timeout).evidence is not None
    return first


def test_evidence_comes_with_what_was_printed(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    measured = measure(tmp_path, "fine")
    assert measured.evidence is not None
    assert measured.evidence.metrics["equal"] is True
    assert measured.evidence.log == "printed\n"
    assert capfd.readouterr().out == ""


def test_a_picture_that_the_check_names_is_one_artifact(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    spec = Spec("t", "s.yaml", str(tmp_path), (), code={"": str(tmp_path)})
    folder = RunFolder(tmp_path / "run", "run", Redactor((), {}))
    measurement = Measurement("series.trend", 1, {"series": {"expr": "{'loss': [2.0, 1.0]}"}})
    with local_executor(Job(spec, discover(), {}, folder, time.perf_counter)) as executor:
        measured = executor.measure(measurement, measurement.digest(), tmp_path, None)
    assert measured.evidence is not None
    assert list(measured.evidence.artifacts) == ["series"]


@pytest.mark.slow
def test_weights_that_a_file_lacks_are_a_finding_of_all_that_reach_the_module(tmp_path: Path) -> None:
    import torch

    (tmp_path / "run").mkdir()
    torch.save({"weight": torch.ones(1, 2)}, tmp_path / "part.pt")
    spec = Spec("t", "s.yaml", str(tmp_path), (), code={"": str(tmp_path)})
    folder = RunFolder(tmp_path / "run", "run", Redactor((), {}))
    weights = {"file": "part.pt", "missing": ["bias"]}
    subjects = {
        "net": {"target": "torch.nn:Linear", "args": [2, 1], "weights": weights},
        "sizes": {"expr": "[list(p.shape) for p in net.parameters()]"},
    }
    measurement = Measurement("values.equal", 1, {"left": "$sizes", "right": [[1, 2], [1]]}, 0, subjects)
    with local_executor(Job(spec, discover(), {}, folder, time.perf_counter)) as executor:
        measured = executor.measure(measurement, measurement.digest(), tmp_path, None)
    assert measured.evidence is not None, measured.failure
    assert measured.evidence.metrics["equal"] is True
    assert [finding.message for finding in measured.evidence.findings] == [
        "subject net: part.pt holds 1 of the module's 2 weights; allowed to be missing: bias"
    ]


def test_what_a_subject_prints_while_it_is_built_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    messages: list[str] = []
    seen = tmp_path / "told"
    monkeypatch.setenv("SPECCHECK_TOLD", str(seen))

    def tell(message: str) -> None:
        messages.append(message)
        seen.touch()

    measured = measure(tmp_path, "waits", tell=tell)
    assert messages == ["pretrain: seed 1, step 100 of 200, loss 0.9"]
    assert measured.evidence is not None
    assert measured.evidence.metrics["equal"] is True


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("leaves", "os._exit(0)"),
        ("quits", "SystemExit: 0"),
        ("interrupts", "KeyboardInterrupt"),
        ("cancels", "CancelledError"),
    ],
)
def test_ending_the_process_is_a_failure_of_the_entry(tmp_path: Path, name: str, message: str) -> None:
    measured = measure(tmp_path, name)
    assert measured.evidence is None
    assert measured.failure is not None
    assert message in measured.failure.message


@pytest.mark.parametrize("name", ["swallows", "disarms"])
def test_code_that_escapes_its_timeout_is_late_all_the_same(tmp_path: Path, name: str) -> None:
    measured = measure(tmp_path, name, timeout=0.2)
    assert measured.evidence is None
    assert measured.failure is not None
    assert measured.failure.kind == "timeout"


@pytest.mark.parametrize("name", ["closes", "detaches"])
def test_closing_the_streams_costs_nobody_the_output(
    tmp_path: Path, name: str, capfd: pytest.CaptureFixture[str]
) -> None:
    measured = measure(tmp_path, name)
    assert measured.evidence is not None
    assert measured.failure is None
    print("still here", flush=True)
    os.write(1, b"and here\n")
    assert capfd.readouterr().out == "still here\nand here\n"


@pytest.mark.slow
def test_the_next_entry_stands_on_the_same_ground(tmp_path: Path) -> None:
    import torch

    folder = Path.cwd()
    assert measure(tmp_path, "moves").evidence is not None
    assert Path.cwd() == folder
    assert "SPECCHECK_LEFT" not in os.environ
    assert torch.get_default_dtype() == torch.float32


def test_a_message_of_any_size_can_be_recorded(tmp_path: Path) -> None:
    measured = measure(tmp_path, "shouts")
    assert measured.failure is not None
    assert len(measured.failure.message) < 10_000
    assert "characters left out" in measured.failure.message
    measured.failure.message.encode("utf-8")
    assert "audited" not in sys.modules
