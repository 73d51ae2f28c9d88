"""Commands that are run to their end or their time limit."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from speccheck.sdk import MeasurementError, process


def _run(tmp_path: Path, *command: str, env: Mapping[str, str] | None = None, **options: Any) -> tuple[int | None, str]:
    out, err = tmp_path / "out", tmp_path / "err"
    given = {"folder": tmp_path, "text": "", "timeout": 30.0, "grace": 1.0, **options}
    finished = process.run(command, env=env or {}, stdout=out, stderr=err, **given)
    return finished.exit_code, out.read_text()


def test_exit_code_output_input_folder_and_environment(tmp_path: Path) -> None:
    code = "import os, sys; print(input(), os.getcwd(), os.environ['GIVEN'], sys.executable); sys.exit(3)"
    exit_code, output = _run(tmp_path, "python", "-c", code, env={"GIVEN": "here"}, text="typed\n")
    assert exit_code == 3
    assert output.split() == ["typed", str(tmp_path.resolve()), "here", sys.executable]


def test_a_signal_is_a_negative_exit_code(tmp_path: Path) -> None:
    assert _run(tmp_path, "python", "-c", "import os; os.kill(os.getpid(), 9)")[0] == -9


def test_out_of_time_is_no_exit_code(tmp_path: Path) -> None:
    began = time.monotonic()
    assert _run(tmp_path, "python", "-c", "import time; time.sleep(60)", timeout=0.3)[0] is None
    assert time.monotonic() - began < 20


def test_what_ignores_the_request_is_killed(tmp_path: Path) -> None:
    code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    began = time.monotonic()
    assert _run(tmp_path, "python", "-c", code, timeout=0.5, grace=0.2)[0] is None
    assert time.monotonic() - began < 20


def test_it_is_watched_while_it_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "EVERY", 0.01)
    seen: list[float] = []
    command = ("python", "-c", "import time; time.sleep(0.3)")
    assert _run(tmp_path, *command, watch=lambda: seen.append(time.monotonic()))[0] == 0
    assert len(seen) > 2


@pytest.mark.parametrize(
    ("command", "options", "message"),
    [
        (("no-such-command",), {}, "no command 'no-such-command' on PATH"),
        (("/no/such/file",), {}, "cannot be started: No such file"),
        (("python",), {"folder": Path("/no/such/folder")}, "working folder /no/such/folder does not exist"),
    ],
)
def test_what_cannot_be_started(tmp_path: Path, command: tuple[str], options: dict[str, Any], message: str) -> None:
    with pytest.raises(MeasurementError, match=message):
        _run(tmp_path, *command, **options)
