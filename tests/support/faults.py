"""Audits of code with a fault in its middle, run by the command in a process of its own, and what they leave behind."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
import time
import uuid
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from textwrap import dedent, indent
from typing import Any, NamedTuple

from support.commands import ENVIRON, Project, outcomes
from support.distributions import install, write
from support.faulty_code import AUDITED, FILES, HEAD

COMMAND = [sys.executable, "-c", "from speccheck.cli.main import entry; entry()"]

CODES = {"PASS": 0, "FAIL": 1, "ERROR": 3}

MARK = "SPECCHECK_TEST_MARK"
"""The variable by which the processes of one run are found, wherever they have gone."""


class Fault(NamedTuple):
    """What a function does that an entry calls, and how its entry is to end.

    ``kind`` and ``says`` (at the beginning of the message, a pattern) are of the recorded failure; with an empty
    ``kind`` the entry has evidence.
    """

    body: str
    kind: str
    says: str
    outcome: str = "error"
    timeout: float | None = 20
    expect: str = "{value: 1}"
    traceback: str = ""
    """A text in the traceback that is recorded."""
    log: str = ""
    """A text in the output that is recorded."""
    building: bool = False
    """The fault is in building the subject, not in calling it."""


class Faulty(Project):
    """A project whose spec has these faults, each between entries over one healthy subject."""

    def __init__(self, folder: Path, faults: Mapping[str, Fault], *, violated: bool = False) -> None:
        super().__init__(folder)
        self.faults = faults
        self.violated = violated
        self.mark = uuid.uuid4().hex
        self.done: subprocess.CompletedProcess[str] | None = None
        self.left: list[str] = []
        self.seconds = 0.0
        self.site = install(folder / "site", "acme-audit", "acme.plugin", FILES)
        paths = [str(self.site), *filter(None, [os.environ.get("PYTHONPATH")])]
        self.environ = {**ENVIRON, "PYTHONPATH": os.pathsep.join(paths), MARK: self.mark}
        code = [AUDITED]
        for name, fault in faults.items():
            code.append(f"\n\ndef {_python(name)}():\n{indent(dedent(fault.body).strip(), '    ')}\n")
        write(folder, {"pyproject.toml": "", "audited.py": "".join(code), "spec.yaml": _spec(faults, violated)})

    def run(self, *arguments: str, seconds: float = 60, before: str = "", patience: float = 0.0) -> int:
        """Run the spec and return the exit code; ``before`` is code for the main process, run before the command.

        What is left is looked for after the end; ``patience`` is how many seconds it may take to end, too.
        """
        command = [*COMMAND[:-1], f"{before}\n{COMMAND[-1]}"]
        started = time.monotonic()
        with subprocess.Popen(
            [*command, "run", "spec.yaml", *arguments],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                stdout, stderr = process.communicate(timeout=seconds)
                until = time.monotonic() + patience
                while (left := processes(self.mark)) and time.monotonic() < until:
                    time.sleep(0.02)
                self.left = left
            finally:
                kill(self.mark)
        self.seconds = time.monotonic() - started
        self.done = subprocess.CompletedProcess(command, process.returncode, stdout, stderr)
        return process.returncode

    def again(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another command."""
        return subprocess.run(
            [*COMMAND, *arguments],
            cwd=self.folder,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @cached_property
    def kept(self) -> dict[str, Any]:
        """The file of record of the run."""
        return self.record()

    def measured(self, name: str) -> dict[str, Any]:
        """What was measured for an entry."""
        digest = next(result["measured"] for result in self.kept["entries"] if result["entry"]["id"] == name)
        return dict(self.kept["measurements"][digest])

    def check(self, name: str) -> None:
        """The entry with this fault ended as it is to end, and the entry after it is as if there were no fault."""
        fault, measured, found = self.faults[name], self.measured(name), outcomes(self.kept)
        failure = measured.get("failure", {})
        message = failure.get("message", "")
        assert failure.get("kind", "") == fault.kind, message
        assert re.match(fault.says, message), message
        assert found[name] == fault.outcome
        # Under load, a process may be killed before it has written where it is.
        assert not failure.get("traceback") or fault.traceback in failure["traceback"]
        assert fault.log in (failure or measured["evidence"]).get("log", "")
        assert found[f"after-{name}"] == "passed"


def check_run(audit: Faulty) -> None:
    """The run is whole and valid, its exit code right, every healthy entry as without faults; nothing is left."""
    assert audit.done is not None
    assert "speccheck itself failed" not in audit.done.stderr, audit.done.stderr
    found = outcomes(audit.kept)
    assert len(found) == 3 + audit.violated + 2 * len(audit.faults)
    healthy = {name: outcome for name, outcome in found.items() if name not in audit.faults and name != "violated"}
    assert {name: outcome for name, outcome in healthy.items() if outcome != "passed"} == {}
    decided = "FAIL" if "failed" in found.values() else "ERROR" if "error" in found.values() else "PASS"
    assert (audit.kept["decision"], audit.done.returncode) == (decided, CODES[decided])
    assert audit.again("report").returncode == 0
    assert audit.again("judge").returncode == CODES[decided]
    assert audit.left == []


def _python(name: str) -> str:
    return "fault_" + "".join(character if character.isalnum() else "_" for character in name)


def _spec(faults: Mapping[str, Fault], violated: bool) -> str:
    subjects, checks = [HEAD], ["checks:\n"]
    healthy = "check: fault.call, with: {{call: $double, args: [{0}]}}, expect: {{value: {1}}}"
    checks.append("  - {id: before, check: value.number, with: {value: 1}, expect: {value: 1}}\n")
    if violated:
        checks.append("  - {id: violated, check: value.number, with: {value: 2}, expect: {value: 1}}\n")
    checks.append(f"  - {{id: before-shared, {healthy.format(0, 0)}}}\n")
    for number, (name, fault) in enumerate(faults.items(), 1):
        how = "target" if fault.building else "function"
        subjects.append(f'  {_python(name)}: {{{how}: "audited:{_python(name)}"}}\n')
        limit = f"timeout: {fault.timeout}s, " if fault.timeout is not None else ""
        call = f"check: fault.call, with: {{call: ${_python(name)}}}"
        checks.append(f"  - {{id: {name}, {limit}{call}, expect: {fault.expect}}}\n")
        checks.append(f"  - {{id: after-{name}, {healthy.format(number, 2 * number)}}}\n")
    checks.append("  - {id: after, check: value.number, with: {value: 3}, expect: {value: 3}}\n")
    return "".join(subjects + checks)


def audited(folder: Path, faults: Mapping[str, Fault], *, violated: bool = False) -> Faulty:
    """A project with these faults, whose spec was run."""
    audit = Faulty(folder, faults, violated=violated)
    audit.run()
    return audit


def processes(mark: str) -> list[str]:
    """The processes with this mark in their environment, each with its command."""
    found = []
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if wanted in (folder / "environ").read_bytes():
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
                found.append(f"{folder.name}: {command[:120]}")
    return found


def kill(mark: str) -> None:
    """End the processes with this mark: no test leaves any, even if it fails."""
    for line in processes(mark):
        with contextlib.suppress(ProcessLookupError):
            os.kill(int(line.partition(":")[0]), 9)
