"""The modules of a package, listed without importing any of them."""

from __future__ import annotations

import importlib.util
import pkgutil
import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib.machinery import PathFinder
from pathlib import Path


def module_names(package: str) -> list[str]:
    """The modules of the package itself, sorted; ModuleNotFoundError when the package does not exist.

    A package below it, and a name that starts with an underscore, is a helper and is left out.
    """
    return _modules(_folders(package))


def family_modules(package: str) -> Iterator[tuple[str, str]]:
    """Each ``(family, module)`` of the files ``<package>/<family>/<module>.py``, helpers left out."""
    for folder in _folders(package):
        for family in sorted(Path(folder).iterdir()):
            if family.is_dir() and not family.name.startswith("_"):
                yield from ((family.name, module) for module in _modules([str(family)]))


def _modules(folders: Iterable[str]) -> list[str]:
    found = pkgutil.iter_modules(list(folders))
    return sorted(module.name for module in found if not module.ispkg and not module.name.startswith("_"))


def _folders(package: str) -> Sequence[str]:
    """The folders of a package. ``importlib.util.find_spec`` would import the packages above it."""
    head, *rest = package.split(".")
    spec = importlib.util.find_spec(head)
    name = head
    for part in rest:
        parent = sys.modules.get(name)
        folders = getattr(parent, "__path__", None) or (spec and spec.submodule_search_locations)
        name = f"{name}.{part}"
        spec = PathFinder.find_spec(name, list(folders)) if folders else None
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError(f"no package {package}")
    return list(spec.submodule_search_locations)
