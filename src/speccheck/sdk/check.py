"""A check: parameters, metrics, the function that measures, and a version. And the context a measurement gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from speccheck.model.evidence import Artifact, Evidence
from speccheck.model.metrics import Metrics

P = TypeVar("P")


class Context(Protocol):
    """What a measurement gets from the engine besides its parameters."""

    @property
    def seed(self) -> int:
        """The entry's seed; random, numpy and torch are already seeded with it."""

    @property
    def folder(self) -> Path:
        """The folder of the spec, absolute."""

    @property
    def timeout(self) -> float | None:
        """Seconds this measurement may take, or None; a check that starts processes hands it on."""

    def artifact(self, name: str) -> Path:
        """A path inside the run's folder to write a file to; ValueError for a name that leaves it."""

    def keep(self, name: str, path: Path, media_type: str = "application/octet-stream") -> Artifact:
        """Record a file written at :meth:`artifact` (or copy another file in) as evidence of this measurement."""

    def progress(self, message: str) -> None:
        """Tell the user that a long measurement is getting on."""


@dataclass(frozen=True)
class Check(Generic[P]):
    """A registered implementation that measures; the last line of a check module builds one.

    ``version`` rises whenever the same parameters may measure something else than before.
    """

    params: type[P]
    metrics: Metrics
    measure: Callable[[P, Context], Evidence]
    version: int = 1
