"""The artifacts of a run: files in its folder, secrets masked in those that are text."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from speccheck.model.evidence import Artifact
from speccheck.store.masking import MASK
from speccheck.store.redaction import Redactor

_TEXT_TYPES = ("text/", "application/json")


class Artifacts:
    """The folder of a run, as far as a measurement writes into it."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor

    def sync(self) -> None:
        """Nothing waits to be put on disk."""

    def artifact_path(self, digest: str, name: str) -> Path:
        """Return the path for an artifact, its folder made; ValueError for a name that leaves the run."""
        parts = Path(name).parts
        if not parts or Path(name).is_absolute() or ".." in parts or "\x00" in name:
            raise ValueError(f"artifact {name!r} is outside the run's folder")
        # A star in a file name is refused by some archives and all of Windows.
        path = self.path / "artifacts" / digest[:12] / self._redactor.text(name).replace(MASK, "___")
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, digest: str, name: str, path: Path, media_type: str) -> Artifact:
        """Record a file as an artifact, copied in from elsewhere, secrets masked in text."""
        target = self.artifact_path(digest, name)
        elsewhere = path.resolve() != target.resolve()
        if self._redactor:
            data = path.read_bytes()
            masked = self._redactor.data(data) if _is_text(data, media_type) else data
            if elsewhere or masked != data:
                target.write_bytes(masked)
        elif elsewhere:
            shutil.copyfile(path, target)
        with target.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return Artifact(target.relative_to(self.path).as_posix(), digest, target.stat().st_size, media_type)

    def mask(self, text: str) -> str:
        """Return the text with every secret masked."""
        return self._redactor.text(text)


def _is_text(data: bytes, media_type: str) -> bool:
    """Return whether secrets can be masked in the file: it is declared as text, or is text."""
    if media_type.startswith(_TEXT_TYPES):
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in data
