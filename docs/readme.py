"""Fill in the blocks of README.md: ``python docs/readme.py``.

After ``<!-- file: PATH -->``, the fenced block shows that file. After ``<!-- run: COMMAND -->``, it shows the command
as typed and its output, run from the repository root, with ``...`` in place of omitted lines. If only run ids,
durations or the last digits of numbers differ, the block is left as it is.
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

_PROGRESS = re.compile(r"  … ")
_RUN_ID = re.compile(r"\b\d{8}T\d{6}Z-[0-9a-f]{8}(-[0-9a-f]+)?\b")
_SECONDS = re.compile(r"<?\b\d+(\.\d+)? s\b")
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?(?![\w])")
_BLANK = re.compile(r"[ -]{2,}")


@dataclass(frozen=True)
class Block:
    """A block of the README that this script writes."""

    kind: str
    what: str
    body: str


def blocks(text: str) -> Iterator[Block]:
    """Yield the blocks to fill in, in order."""
    for match in BLOCK.finditer(text):
        yield Block(match["kind"], match["what"], match["body"])


def run(command: str, folder: Path) -> tuple[int, str]:
    """Run a command in that folder with this environment's programs; return exit code and output, errors included."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    environ = {**os.environ, "PATH": path, "COLUMNS": "120"}
    done = subprocess.run(
        command, shell=True, cwd=folder, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )
    return done.returncode, done.stdout.decode("utf-8").replace(str(folder), "/path/to/checkout")


def shown(command: str, output: str) -> str:
    """Return a console block: the command and its output, without progress and the middle of long output."""
    lines = [line.rstrip() for line in output.splitlines() if not _PROGRESS.match(line)]
    if len(lines) > LONGEST:
        lines = [*lines[:HEAD], "...", *lines[-TAIL:]]
    return "\n".join([f"$ {command}", *lines, ""])


def same(one: str, other: str) -> bool:
    """Return whether two blocks agree: run ids, durations and widths aside, and decimals to a tenth of their value."""
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
    """Return the README with all its blocks filled in."""

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
