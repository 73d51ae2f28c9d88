"""The subject factory of a process, and the scopes through which measurements get subjects from it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from speccheck.model.declaration import Declarations, FieldKind
from speccheck.model.values import Json
from speccheck.sdk.live import Fresh
from speccheck.sdk.loading import Loader
from speccheck.subjects.builder import BuildResult, BuildSettings, SubjectBuilder
from speccheck.subjects.code_import import CodeImporter
from speccheck.subjects.loader_context import absolute
from speccheck.subjects.location import Location


class SubjectFactory:
    """Builds the subjects of a run in this process.

    ``code`` maps names of code folders (``""`` for the only one) to absolute paths; ``folder`` is the root spec's;
    ``seed`` is ``defaults.seed``; ``${env.NAME}`` reads ``environ``; ``loader`` returns a loader by name.
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
    ) -> None:
        self._settings = BuildSettings(folder.absolute(), seed, environ, loader, declarations, CodeImporter(code))
        self._pool: dict[str, BuildResult] = {}

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

    def __init__(self, settings: BuildSettings, definitions: Mapping[str, Json], pool: dict[str, BuildResult]) -> None:
        self._settings = settings
        self._definitions = dict(definitions)
        self._remarks: dict[str, None] = {}
        self._builder = SubjectBuilder(settings, self._definitions, pool, self._remarks)

    def names(self) -> tuple[str, ...]:
        """Return the names of the subjects, in spec order."""
        return tuple(self._definitions)

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
            return self._builder.resolve(value, location)
        if kind in ("live_mapping", "live_list"):
            return self._builder.items(value, location)
        if kind == "fresh":
            return None if value is None else Fresh(lambda: self._fresh().resolve(value, location))
        expanded = self._builder.expanded(value, location)
        return self._absolute(expanded, location) if kind == "path" else expanded

    def _fresh(self) -> SubjectBuilder:
        return SubjectBuilder(self._settings, self._definitions, {}, self._remarks)

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
