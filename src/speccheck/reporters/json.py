"""The run file itself, in its canonical bytes: what every other program should read."""

from __future__ import annotations

import io
from typing import TextIO

from speccheck.model.run import Run
from speccheck.reporters._text import emit
from speccheck.sdk.reporting import Reporter

_PIECE = 1 << 20
"""Characters written at a time: the text of a large run is not held beside its bytes."""


def render(run: Run, stream: TextIO) -> None:
    """Write ``run.to_bytes()``; on a stream that is not UTF-8, what it cannot carry as JSON escapes."""
    text = io.TextIOWrapper(io.BytesIO(run.to_bytes()), "utf-8", newline="")
    while piece := text.read(_PIECE):
        emit(stream, piece)


reporter = Reporter(name="json", render=render, doc="The run file: everything, for programs.", suffix=".json")
