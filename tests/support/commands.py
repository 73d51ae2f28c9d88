"""Run the ``speccheck`` command in a process of its own, and read what it left in the store."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

# The suite's workers share few cores, and threads that wait in a spin would occupy them all.
ENVIRON = {**os.environ, "OMP_NUM_THREADS": "1"}
COMMAND = [sys.executable, "-c", "from speccheck.cli.main import main; main()"]


class Project:
    """A folder with a spec, in which commands are run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, *arguments: str, code: int) -> subprocess.CompletedProcess[str]:
        """Run a command that must end in this exit code, and never in a traceback of speccheck's own."""
        command = [*COMMAND, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, env=ENVIRON, capture_output=True, text=True, check=False, timeout=300
        )
        assert done.returncode == code, f"exit {done.returncode}\n{done.stdout}\n{done.stderr}"
        assert "speccheck itself failed" not in done.stderr
        return done

    def runs(self) -> list[str]:
        """The ids of the runs that are kept, sorted."""
        return sorted(path.parent.name for path in self.folder.glob(".speccheck/runs/*/run.json"))

    def record(self, name: str = "latest") -> dict[str, Any]:
        """The file of record of a run."""
        store = self.folder / ".speccheck" / "runs"
        if name == "latest":
            name = (store / "latest").read_text("utf-8").strip()
        data: dict[str, Any] = json.loads((store / name / "run.json").read_text("utf-8"))
        return data


def outcomes(record: dict[str, Any]) -> dict[str, str]:
    """The outcome of every entry of a file of record, by id."""
    return {result["entry"]["id"]: result["judgement"]["outcome"] for result in record["entries"]}


def verdicts(record: dict[str, Any]) -> dict[str, Any]:
    """Every judgement of a file of record, by id; verdicts and constraints are sorted, as records sort mappings."""
    return {result["entry"]["id"]: _sorted(result["judgement"]) for result in record["entries"]}


def _sorted(judgement: dict[str, Any]) -> dict[str, Any]:
    found = [
        {**verdict, "constraints": sorted(verdict["constraints"], key=lambda item: json.dumps(item, sort_keys=True))}
        for verdict in judgement.get("verdicts", [])
    ]
    return {**judgement, "verdicts": sorted(found, key=lambda verdict: str(verdict["metric"]))}
