"""What a reader of a failed run sees: each cause once, what explains the rest first, names, and no flood of lines."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
from pathlib import Path

import pytest

from support.commands import COMMAND, ENVIRON, Project
from support.trees import copy_of_stage3

pytestmark = pytest.mark.slow  # it starts many processes

COLUMNS = 80

AUDITED = """\
import time

def raises():
    print("about to fail")
    raise ValueError("loading Net:\\n\\tsize mismatch for a")

def hangs():
    print("step 1")
    time.sleep(60)

def parts():
    return {"numbers": list(range(40)), "names": [f"layer.{at}.weight" for at in range(30)]}
"""

HEAD = """\
speccheck: 1
title: Failures
code: .
subjects:
  raises: {function: "audited:raises"}
  hangs: {function: "audited:hangs"}
  parts: {target: "audited:parts"}
checks:
"""


def on_a_terminal(arguments: list[str], folder: Path, environ: dict[str, str] | None = None) -> str:
    """Return what the command shows on a terminal of 80 columns: lines that are overwritten are not shown."""
    controller, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, COLUMNS, 0, 0))
    known = {name: value for name, value in ENVIRON.items() if name not in ("COLUMNS", "NO_COLOR")}
    running = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=folder,
        env=known | (environ or {}),
        stdin=subprocess.DEVNULL,
        stdout=terminal,
        stderr=terminal,
    )
    os.close(terminal)
    data = b""
    try:
        while part := os.read(controller, 65536):
            data += part
    except OSError:  # on Linux, the sign that the other end is closed
        pass
    os.close(controller)
    running.wait(60)
    return data.decode().replace("\r\n", "\n")


def visible_lines(written: str) -> list[str]:
    """Return the lines that stay on the screen, without colours."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written)
    return [line.rpartition("\r\x1b[K")[2] for line in plain.removesuffix("\n").split("\n")]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "audited.py").write_text(AUDITED)
    return Project(tmp_path)


def report(project: Project, entries: str, code: int = 1) -> str:
    (project.folder / "spec.yaml").write_text(HEAD + entries)
    return project("run", "spec.yaml", code=code).stdout


@pytest.mark.slow
def test_a_broken_import_in_under_60_lines(tmp_path: Path) -> None:
    """Of 45 entries, 34 need what cannot be imported, 2 are commands that import it, 7 need those commands."""
    folder = copy_of_stage3(tmp_path)
    package = folder / "examples" / "uti" / "uti"
    (package / "image.py").rename(package / "picture.py")
    lines = visible_lines(on_a_terminal(["run", "specs/stage3.yaml"], folder))
    text = "\n".join(lines)
    assert len(lines) < 60, text
    assert not [line for line in lines if len(line) > COLUMNS], text
    assert lines[-1] == "FAIL (3 of 45 judged; 34 error, 7 blocked, 1 measured)"
    assert text.count("from uti.image import nearest") == 1
    assert text.count("Traceback (most recent call last)") == 1
    assert "ERROR in 34 entries; subjects uti, diffusion, trainer" in text
    for name in ("token-space", "lm-generate", "idempotence-audio", "artifacts", "lm-artifacts"):
        assert len(re.findall(rf"(?<![\w-]){name}(?![\w-])", text)) >= 1, name
    assert "importlib" not in text
    again = project_report(folder)
    assert len(again.splitlines()) < 60, again


def project_report(folder: Path) -> str:
    done = subprocess.run(
        [*COMMAND, "report"], cwd=folder, env=ENVIRON | {"COLUMNS": "80"}, capture_output=True, text=True, check=True
    )
    return done.stdout


def test_long_lists_show_their_first_items_and_their_number(project: Project) -> None:
    text = report(
        project,
        "  - {id: lists, check: config.values, with: {source: $parts, keys: {a: numbers, b: names}},"
        " expect: {values.a: [1], values.b: {length: 0}}}\n",
    )
    text = " ".join(text.split())
    assert "values.a = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, …] (40 items); wanted equals: [1]" in text
    assert "values.b = 30 [layer.0.weight, layer.1.weight, " in text


def test_a_missing_file_is_said_before_what_it_leaves_unknown(project: Project) -> None:
    text = report(
        project,
        "  - {id: files, check: files.inspect, with: {paths: [gone.png]},"
        " expect: {size.*: {min: 3}, missing: {length: 0}}}\n",
    )
    assert text.index("missing = 1 [gone.png]; wanted") < text.index('): size["gone.png"]; wanted')
    assert text.splitlines()[0].startswith("1/1 failed   files  missing 1 [gone.png] (violated length equals 0")


COMMAND_ENTRY = (
    "  - {{id: command, check: command.run, timeout: {timeout},"
    " with: {{command: [python, -c, {code!r}], patterns: {{nan: loss=nan}}}}, expect: {expect}}}\n"
)


def test_a_timeout_is_said_before_what_is_absent_for_it(project: Project) -> None:
    entry = COMMAND_ENTRY.format(timeout="4s", code="import time; time.sleep(60)", expect="{exit_code: 0}")
    text = report(project, entry, code=3)
    assert text.splitlines()[0].startswith(
        "1/1 error    command  the command did not end within 3.6 s and was stopped; exit_code (unknown"
    )
    assert text.index("finding: the command did not end") < text.index("): exit_code; wanted")


def test_the_line_that_matched_is_shown_and_all_lines_are_counted(project: Project) -> None:
    code = 'for i in range(31): print("loss=nan" if i == 3 else f"line {i}")'
    text = report(project, COMMAND_ENTRY.format(timeout="60s", code=code, expect="{matches.nan: false}"))
    assert "  finding: stdout.txt:4: matches nan: loss=nan\n" in text
    assert "  output, last 8 of 31 lines:\n    | line 23\n" in text


def test_of_an_error_message_place_and_output_are_shown(project: Project) -> None:
    text = report(
        project,
        "  - {id: a, check: determinism.repeat, with: {call: $raises}, expect: {identical: true}}\n"
        "  - {id: b, check: determinism.repeat, with: {call: $raises}, seed: 3, expect: {identical: true}}\n"
        "  - {id: c, check: value.number, needs: [b], with: {value: 1}, expect: {value: 1}}\n",
        code=3,
    )
    assert "ERROR in 2 entries\n  ValueError: loading Net:\n      size mismatch for a\n    Traceback" in text
    assert text.count('raise ValueError("') == 1
    assert "\n  output, 1 line:\n    | about to fail\n  a, b\n  blocks 1 entry: c\n" in text
    assert "2/3 error    b  as a\n" in text


def test_warned_entries_stand_above_the_decision_by_name(project: Project) -> None:
    text = report(
        project,
        "  - {id: ids, check: value.number, with: {value: 5}, severity: warn, expect: {value: {max: 3}}}\n",
        code=0,
    )
    assert text.splitlines()[-3] == "warned ids: value 5 (violated max 3, margin -2)"
    assert text.splitlines()[-1] == "PASS (1 of 1 judged; 1 warned)"


def test_markdown_has_results_before_the_environment(project: Project) -> None:
    report(project, "  - {id: n, check: value.number, with: {value: 5}, expect: {value: {max: 3}}}\n")
    page = project("report", "--format", "markdown", code=0).stdout
    assert page.index("## PASS/FAIL Table") < page.index("## Evidence") < page.index("## Environment")


@pytest.mark.parametrize(("environ", "colours"), [({}, True), ({"NO_COLOR": "1"}, False)])
def test_no_color_is_honoured(project: Project, environ: dict[str, str], colours: bool) -> None:
    report(project, "  - {id: n, check: value.number, with: {value: 5}, expect: {value: {max: 3}}}\n")
    written = on_a_terminal(["report"], project.folder, environ)
    assert ("\x1b[31m" in written) is colours


@pytest.mark.parametrize("columns", [40, 80, 120])
@pytest.mark.parametrize("arguments", ["list checks", "list constraints", "list loaders", "explain train.overfit"])
def test_lists_and_pages_keep_to_the_width(tmp_path: Path, arguments: str, columns: int) -> None:
    environ = ENVIRON | {"COLUMNS": str(columns)}
    command = [*COMMAND, *arguments.split()]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=True)
    text = re.sub(r"```.*?```", "", done.stdout, flags=re.DOTALL)  # an example is not broken into lines
    assert not [line for line in text.splitlines() if len(line) > columns]
