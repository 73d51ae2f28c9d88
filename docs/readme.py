"""Fills in the blocks of README.md: ``python docs/readme.py``.

``<!-- file: PATH -->`` before a fenced block: the block is that file. ``<!-- run: COMMAND -->``: the block is the
command as typed and what it prints, run from the repository root; ``...`` stands for lines left out. A block whose
command still says the same, but for run ids, durations and the last digits of numbers, is left as it is.
"""

from __future__ import annotations

import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"
BLOCK = re.compile(r"<!-- (?P<kind>file|run): (?P<what>.+?) -->\n```(?P<language>\w+)\n(?P<body>.*?)```\n", re.DOTALL)
LONGEST, HEAD, TAIL = 45, 24, 8

_PROGRESS = re.compile(r" *\d+/\d+ \w+ |  … ")
_RUN_ID = re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}(-[0-9a-f]+)?\b")
_SECONDS = re.compile(r"<?\b\d+(\.\d+)? s\b")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
_BLANK = re.compile(r"[ -]{2,}")


@dataclass(frozen=True)
class Block:
    """One block of the README that this script writes."""

    kind: str
    what: str
    body: str


def blocks(text: str) -> Iterator[Block]:
    """The blocks to be filled in, in order."""
    for match in BLOCK.finditer(text):
        yield Block(match["kind"], match["what"], match["body"])


def run(command: str, folder: Path) -> tuple[int, str]:
    """Exit code and output, errors among it, of a command typed in that folder with this environment's programs."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environ = {**os.environ, "PATH": path, "COLUMNS": "120"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode("utf-8").replace(str(folder), "/path/to/checkout")


def shown(command: str, output: str) -> str:
    """A console block's text: the command, and its output without live lines and without the middle of a long one."""
    lines: list[str] = []
    for line in output.splitlines():
        short = "..." if _PROGRESS.match(line) else line.rstrip()
        if short != "..." or lines[-1:] != ["..."]:
            lines.append(short)
    if len(lines) > LONGEST:
        lines = [*lines[:HEAD], "...", *lines[-TAIL:]]
    return "\n".join([f"$ {command}", *lines, ""])


def same(one: str, other: str) -> bool:
    """Whether two blocks say the same: run ids, durations and widths left out, decimals to a tenth of their value."""
    (words, numbers), (words2, numbers2) = _normal(one), _normal(other)
    return words == words2 and len(numbers) == len(numbers2) and all(map(_close, numbers, numbers2))


def _normal(text: str) -> tuple[str, list[str]]:
    text = _SECONDS.sub("SECONDS", _RUN_ID.sub("RUN", text))
    return _BLANK.sub(" ", _NUMBER.sub("#", text)), _NUMBER.findall(text)


def _close(one: str, other: str) -> bool:
    if one.lstrip("+-").isdigit() and other.lstrip("+-").isdigit():
        return int(one) == int(other)
    return math.isclose(float(one), float(other), rel_tol=0.1)


def filled(text: str, runner: Callable[[str, Path], tuple[int, str]] = run) -> str:
    """The README with all its blocks filled in."""

    def fill(match: re.Match[str]) -> str:
        body = match["body"]
        if match["kind"] == "file":
            body = (ROOT / match["what"]).read_text("utf-8")
        else:
            now = shown(match["what"], runner(match["what"], ROOT)[1])
            body = body if same(body, now) else now
        return f"<!-- {match['kind']}: {match['what']} -->\n```{match['language']}\n{body}```\n"

    return BLOCK.sub(fill, text)


if __name__ == "__main__":
    README.write_text(filled(README.read_text("utf-8")), "utf-8")
    sys.stdout.write(f"wrote {README}\n")
