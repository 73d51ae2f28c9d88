"""Runs on disk: ``.speccheck/runs/<id>/run.json``, artifacts beside it, and a ``latest`` file that names the last."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from speccheck.model.evidence import Artifact
from speccheck.model.run import Measured, Run, measured_bytes
from speccheck.store.redaction import Redactor

RUN_FILE = "run.json"
JOURNAL = "evidence.jsonl"
LATEST = "latest"


class StoreError(Exception):
    """A run or baseline cannot be read or written; the message names the file and the remedy. ``code`` is stable."""

    def __init__(self, message: str, code: str = "SC801", hint: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.hint = hint


def project_root(folder: Path) -> Path:
    """The nearest folder at or above ``folder`` with a pyproject.toml or .git; ``folder`` itself when there is none."""
    for candidate in (folder, *folder.parents):
        if (candidate / "pyproject.toml").exists() or (candidate / ".git").exists():
            return candidate
    return folder


def write_atomic(path: Path, data: bytes) -> None:
    """Write so that a reader sees the old file or the new one, whole, whatever happens in between."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


class RunFolder:
    """One run's folder while it is being written. Evidence is journaled as it arrives; ``finish`` leaves run.json."""

    def __init__(self, path: Path, run_id: str, redactor: Redactor) -> None:
        self.path = path
        self.id = run_id
        self._redactor = redactor
        self._journal = (path / JOURNAL).open("ab")

    def append(self, digest: str, measured: Measured) -> None:
        """Write one measurement to the journal, so that a crash loses none that came before."""
        line = msgspec.json.encode({"digest": digest, "measured": msgspec.Raw(measured_bytes(measured))})
        self._journal.write(self._redactor.data(line) + b"\n")
        self._journal.flush()

    def artifact_path(self, digest: str, name: str) -> Path:
        """A place for an artifact of a measurement, its folder made; ValueError for a name that leaves the run."""
        parts = Path(name).parts
        if not parts or Path(name).is_absolute() or ".." in parts or "\x00" in name:
            raise ValueError(f"artifact {name!r} would lie outside the run's folder")
        path = self.path / "artifacts" / digest[:12] / name
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    def keep(self, digest: str, name: str, path: Path, media_type: str) -> Artifact:
        """Record a file as an artifact, copied in when it lies elsewhere, secrets masked in text."""
        target = self.artifact_path(digest, name)
        if path.resolve() != target.resolve():
            shutil.copyfile(path, target)
        data = target.read_bytes()
        if self._redactor and media_type.startswith(("text/", "application/json")):
            data = self._redactor.data(data)
            target.write_bytes(data)
        relative = target.relative_to(self.path).as_posix()
        return Artifact(relative, hashlib.sha256(data).hexdigest(), len(data), media_type)

    def finish(self, run: Run) -> Path:
        """Write the file of record by atomic replace and drop the journal, which it contains."""
        path = self.path / RUN_FILE
        write_atomic(path, self._redactor.data(run.to_bytes()))
        self._journal.close()
        (self.path / JOURNAL).unlink(missing_ok=True)
        return path


class RunStore:
    """The runs of one project, under ``.speccheck/runs``."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".speccheck" / "runs"

    def create(self, started: datetime, spec_digest: str, redactor: Redactor, out: Path | None = None) -> RunFolder:
        """A new run folder, in the store or at ``out``, which must be absent or empty."""
        stem = f"{started:%Y%m%dT%H%M%SZ}-{spec_digest[:8]}"
        if out is not None:
            if out.exists() and (not out.is_dir() or any(out.iterdir())):
                raise StoreError(f"{out} exists and is not an empty folder", "SC803", "name another folder for --out")
            out.mkdir(parents=True, exist_ok=True)
            return RunFolder(out, stem, redactor)
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
        name, count = stem, 1
        while True:
            try:
                (self.folder / name).mkdir()
            except FileExistsError:
                count += 1
                name = f"{stem}-{count}"
            else:
                return RunFolder(self.folder / name, name, redactor)

    def mark_latest(self, folder: RunFolder) -> None:
        """Name the run in the ``latest`` file, by its id, or by its path when it lies outside the store."""
        self.folder.mkdir(parents=True, exist_ok=True)
        inside = folder.path.parent == self.folder
        write_atomic(
            self.folder / LATEST, (folder.path.name if inside else str(folder.path.resolve())).encode() + b"\n"
        )

    def find(self, name: str) -> Path:
        """The run file that ``name`` means: a run.json, a folder that has one, an id, or ``latest``."""
        given = Path(name)
        if given.is_file() and given.name != LATEST:
            return given
        if (given / RUN_FILE).is_file():
            return given / RUN_FILE
        if name == LATEST and (self.folder / LATEST).is_file():
            return self.find((self.folder / LATEST).read_text("utf-8").strip())
        if (self.folder / name / RUN_FILE).is_file():
            return self.folder / name / RUN_FILE
        known = sorted(path.parent.name for path in self.folder.glob(f"*/{RUN_FILE}"))[-3:]
        hint = f"the last runs in {self.folder} are {', '.join(known)}" if known else f"no run lies in {self.folder}"
        raise StoreError(f"no run {name!r}", "SC801", hint)


def read_run(path: Path) -> Run:
    """The run in a file of record; StoreError says where it is not one."""
    try:
        return Run.from_bytes(path.read_bytes())
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError) as error:
        raise StoreError(f"{path} is not a run file: {error}", hint="name a run.json that speccheck wrote") from error
