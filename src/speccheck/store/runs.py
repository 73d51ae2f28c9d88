"""Runs on disk: ``.speccheck/runs/<id>/run.json``, artifacts beside it, and a ``latest`` file that names the last.

A run that has not ended, or was killed, has its journal instead of the run file (:mod:`speccheck.store.journal`).
"""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import msgspec

from speccheck.model.repeated import RepeatedKeyError, refuse_repeated_keys
from speccheck.model.run import Run
from speccheck.store.durable import sync, write_atomic
from speccheck.store.errors import CHANGED, StoreError, writing_to
from speccheck.store.folder import RUN_FILE, RunFolder
from speccheck.store.journal import JOURNAL, record_of
from speccheck.store.redaction import Redactor

LATEST = "latest"


def project_root(folder: Path) -> Path:
    """Return the nearest folder at or above ``folder`` with a pyproject.toml or .git, else ``folder`` itself."""
    for candidate in (folder, *folder.parents):
        if (candidate / "pyproject.toml").exists() or (candidate / ".git").exists():
            return candidate
    return folder


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
                try:
                    return RunFolder(out, stem, redactor)
                except FileExistsError:  # another run was given the same folder at the same moment
                    raise StoreError(f"another run is being written to {out}", "SC803", hint) from None
        with writing_to(self.folder, "make it writable, or choose another folder with --out"):
            return self._inside(stem, redactor)

    def _inside(self, stem: str, redactor: Redactor) -> RunFolder:
        self.folder.mkdir(parents=True, exist_ok=True)
        ignore = self.folder.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
            for folder in (self.folder.parent, self.folder.parent.parent):
                sync(folder)
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
        """Name the run in the ``latest`` file: by its id, or outside the store by its path.

        A run is named when it starts, so that the one before, which may have passed, is not taken for one that did not
        end. Of two runs at once, ``latest`` names the one that started last.
        """
        inside = folder.path.parent == self.folder
        name = folder.path.name if inside else str(folder.path.resolve())
        with writing_to(self.folder, f"the run itself is kept in {folder.path}"):
            self.folder.mkdir(parents=True, exist_ok=True)
            write_atomic(self.folder / LATEST, os.fsencode(name) + b"\n")

    def find(self, name: str) -> Path:
        """Return the run file that ``name`` means: a run.json, a folder that has one, an id, or ``latest``.

        Of a run that did not end, or has not yet, it is the journal.
        """
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
        for path in sorted(self._files(), key=_written, reverse=True):
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
        places = (folder / file for folder in (given, self.folder / name) for file in (RUN_FILE, JOURNAL))
        return next((place for place in places if place.is_file()), None)

    def _files(self) -> list[Path]:
        """Return the file of every run here: the run file, else the journal."""
        journals = {path.parent: path for path in self.folder.glob(f"*/{JOURNAL}")}
        return list((journals | {path.parent: path for path in self.folder.glob(f"*/{RUN_FILE}")}).values())

    def _latest(self) -> Path:
        file = self.folder / LATEST
        name = os.fsdecode(file.read_bytes()[:_LONGEST_PATH]).strip()
        found = self._named(name) if name else None
        if found is None:
            raise StoreError(f"{file} names {_shown(name)}, which is not a run", "SC801", self._known())
        return found

    def _known(self) -> str:
        try:
            known = sorted(path.parent.name for path in self._files())[-3:]
        except OSError:
            known = []
        return f"the last runs in {self.folder} are {', '.join(known)}" if known else f"{self.folder} holds no run"


def _written(path: Path) -> tuple[int, str]:
    """Return when a run was written; ids are exact to the second only."""
    return path.stat().st_mtime_ns, path.parent.name


_LONGEST_PATH = 4096


def _shown(name: str) -> str:
    return repr(name if len(name) <= 80 else f"{name[:80]}...")


def read_run(path: Path) -> Run:
    """Return the run in a file of record, of this format or the one before, or in a journal.

    StoreError names the place where it is not one, or (SC810) what in it does not follow from the rest. In a run from a
    journal, ``ending`` is not ``whole``, and entries that were measured are still to be judged.
    """
    from speccheck.store.verify import contradiction

    run = _parsed(path)
    wrong = contradiction(run)
    if wrong:
        raise StoreError(f"{path}: {wrong}", *CHANGED)
    return run


def _parsed(path: Path) -> Run:
    try:
        data = _read(path)
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


def _read(path: Path) -> bytes:
    if path.suffix != Path(JOURNAL).suffix:
        return path.read_bytes()
    try:
        return record_of(path)
    except FileNotFoundError:  # the run has ended since its journal was found
        return path.with_name(RUN_FILE).read_bytes()
