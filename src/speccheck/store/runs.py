"""Runs on disk: ``.speccheck/runs/<id>/run.json``, artifacts beside it, and a ``latest`` file that names the last."""

from __future__ import annotations

import hashlib
import os
import shutil
from datetime import datetime
from pathlib import Path

import msgspec

from speccheck.model.evidence import Artifact
from speccheck.model.repeated import RepeatedKeyError, refuse_repeated_keys
from speccheck.model.run import Measured, Run, measured_bytes
from speccheck.store.errors import CHANGED, StoreError, writing_to
from speccheck.store.masking import MASK
from speccheck.store.redaction import Redactor

RUN_FILE = "run.json"
JOURNAL = "evidence.jsonl"
LATEST = "latest"

_TEXT_TYPES = ("text/", "application/json")


def project_root(folder: Path) -> Path:
    """Return the nearest folder at or above ``folder`` with a pyproject.toml or .git, else ``folder`` itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / "pyproject.toml").exists() or (candidate / ".git").exists():
            return candidate
    return folder


def write_atomic(path: Path, data: bytes) -> None:
    """Write so that a reader sees either the old file or the new one, whole."""
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
    """The folder of a run that is being written. Evidence is journaled as it arrives; ``finish`` leaves run.json."""

    def __init__(self, path: Path, run_id: str, redactor: Redactor) -> None:
        self.path = path
        self.id = run_id
        self._redactor = redactor
        self._journal = (path / JOURNAL).open("ab")

    def append(self, digest: str, measured: Measured) -> None:
        """Write one measurement to the journal, so that a crash loses none before it."""
        raw = msgspec.Raw(measured_bytes(self._redactor.measured(measured)))
        self._journal.write(msgspec.json.encode({"digest": digest, "measured": raw}) + b"\n")
        self._journal.flush()

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

    def finish(self, run: Run) -> Run:
        """Write the file of record, secrets masked, by atomic replace; drop the journal, whose contents it includes.

        Return the run as a reader of the file gets it: every report is rendered from that.
        """
        data = self._redactor.run(run).to_bytes()
        del run  # for a run of many entries, two of them and the bytes are the most memory that is used
        write_atomic(self.path / RUN_FILE, data)
        self._journal.close()
        (self.path / JOURNAL).unlink(missing_ok=True)
        return Run.read_back(data)


class RunStore:
    """The runs of one project, under ``.speccheck/runs``."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".speccheck" / "runs"

    def create(
        self, started: datetime, spec_digest: str, redactor: Redactor, out: Path | None = None, salt: str = ""
    ) -> RunFolder:
        """Make a run folder, in the store or at ``out``, which must be absent or empty.

        ``salt`` distinguishes runs that start in one second, whatever their folders: a baseline records the id of the
        run that it was accepted from.
        """
        stem = f"{started:%Y%m%dT%H%M%SZ}-{spec_digest[:8]}" + (f"-{salt}" if salt else "")
        if out is not None:
            hint = "choose another folder with --out"
            with writing_to(out, hint):
                if out.exists() and (not out.is_dir() or any(out.iterdir())):
                    raise StoreError(f"{out} exists and is not an empty folder", "SC803", hint)
                out.mkdir(parents=True, exist_ok=True)
                return RunFolder(out, stem, redactor)
        with writing_to(self.folder, "make it writable, or choose another folder with --out"):
            return self._inside(stem, redactor)

    def _inside(self, stem: str, redactor: Redactor) -> RunFolder:
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
        """Name the run in the ``latest`` file: by its id, or outside the store by its path."""
        inside = folder.path.parent == self.folder
        name = folder.path.name if inside else str(folder.path.resolve())
        with writing_to(self.folder, f"the run itself is kept in {folder.path}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self.folder / LATEST, os.fsencode(name) + b"\n")

    def find(self, name: str) -> Path:
        """Return the run file that ``name`` means: a run.json, a folder that has one, an id, or ``latest``."""
        try:
            found = self._named(name)
            if found is not None:
                return found
            if name == LATEST and (self.folder / LATEST).is_file():
                return self._latest()
        except OSError as error:  # a name too long for any file, a folder that may not be read
            raise StoreError(f"no run {_shown(name)}: {error.strerror or error}", "SC801", self._known()) from error
        raise StoreError(f"no run {_shown(name)}", "SC801", self._known())

    def newest_of(self, spec: str) -> Path | None:
        """Return the file of the newest run here whose spec has the file name of ``spec``, or None.

        Files that are not runs are passed over.
        """
        wanted = Path(spec).name
        for path in sorted(self.folder.glob(f"*/{RUN_FILE}"), key=_written, reverse=True):
            try:
                found = read_run(path)
            except StoreError:
                continue
            if Path(found.spec).name == wanted:
                return path
        return None

    def _named(self, name: str) -> Path | None:
        given = Path(name)
        if given.is_file() and given.name != LATEST:
            return given
        places = (given / RUN_FILE, self.folder / name / RUN_FILE)
        return next((place for place in places if place.is_file()), None)

    def _latest(self) -> Path:
        file = self.folder / LATEST
        name = os.fsdecode(file.read_bytes()[:_LONGEST_PATH]).strip()
        found = self._named(name) if name else None
        if found is None:
            raise StoreError(f"{file} names {_shown(name)}, which is not a run", "SC801", self._known())
        return found

    def _known(self) -> str:
        try:
            known = sorted(path.parent.name for path in self.folder.glob(f"*/{RUN_FILE}"))[-3:]
        except OSError:
            known = []
        return f"the last runs in {self.folder} are {', '.join(known)}" if known else f"{self.folder} holds no run"


def _written(path: Path) -> tuple[int, str]:
    """Return when a run was written; ids are exact to the second only."""
    return path.stat().st_mtime_ns, path.parent.name


_LONGEST_PATH = 4096


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:80]}...")


def _is_text(data: bytes, media_type: str) -> bool:
    """Return whether secrets can be masked in the file: it is declared as text, or is text."""
    if media_type.startswith(_TEXT_TYPES):
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\x00" not in data


def read_run(path: Path) -> Run:
    """Return the run in a file of record, of this format or the one before.

    StoreError names the place where it is not one, or (SC810) what in it does not follow from the rest.
    """
    from speccheck.store.verify import contradiction

    run = _read(path)
    wrong = contradiction(run)
    if wrong:
        raise StoreError(f"{path}: {wrong}", *CHANGED)
    return run


def _read(path: Path) -> Run:
    try:
        data = path.read_bytes()
        try:
            return Run.from_bytes(data)
        except msgspec.ValidationError:
            from speccheck.store.run_v1 import is_format_1, read_format_1

            if not is_format_1(data):
                raise
            refuse_repeated_keys(data)
            return read_format_1(data)
    except RepeatedKeyError as error:
        raise StoreError(f"{path}: {error}", *CHANGED) from error
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise StoreError(f"{path} is not a run file: {error}", hint="name a run.json that speccheck wrote") from error
