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

    ``messages`` are those of :meth:`progress`, ``kept`` the artifacts by name. Nothing is seeded here: what the engine
    does before a measurement, a test does itself.
    """

    folder: Path
    artifacts: Path
    seed: int = 0
    timeout: float | None = None
    messages: list[str] = field(default_factory=list)
    kept: dict[str, Artifact] = field(default_factory=dict)

    @classmethod
    def under(cls, root: Path, *, seed: int = 0) -> RecordingContext:
        """A context whose spec lies in ``root/spec`` and whose artifacts go to ``root/run``, both made."""
        folder, artifacts = root / "spec", root / "run"
        folder.mkdir(parents=True, exist_ok=True)
        artifacts.mkdir(parents=True, exist_ok=True)
        return cls(folder=folder, artifacts=artifacts, seed=seed)

    def artifact(self, name: str) -> Path:
        """A path inside the folder of artifacts, its parents made; ValueError for a name that leaves it."""
        path = (self.artifacts / name).resolve()
        if not path.is_relative_to(self.artifacts.resolve()):
            raise ValueError(f"{name!r} leaves the run's folder")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, name: str, path: Path, media_type: str = "application/octet-stream") -> Artifact:
        """Record a file, copying it in when it lies elsewhere; FileNotFoundError when there is none."""
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
