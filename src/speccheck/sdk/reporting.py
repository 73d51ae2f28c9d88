"""Reporters, which render a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from speccheck.model.run import Run


@dataclass(frozen=True)
class Reporter:
    """A reporter, named by its format: ``render`` writes a run to a text stream and reads nothing but the run.

    ``links`` states that the report links to files of the run by paths relative to the run's folder, ``record`` that
    it is the run file itself, byte for byte, which may then be copied.
    """

    name: str
    render: Callable[[Run, TextIO], None]
    doc: str = ""
    suffix: str = ".txt"
    links: bool = False
    record: bool = False
