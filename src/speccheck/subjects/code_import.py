"""Import of audited code: from its code folders first, and never silently from elsewhere."""

from __future__ import annotations

import importlib
import os
import pkgutil
import sys
from collections.abc import Mapping, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

from speccheck.sdk.errors import SubjectError

EXPRESSION = "<expr>"
"""The source file of the functions in an ``expr``."""

_OWN = os.path.join(Path(__file__).parents[1], "")  # noqa: PTH118

_READ_BY_TOOLS = frozenset({"setup", "conftest", "noxfile"})
"""Files at the top of a tree that build and test tools read; code does not import them."""


class CodeImporter:
    """Imports modules from the code folders of a spec, given by name (``""`` for the only one).

    The first import from a folder puts a finder into ``sys.meta_path`` and the folder at the end of ``sys.path`` (for
    processes that the audited code starts); :meth:`close` removes both, and the modules.
    """

    def __init__(self, folders: Mapping[str, str]) -> None:
        self._folders = {name: Path(path).absolute() for name, path in folders.items()}
        self._used: dict[str, Path] = {}
        self._appended: list[str] = []
        self._finder = _Finder()
        self._places: set[str] = {os.path.join(path, "") for path in self._folders.values()}  # noqa: PTH118
        self._audited: dict[str, bool] = {EXPRESSION: True}

    def audits(self, source: str) -> bool:
        """Return whether a source file is of audited code: in a code folder, or in a package that a target names."""
        known = self._audited.get(source)
        if known is None:
            known = self._audited[source] = source.startswith(tuple(self._places)) and not source.startswith(_OWN)
        return known

    def load(self, dotted: str, tree: str | None = None) -> ModuleType:
        """Import the module from the code folder if that contains it, otherwise from the environment.

        ``tree`` is the subject's ``code:``. SubjectError when a module of that name was imported from another file,
        when two trees in use offer the same name, when the module does not exist, or when importing it raises.
        """
        importlib.invalidate_caches()
        if not all(part.isidentifier() for part in dotted.split(".")):
            raise SubjectError(f"{dotted!r} is not a module name")
        chosen = self._choose(dotted, tree)
        if chosen is not None:
            self._use(chosen, dotted.partition(".")[0])
        try:
            module = importlib.import_module(dotted)
            self._place(dotted.partition(".")[0])
            return module
        except (Exception, SystemExit) as error:
            raise self._failed(dotted, error) from error

    def close(self) -> None:
        """Remove the folders and the modules imported from them from the import system."""
        if self._finder in sys.meta_path:
            sys.meta_path.remove(self._finder)
        for path in self._appended:
            if path in sys.path:
                sys.path.remove(path)
        for name in [name for name in sys.modules if name.partition(".")[0] in self._finder.found]:
            del sys.modules[name]
        self._used, self._appended, self._finder = {}, [], _Finder()

    def _place(self, top: str) -> None:
        """Note where a package lies that a target names; a module alone in a folder of many counts by itself."""
        file = getattr(sys.modules.get(top), "__file__", None)
        if file and top not in sys.stdlib_module_names:
            package = hasattr(sys.modules[top], "__path__")
            place = os.path.join(Path(file).parent, "") if package else str(file)  # noqa: PTH118
            if place not in self._places:
                self._places.add(place)
                self._audited = {EXPRESSION: True}

    def _choose(self, dotted: str, tree: str | None) -> str | None:
        if tree is not None and tree not in self._folders:
            known = ", ".join(repr(name) for name in self._folders if name) or "none"
            raise SubjectError(f"code: {tree!r} is not a code folder of the spec; its code folders are: {known}")
        for name in self._folders if tree is None else [tree]:
            if not self._folders[name].is_dir():
                raise SubjectError(f"the code folder does not exist: {self._folders[name]}")
        offering = [name for name in self._folders if tree in (None, name) and _offers(self._folders[name], dotted)]
        if len(offering) > 1:
            raise SubjectError(
                f"the code folders {' and '.join(map(repr, offering))} both offer {dotted.partition('.')[0]!r}: "
                f"choose one with `code: {offering[0]}` on the subject"
            )
        return offering[0] if offering else None

    def _use(self, tree: str, top: str) -> None:
        folder = self._folders[tree]
        for other, path in self._used.items():
            shared = sorted(_names(folder) & _names(path)) if path != folder else []
            if shared:
                raise SubjectError(
                    f"the code folders {other!r} ({path}) and {tree!r} ({folder}) both offer {shared[0]!r}, and a "
                    "process can hold only one of them: measure each folder in an entry of its own, and compare the "
                    "metrics with `same_as: checks.ID.METRIC`"
                )
        regular = {module.name for module in pkgutil.iter_modules([str(folder)])} - sys.stdlib_module_names
        for name in sorted({top} | (regular - _READ_BY_TOOLS)):
            _refuse_elsewhere(folder, name)
        self._used[tree] = folder
        self._finder.add(folder, top)
        if self._finder not in sys.meta_path:
            sys.meta_path.insert(0, self._finder)
        if str(folder) not in sys.path:
            sys.path.append(str(folder))
            self._appended.append(str(folder))

    def _failed(self, dotted: str, error: BaseException) -> SubjectError:
        if isinstance(error, ModuleNotFoundError) and error.name and f"{dotted}.".startswith(f"{error.name}."):
            places = [f"in the code folder {path}" for path in self._folders.values()]
            where = " nor ".join([*places, "in the environment"])
            message = f"module {error.name!r} is neither {where}" if places else f"module {error.name!r} is not {where}"
            if not places:
                message += "; to import from a folder, add code: FOLDER at the top of the spec"
            return SubjectError(message, cause=error)
        return SubjectError(f"importing {dotted} raised {type(error).__name__}: {error}", cause=error)


class _Finder:
    """Finds top-level modules in the code folders in use, before all other finders."""

    def __init__(self) -> None:
        self.folders: list[Path] = []
        self.claimed: set[str] = set()
        self.found: set[str] = set()

    def add(self, folder: Path, top: str) -> None:
        """Search that folder too; a target imports ``top`` from it, which may be a folder without ``__init__.py``."""
        if folder not in self.folders:
            self.folders.append(folder)
        self.claimed.add(top)

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Return the spec of a top-level module of a code folder, else None.

        A folder without ``__init__.py`` counts only if a target names it, so ``data/`` never hides an installed
        package.
        """
        if path is not None:
            return None
        for folder in self.folders:
            spec = PathFinder.find_spec(fullname, [str(folder)])
            if spec is None or (spec.loader is None and fullname not in self.claimed):
                continue
            self.found.add(fullname)
            if spec.loader is not None:
                return spec
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [str(folder / fullname)]
            return spec
        return None


def _offers(folder: Path, dotted: str) -> bool:
    """Return whether the folder contains the module: as a file, a package, or a path of plain folders."""
    head, _, rest = dotted.partition(".")
    spec = PathFinder.find_spec(head, [str(folder)])
    if spec is None:
        return False
    return spec.loader is not None or (bool(rest) and _offers(folder / head, rest))


def _names(folder: Path) -> frozenset[str]:
    """Return the top-level modules and packages of a tree, with its plain folders of Python files."""
    modules = {module.name for module in pkgutil.iter_modules([str(folder)])}
    plain = {path.parent.name for path in folder.glob("*/*.py") if path.parent.name.isidentifier()}
    return frozenset((modules | plain) - _READ_BY_TOOLS)


def _refuse_elsewhere(folder: Path, top: str) -> None:
    """Raise SubjectError if a module of that name was imported from elsewhere.

    A standard module that no target names may hide one of the folder, as in every Python program; any other would be
    measured in place of the audited one.
    """
    module = sys.modules.get(top)
    if module is None:
        return
    spec = PathFinder.find_spec(top, [str(folder)])
    offered = Path(spec.origin) if spec is not None and spec.origin else folder / top
    loaded = _file_of(module)
    if loaded is None or loaded.resolve() != offered.resolve():
        raise SubjectError(
            f"the code folder offers {top!r} in {offered}, but a module of that name is already imported from "
            f"{loaded or 'the interpreter itself'}: rename one of the two"
        )


def _file_of(module: ModuleType) -> Path | None:
    if getattr(module, "__file__", None):
        return Path(str(module.__file__))
    return next((Path(path) for path in getattr(module, "__path__", ())), None)
