"""The files that subjects are built from: which of those opened count, what they hold, and how a record names them."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import sys
import sysconfig
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from contextlib import contextmanager
from pathlib import Path

import msgspec

from speccheck.subjects.file_watch import FileWatch, process_watch
from speccheck.subjects.module_files import files_behind

WHOLE = 2**30
"""The bytes of all files of one build that are hashed whole; beyond that, only parts of each large file are."""

PART = 2**20
"""The bytes of each part, and the size from which a file is large."""

PARTS = 16

MOST = 200
"""The most files that a record names one by one; beyond that, it names folders."""

_NOT_DATA = frozenset({".git", ".speccheck", "__pycache__", "site-packages", "dist-packages"})
_SYSTEM = ("/bin/", "/boot/", "/dev/", "/etc/", "/lib/", "/lib64/", "/proc/", "/run/", "/sbin/", "/sys/", "/usr/")
_METADATA = re.compile(r"\.(dist|egg)-info/")
_CODE = frozenset({".py", ".pyc", ".so", ".pyd"})


class InputFiles:
    """Finds the files that builds read, with the digests of their content.

    A file made since ``since`` (in ns since the epoch), by this process or another, is a product of the run and not one
    of its inputs. ``folder`` is the spec's.
    """

    def __init__(self, folder: Path, since: int | None = None) -> None:
        self._folder = folder.resolve()
        self._root = os.path.join(_root(self._folder), "")  # noqa: PTH118 - a beginning of texts
        self._python = _python(self._folder)
        self._since = time.time_ns() if since is None else since
        self._watch: FileWatch = process_watch()
        self._writes = self._watch.writes
        self._imports: dict[str, set[str]] = {}
        self._known: dict[str, tuple[tuple[int, ...], str]] = {}

    @contextmanager
    def reading(self, by: Callable[[str], bool] | None = None) -> Iterator[Reading]:
        """Note what is read inside; with ``by``, by functions whose source file it accepts."""
        with self._watch.reading(by, self._imports) as opened:
            yield Reading(self, opened, self._imports)

    def digests(self, opened: Iterable[str], declared: Iterable[str]) -> dict[str, str]:
        """Return the inputs among the files by absolute path, with the digest of each.

        Those declared count wherever they lie; of those opened, neither code nor what belongs to the system, to Python
        and its packages, to git, or to speccheck.
        """
        paths = {*declared, *(path for path in opened if self._is_data(path))}
        states = {path: state for path in sorted(paths) if (state := self._state(path)) is not None}
        sampled = sum(state.st_size for state in states.values()) > WHOLE
        return {path: self._digest(path, state, sampled) for path, state in states.items()}

    def _is_data(self, path: str) -> bool:
        """Return whether an opened file can be an input: not one of the system, of Python, or of a package."""
        return not (path.startswith(self._python) or path.startswith(_SYSTEM) or _METADATA.search(path))

    def _state(self, path: str) -> os.stat_result | None:
        """Return the state of a file, or None for one that is absent, no regular file, code, or a product."""
        if (
            self._watch.written_since(path, self._writes)
            or _NOT_DATA.intersection(Path(path).parts)
            or Path(path).suffix in _CODE
        ):
            return None
        try:
            state = os.stat(path)  # noqa: PTH116 - of many files
        except (OSError, ValueError):
            return None
        return state if stat.S_ISREG(state.st_mode) and state.st_mtime_ns <= self._since else None

    def _digest(self, path: str, state: os.stat_result, sampled: bool) -> str:
        whole = not sampled or state.st_size <= PART
        key = (state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns, whole)
        known = self._known.get(path)
        if known is None or known[0] != key:
            try:
                known = self._known[path] = key, _sha256(path) if whole else _sampled(path, state.st_size)
            except OSError as error:
                return f"unreadable: {error.strerror}"
        return known[1]

    def portable(self, digests: Mapping[str, str]) -> dict[str, str]:
        """Return the files as a record names them, sorted.

        Relative to the spec's folder inside the project, so that another checkout gives the same names; else below
        ``~``, or absolute. Of very many files, it names folders.
        """
        return folded(dict(sorted((self._name(path), digest) for path, digest in digests.items())))

    def _name(self, path: str) -> str:
        for found in dict.fromkeys((path, os.path.realpath(path))):
            if found.startswith(self._root):
                return Path(os.path.relpath(found, self._folder)).as_posix()
        home = os.path.expanduser("~")  # noqa: PTH111 - a text, "~" when there is none
        return f"~/{Path(path).relative_to(home).as_posix()}" if Path(path).is_relative_to(home) else path


class Reading:
    """The files that one build reads: those that the interpreter sees opened, or that a definition or loader names."""

    def __init__(self, files: InputFiles, opened: set[str], imports: Mapping[str, Set[str]]) -> None:
        self._files = files
        self._opened = opened
        self._imports = imports
        self._declared: set[str] = set()

    def use(self, module: str, audits: Callable[[str], bool]) -> None:
        """Note what a module read when it was imported, perhaps for an earlier build."""
        self._opened |= files_behind(module, self._imports, audits)

    def declare(self, path: Path) -> None:
        """Note a file, whether or not it is opened."""
        self._declared.add(os.path.abspath(path))  # noqa: PTH100 - links stay

    def digests(self) -> dict[str, str]:
        """Return the inputs by absolute path, with the digest of each."""
        return self._files.digests(self._opened, self._declared)


def folded(files: Mapping[str, str], most: int = MOST) -> dict[str, str]:
    """Return the files; of more than ``most``, folders instead, each by a digest over names and digests."""
    if len(files) <= most:
        return dict(files)
    parts = {path: path.split("/") for path in files}
    for depth in range(max(map(len, parts.values())) - 1, -1, -1):
        groups: dict[str, dict[str, str]] = {}
        for path, split in parts.items():
            head = "/".join([*split[:depth], "*"]) if len(split) > depth else path
            groups.setdefault(head, {})["/".join(split[depth:])] = files[path]
        if len(groups) <= most or not depth:
            break
    return dict(sorted(_one(head, group) for head, group in groups.items()))


def _one(head: str, group: Mapping[str, str]) -> tuple[str, str]:
    if len(group) == 1:
        name, digest = next(iter(group.items()))
        return f"{head.removesuffix('*')}{name}" if head.endswith("*") else head, digest
    whole = hashlib.sha256(msgspec.json.encode(group, order="deterministic")).hexdigest()
    return head, f"{whole} of {len(group)} files"


def _sha256(path: str) -> str:
    with open(path, "rb") as stream:  # noqa: PTH123 - of many files
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _sampled(path: str, size: int) -> str:
    """Return the digest of the size and of parts at equal distances, the first and the last among them."""
    found = hashlib.sha256(str(size).encode())
    with open(path, "rb") as stream:  # noqa: PTH123
        for part in range(PARTS):
            stream.seek((size - PART) * part // (PARTS - 1))
            found.update(stream.read(PART))
    return f"sampled:{found.hexdigest()}"


def _python(folder: Path) -> tuple[str, ...]:
    """Return the folders of the interpreter, of its packages and of speccheck, with a separator behind each.

    Not one that the spec lies in: an environment may be the project's own folder.
    """
    places = {sys.prefix, sys.base_prefix, sys.exec_prefix, *sysconfig.get_paths().values()}
    found = {str(Path(__file__).parents[1]), *(place for place in places if not folder.is_relative_to(place))}
    return tuple(sorted(os.path.join(place, "") for place in found))  # noqa: PTH118 - a beginning of texts


def _root(folder: Path) -> Path:
    """Return the folder inside which paths are relative: the nearest one above with the mark of a project or of git.

    Without a mark it is the folder above the spec's, beside which code and assets often lie.
    """
    for candidate in (folder, *folder.parents):
        if (candidate / "pyproject.toml").exists() or (candidate / ".git").exists():
            return candidate
    return folder.parent if folder.parent != folder.parent.parent else folder
