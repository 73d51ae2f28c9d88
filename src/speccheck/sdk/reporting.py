"""Reporters: renderings of a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TextIO

from speccheck.model.run import Run


@dataclass(frozen=True)
class Reporter:
    """A rendering of a run onto a text stream, named by its format; it reads the run and nothing else.

    ``links`` states that the report links to files of the run by paths relative to the run's folder.
    """

    name: str
    render: Callable[[Run, TextIO], None]
    doc: str = ""
    suffix: str = ".txt"
    links: bool = False
