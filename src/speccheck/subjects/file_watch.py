"""The files that code in this process opens, as the interpreter reports them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from types import FrameType
from typing import Any

from speccheck.subjects.module_files import importing
from speccheck.subjects.native_readers import NativeReaders

_CODE = (".py", ".pyc", ".so", ".pyd", ".dll", ".dylib")
_MADE = os.O_CREAT | os.O_TRUNC | os.O_APPEND
_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR


class FileWatch:
    """Notes the files opened for writing, always, and those opened for reading, for whoever asks for them.

    It does not see a file that C code opens by itself, unless the library reports it (see :mod:`native_readers`), nor
    one that another process opens.
    """

    def __init__(self) -> None:
        self.writes = 0
        self._written: dict[str, int] = {}
        self._readers: list[tuple[set[str], Callable[[str], bool] | None, dict[str, set[str]]]] = []

    @contextmanager
    def reading(
        self, by: Callable[[str], bool] | None = None, imports: dict[str, set[str]] | None = None
    ) -> Iterator[set[str]]:
        """Give the set to which every file opened for reading is added; inside another, only the innermost gets it.

        With ``by``, only a file counts that is opened by a function, or on behalf of one, whose source file it accepts.
        Those that the body of a module opens are added to ``imports`` too, by the name of the module.
        """
        depth = len(self._readers)
        opened: set[str] = set()
        self._readers.append((opened, by, {} if imports is None else imports))
        try:
            yield opened
        finally:
            del self._readers[depth:]

    def written_since(self, path: str, writes: int) -> bool:
        """Return whether a file was opened for writing after the first ``writes`` of all."""
        return self._written.get(path, 0) > writes

    def read(self, path: Any) -> None:
        """Note a file that is read, if it is a path; a library in C reports what it is given."""
        found = _absolute(path) if self._readers else None
        if found is not None:
            self._note(found)

    def hook(self) -> Callable[[str, tuple[Any, ...]], None]:
        """Return what takes the events of the interpreter (PEP 578). It never raises: the operation would fail."""
        opened, renamed = self._opened, self._renamed

        # A function, not a method: the interpreter looks up an attribute of it at each event, slowly on a method.
        def hook(event: str, args: tuple[Any, ...]) -> None:
            if event == "open":
                opened(*args)
            elif event == "os.rename":
                renamed(*args)

        return hook

    def _renamed(self, source: Any, target: Any, *folders: int) -> None:
        before, after = _absolute(source), _absolute(target)
        if before in self._written and after is not None:
            self._write(after)

    def _opened(self, path: Any, mode: str | None, flags: int) -> None:
        made = flags & _MADE or flags & _ACCESS == os.O_WRONLY
        if not made and not self._readers:
            return
        found = _absolute(path)
        if found is None or found.endswith(_CODE):
            return
        if made:
            self._write(found)
        else:
            self._note(found)

    def _note(self, path: str) -> None:
        opened, by, imports = self._readers[-1]
        module, installed = importing(sys._getframe(2))
        if installed:
            return
        if module:
            imports.setdefault(module, set()).add(path)
        if by is None or path in opened or _called_from(by):
            opened.add(path)

    def _write(self, path: str) -> None:
        self.writes += 1
        self._written[path] = self.writes


def process_watch() -> FileWatch:
    """Return the watch of this process; the interpreter keeps a hook for good, so there is one."""
    watch, readers = _process_watch()
    readers.install()  # anew, where the import system was restored meanwhile
    return watch


@cache
def _process_watch() -> tuple[FileWatch, NativeReaders]:
    watch = FileWatch()
    sys.addaudithook(watch.hook())
    return watch, NativeReaders(watch.read)


def _called_from(accepted: Callable[[str], bool]) -> bool:
    """Return whether a function in a source file that is accepted is being run."""
    frame: FrameType | None = sys._getframe(2)
    while frame is not None:
        if accepted(frame.f_code.co_filename):
            return True
        frame = frame.f_back
    return False


def _absolute(path: Any) -> str | None:
    """Return the path without links resolved, or None for a descriptor and for what is no path."""
    if not isinstance(path, (str, bytes, os.PathLike)):
        return None
    try:
        text = os.fsdecode(path)
        return None if "\0" in text else os.path.abspath(text)  # noqa: PTH100 - links stay
    except (TypeError, ValueError, OSError):  # OSError: the working folder was removed
        return None
