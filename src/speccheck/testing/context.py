"""A context for measuring without an engine."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import dataclass, field
from pathlib import Path

from speccheck.model.evidence import Artifact


@dataclass
class RecordingContext:
    """The context of :class:`speccheck.sdk.Context` over two folders: the spec's, and one for artifacts.

    ``messages`` are those of :meth:`progress`, ``kept`` the artifacts by name. It seeds no generator: the
    engine does that before a measurement, and here the test.
    """

    folder: Path
    artifacts: Path
    seed: int = 0
    timeout: float | None = None
    messages: list[str] = field(default_factory=list)
    kept: dict[str, Artifact] = field(default_factory=dict)

    @classmethod
    def under(cls, root: Path, *, seed: int = 0) -> RecordingContext:
        """Return a context with the spec's folder ``root/spec`` and artifacts in ``root/run``, both created."""
        folder, artifacts = root / "spec", root / "run"
        folder.mkdir(parents=True, exist_ok=True)
        artifacts.mkdir(parents=True, exist_ok=True)
        return cls(folder=folder, artifacts=artifacts, seed=seed)

    def artifact(self, name: str) -> Path:
        """Return a path inside the folder of artifacts, and create its parents; ValueError for a path outside it."""
        path = (self.artifacts / name).resolve()
        if not path.is_relative_to(self.artifacts.resolve()):
            raise ValueError(f"{name!r} is outside the run's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, name: str, path: Path, media_type: str = "application/octet-stream") -> Artifact:
        """Record a file, copied into the folder if it is elsewhere; FileNotFoundError when it does not exist."""
        kept = self.artifact(name)
        if path.resolve() != kept:
            shutil.copyfile(path, kept)
        data = kept.read_bytes()
        inside = kept.relative_to(self.artifacts.resolve()).as_posix()
        self.kept[name] = Artifact(inside, hashlib.sha256(data).hexdigest(), len(data), media_type)
        return self.kept[name]

    def progress(self, message: str) -> None:
        """Remember the message."""
        self.messages.append(message)
