"""Check, which is parameters, metrics, the function that measures and a version, and the context of a measurement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, Protocol, TypeVar

from speccheck.model.evidence import Artifact, Evidence
from speccheck.model.metrics import Metrics

P = TypeVar("P")


class Context(Protocol):
    """The engine's side of a measurement: seed, folder, time limit, artifacts and progress."""

    @property
    def seed(self) -> int:
        """The seed of the entry; random, numpy and torch are already seeded with it."""

    @property
    def folder(self) -> Path:
        """The folder of the spec, absolute."""

    @property
    def timeout(self) -> float | None:
        """The time limit of this measurement in seconds, or None; a check that starts processes passes it on."""

    def artifact(self, name: str) -> Path:
        """Return a path inside the run's folder to write a file to; ValueError for a name that leaves the folder."""

    def keep(self, name: str, path: Path, media_type: str = "application/octet-stream") -> Artifact:
        """Record a file as evidence: one written at :meth:`artifact`, or a copy of another."""

    def progress(self, message: str) -> None:
        """Report the progress of a long measurement to the user."""


@dataclass(frozen=True)
class Check(Generic[P]):
    """A registered implementation that measures; the last line of a check module builds one.

    Raise ``version`` when the same parameters may measure something else than before. ``pure`` declares that the check
    runs no code but its own, and ends soon: its parameters are plain data alone. A built-in one is measured in the
    process that judges, which costs least.
    """

    params: type[P]
    metrics: Metrics
    measure: Callable[[P, Context], Evidence]
    version: int = 1
    pure: bool = False
