"""Executors, which turn the measurements of a run into evidence, here or in other processes."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import msgspec

from speccheck.model.declaration import CheckDeclaration, Declarations
from speccheck.model.evidence import Artifact
from speccheck.model.run import Failure, Measured
from speccheck.model.spec import Measurement, Spec
from speccheck.model.values import Json
from speccheck.sdk.check import Check
from speccheck.sdk.loading import Loader


class ArtifactFolder(Protocol):
    """The run's folder, as far as a measurement needs it."""

    @property
    def path(self) -> Path:
        """The folder itself, absolute."""

    def artifact_path(self, digest: str, name: str) -> Path:
        """A place for an artifact of a measurement."""

    def keep(self, digest: str, name: str, path: Path, media_type: str) -> Artifact:
        """Record a file as an artifact."""

    def sync(self) -> None:
        """Put on disk the evidence so far; called before a measurement that other processes make."""

    def mask(self, text: str) -> str:
        """The text with every secret value masked."""


class Implementations(Declarations, Protocol):
    """The registered checks and loaders: their declarations, and themselves."""

    def check(self, name: str) -> CheckDeclaration | None:
        """The declaration of a check."""

    def load_check(self, name: str) -> Check[Any]:
        """The check of that name."""

    def load_loader(self, name: str) -> Loader | None:
        """The loader of that name, or None."""


@dataclass(frozen=True)
class Job:
    """All that an executor gets: the spec, the implementations, the environment, where artifacts go, and the clock.

    ``clock`` gives seconds from any origin, ``tell`` shows the progress of a measurement to the user, ``interrupted``
    distinguishes the user's interrupt from a KeyboardInterrupt that audited code raises itself. ``since`` is when the
    job began, in ns since the epoch: a file made later is a product of the run, whichever process made it.
    """

    spec: Spec
    registry: Implementations
    environ: Mapping[str, str]
    run: ArtifactFolder
    clock: Callable[[], float]
    tell: Callable[[str], None] = lambda message: None
    interrupted: Callable[[], bool] = lambda: False
    since: int = field(default_factory=time.time_ns)


class Description(msgspec.Struct, frozen=True):
    """The type, shape and source file of a built subject.

    ``type`` is the full name of its class, or of the function itself; ``shape`` its shape or length, or ''; ``source``
    the file of its code, or '' for plain data.
    """

    type: str
    shape: str = ""
    source: str = ""


class Measuring(Protocol):
    """An executor at work for one job."""

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """Return the measurement with its evidence or failure; ``timeout`` is in seconds of wall time.

        Whatever audited code does is a failure of this measurement; only the user's interrupt raises.
        """

    def describe(self, definitions: Mapping[str, Json], name: str) -> Description | Failure:
        """Build one subject of these definitions, and return its description or why it cannot be built."""

    def imported(self) -> frozenset[str]:
        """Return the top-level modules that the processes which measured had imported, as far as is known."""


@dataclass(frozen=True)
class Executor:
    """An executor, by name: ``open`` gives it at work for a job, and releases afterwards all that it holds."""

    name: str
    open: Callable[[Job], AbstractContextManager[Measuring]]
    doc: str = ""
