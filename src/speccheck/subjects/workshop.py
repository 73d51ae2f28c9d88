"""The workshop: one per process, holding what was built, and the scopes through which measurements ask for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from speccheck.model.declaration import Declarations, FieldKind
from speccheck.model.values import Json
from speccheck.sdk.errors import SubjectError
from speccheck.sdk.live import Fresh
from speccheck.sdk.loading import Loader
from speccheck.subjects.building import Builder, Outcome, Place, Setting
from speccheck.subjects.context import absolute
from speccheck.subjects.folders import CodeFolders


class Workshop:
    """Builds the subjects of a run in this process.

    ``code`` maps names of code folders (``""`` for the only one) to absolute paths; ``folder`` is that of the root
    spec; ``seed`` is ``defaults.seed``; ``environ`` is what ``${env.NAME}`` reads; ``loader`` gives a loader by name.
    Use it as a context manager, or close it: until then its code folders stand in the import system.
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
        self._setting = Setting(folder.absolute(), seed, environ, loader, declarations, CodeFolders(code))
        self._pool: dict[str, Outcome] = {}

    def scope(self, definitions: Mapping[str, Json]) -> Scope:
        """The subjects of one measurement, from portable definitions; what is equal in other scopes is shared."""
        return Scope(self._setting, definitions, self._pool)

    def close(self) -> None:
        """Let go of all that was built, and take the code folders and their modules off the import system."""
        self._pool.clear()
        self._setting.code.close()

    def __enter__(self) -> Workshop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class Scope:
    """The subjects that one measurement may name."""

    def __init__(self, setting: Setting, definitions: Mapping[str, Json], pool: dict[str, Outcome]) -> None:
        self._setting = setting
        self._definitions = dict(definitions)
        self._builder = Builder(setting, self._definitions, pool)

    def names(self) -> tuple[str, ...]:
        """The names of the subjects, in spec order."""
        return tuple(self._definitions)

    def get(self, name: str) -> Any:
        """The subject of that name, built once, when first needed, under its own seed.

        SubjectError when it cannot be built; asking again gives the same error and builds nothing.
        """
        return self._builder.get(name)

    def live(self, value: Json, kind: FieldKind, name: str = "") -> Any:
        """A parameter's value for the check, from its portable form. ``name`` is that of the parameter: inline
        definitions in it draw under a seed of that name.

        ``live``: built; ``live_mapping`` and ``live_list``: each value built, the mapping itself being no definition;
        ``fresh``: a :class:`Fresh` whose every call builds all anew (None stays None); ``path``: absolute paths as
        text; ``plain``: ``${here}`` and ``${env.NAME}`` replaced.
        """
        place = Place("", name)
        if kind == "live":
            return self._builder.resolve(value, place)
        if kind in ("live_mapping", "live_list"):
            return self._builder.items(value, place)
        if kind == "fresh":
            return None if value is None else Fresh(lambda: self._fresh().resolve(value, place))
        expanded = self._builder.expanded(value, place)
        return self._absolute(expanded, place) if kind == "path" else expanded

    def _fresh(self) -> Builder:
        return Builder(self._setting, self._definitions, {})

    def _absolute(self, value: Json, place: Place) -> Json:
        if value is None:
            return None
        if isinstance(value, str):
            return str(absolute(value, self._setting.folder))
        if isinstance(value, Mapping):
            return {key: self._absolute(item, place.item(key)) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._absolute(item, place.item(at)) for at, item in enumerate(value)]
        raise SubjectError(f"{place}: a path is text, not {type(value).__name__}")
