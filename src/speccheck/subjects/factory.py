"""The subject factory of a process, and the scopes through which measurements get subjects from it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any

from speccheck.model.declaration import Declarations, FieldKind
from speccheck.model.values import Json
from speccheck.sdk.live import Fresh
from speccheck.sdk.loading import Loader
from speccheck.subjects.builder import BuildSettings, SubjectBuilder
from speccheck.subjects.code_import import CodeImporter
from speccheck.subjects.devices import described, devices
from speccheck.subjects.input_files import InputFiles
from speccheck.subjects.loader_context import absolute
from speccheck.subjects.location import Location
from speccheck.subjects.pool import Change, Pool


class SubjectFactory:
    """Builds the subjects of a run in this process.

    ``code`` maps names of code folders (``""`` for the only one) to absolute paths; ``folder`` is the root spec's;
    ``seed`` is ``defaults.seed``; ``${env.NAME}`` reads ``environ``; ``loader`` returns a loader by name; a file made
    after ``since`` (the start of the run in ns since the epoch; now, when it is not given) is no input but a product.
    Use it as a context manager or close it: until then its code folders are part of the import system.
    """

    def __init__(
        self,
        *,
        code: Mapping[str, str],
        folder: Path,
        seed: int,
        environ: Mapping[str, str],
        loader: Callable[[str], Loader | None],
        declarations: Declarations,
        since: int | None = None,
    ) -> None:
        folder = folder.absolute()
        files = InputFiles(folder, since)
        self._settings = BuildSettings(folder, seed, environ, loader, declarations, CodeImporter(code), files)
        self._pool = Pool()

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """Return the subjects of one measurement, from portable definitions. Scopes share equal subjects."""
        return Scope(self._settings, definitions, self._pool)

    def close(self) -> None:
        """Release all subjects, and remove the code folders and their modules from the import system."""
        self._pool.clear()
        self._settings.code.close()

    def __enter__(self) -> SubjectFactory:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Scope:
    """The subjects that one measurement can name."""

    def __init__(self, settings: BuildSettings, definitions: Mapping[str, Json], pool: Pool) -> None:
        self._settings = settings
        self._definitions = dict(definitions)
        self._pool = pool
        self._fresh_asked = False
        self._files: dict[str, str] = {}
        self._devices: set[str] = set()
        self._remarks: dict[str, None] = {}
        self._builder = SubjectBuilder(settings, self._definitions, pool, self._files, self._remarks)

    def names(self) -> tuple[str, ...]:
        """Return the names of the subjects, in spec order."""
        return tuple(self._definitions)

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Count the files to those behind the subjects that audited code reads inside, called by a check.

        A file that a check itself reads is no input of a subject.
        """
        with self._settings.files.reading(self._settings.code.audits) as reading:
            yield
        self._files |= reading.digests()

    def files(self) -> dict[str, str]:
        """Return the files behind all subjects asked for by now, as a record names them, with their digests."""
        return self._settings.files.portable(self._files)

    def device(self, *named: str) -> str:
        """Return the accelerators that hold live values given out by now, and those named; ``cpu`` for none."""
        return described({*self._devices, *named})

    def remarks(self) -> tuple[str, ...]:
        """Return the remarks on all that was built for this measurement so far, each once."""
        return tuple(self._remarks)

    def get(self, name: str) -> Any:
        """Return the subject of that name, built once, when first needed, under its own seed.

        SubjectError when it cannot be built; a second request raises the same error and builds nothing.
        """
        return self._builder.get(name)

    def live(self, value: Json, kind: FieldKind, name: str = "") -> Any:
        """Return a parameter's value for the check, from its portable form.

        ``name`` is the parameter's; seeds of inline definitions in it are derived from that name. The kinds:
        ``live``: built; ``live_mapping`` and ``live_list``: each value built, the mapping itself never a definition;
        ``fresh``: a :class:`Fresh` whose every call builds all of it anew (None stays None); ``path``: absolute paths
        as text; ``plain``: ``${here}`` and ``${env.NAME}`` replaced.
        """
        location = Location("", name)
        if kind == "live":
            return self._noted(self._builder.resolve(value, location))
        if kind in ("live_mapping", "live_list"):
            return self._noted(self._builder.items(value, location))
        if kind == "fresh":
            self._fresh_asked = self._fresh_asked or value is not None
            return None if value is None else Fresh(lambda: self._noted(self._fresh().resolve(value, location)))
        expanded = self._builder.expanded(value, location)
        return self._absolute(expanded, location) if kind == "path" else expanded

    def _noted(self, value: Any) -> Any:
        self._devices |= devices(value)
        return value

    @property
    def reached(self) -> bool:
        """Whether anything was asked for that is built, be it built before or in vain."""
        return self._fresh_asked or bool(self._builder.reached)

    @property
    def built(self) -> bool:
        """Whether anything was built for this scope, with or without success."""
        return self._builder.built

    def changed(self) -> tuple[Change, ...]:
        """Return which shared subjects that were asked for have been changed in place since they were last looked at.

        They leave the pool, with all that was built from them: later scopes get new instances.
        """
        again = tuple(Change(name, again=True) for name in self._builder.again)
        self._builder.again.clear()
        return again + self._pool.changed(self._builder.reached)

    def discard(self) -> None:
        """Take all that was asked for out of the pool, with its parts: later scopes build it again."""
        self._pool.discard(self._builder.reached)

    def _fresh(self) -> SubjectBuilder:
        return SubjectBuilder(self._settings, self._definitions, Pool(guarded=False), self._files, self._remarks)

    def _absolute(self, value: Json, location: Location) -> Json:
        if value is None:
            return None
        if isinstance(value, str):
            return str(absolute(value, self._settings.folder))
        if isinstance(value, Mapping):
            return {key: self._absolute(item, location.item(key)) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._absolute(item, location.item(at)) for at, item in enumerate(value)]
        raise location.error(f"a path must be text, not {type(value).__name__}")
