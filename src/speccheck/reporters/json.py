"""The run file itself, in its canonical bytes: what every other program should read."""

from __future__ import annotations

from typing import TextIO

from speccheck.model.run import Run
from speccheck.reporters._text import emit
from speccheck.sdk.reporting import Reporter


def render(run: Run, stream: TextIO) -> None:
    """Write ``run.to_bytes()``; on a stream that is not UTF-8, what it cannot carry as JSON escapes."""
    emit(stream, run.to_bytes().decode())


reporter = Reporter(name="json", render=render, doc="The run file: everything, for programs.", suffix=".json")
