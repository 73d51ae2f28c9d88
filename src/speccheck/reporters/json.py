"""The run file in its canonical bytes, for other programs."""

from __future__ import annotations

from typing import TextIO

from speccheck.model.run import Run
from speccheck.reporters._text import emit
from speccheck.sdk.reporting import Reporter


def render(run: Run, stream: TextIO) -> None:
    """Write ``run.to_bytes()``; characters that the stream's encoding lacks are JSON escapes."""
    emit(stream, run.to_bytes().decode())


reporter = Reporter(name="json", render=render, doc="The run file, for programs.", suffix=".json")
