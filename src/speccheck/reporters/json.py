"""The run file in its canonical bytes, for other programs."""

from __future__ import annotations

import io
from typing import TextIO

from speccheck.model.run import Run
from speccheck.reporters._text import emit
from speccheck.sdk.reporting import Reporter

_PIECE = 1 << 20
"""Characters written at a time: the text of a large run is not held beside its bytes."""


def render(run: Run, stream: TextIO) -> None:
    """Write ``run.to_bytes()``; characters that the stream's encoding lacks are JSON escapes."""
    text = io.TextIOWrapper(io.BytesIO(run.to_bytes()), "utf-8", newline="")
    while piece := text.read(_PIECE):
        emit(stream, piece)


reporter = Reporter(name="json", render=render, doc="The run file, for programs.", suffix=".json", record=True)
