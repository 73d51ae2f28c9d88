"""Shared parts of the tests of subjects: the built-in loaders as declarations, the type of the factory fixture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import entry_points
from typing import Protocol

from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.registry import GROUP, discover
from speccheck.sdk import Loader
from speccheck.subjects import SubjectFactory

BUILTIN = discover(entry_points(group=GROUP, name="builtin"))
"""The registry of the built-ins, whatever else is installed."""


class Loaders:
    """Built-in loaders and those of a test; implements ``model.Declarations``."""

    def __init__(self, more: Sequence[Loader] = ()) -> None:
        self._more = {loader.name: loader for loader in more}

    def load(self, name: str) -> Loader | None:
        if name in self._more:
            return self._more[name]
        return BUILTIN.load_loader(name)

    def check_names(self) -> Sequence[str]:
        return ()

    def check(self, name: str) -> CheckDeclaration | None:
        return None

    def loader_names(self) -> Sequence[str]:
        return sorted({*self._more, *BUILTIN.loader_names()})

    def loader(self, name: str) -> LoaderDeclaration | None:
        found = self.load(name)
        if found is None:
            return None
        return LoaderDeclaration(params=found.schema, keys=dict(found.keys), lazy=tuple(found.lazy))


class MakeFactory(Protocol):
    """Makes a factory that is closed after the test."""

    def __call__(
        self,
        *,
        code: Mapping[str, str] | None = None,
        seed: int = 0,
        environ: Mapping[str, str] | None = None,
        loaders: Sequence[Loader] = (),
    ) -> SubjectFactory: ...
