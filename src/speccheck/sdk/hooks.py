"""The pluggy hooks through which checks, loaders, reporters and environment facts are registered.

A distribution names one module under the entry point group ``speccheck``; the hooks it implements there are called with
nothing imported but that module. The built-ins register the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pluggy

from speccheck.model.values import Json

PROJECT = "speccheck"

hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True)
class CheckPackage:
    """A package whose modules are checks: ``<package>/<family>/<check>.py`` is the check ``family.check``."""

    package: str


@dataclass(frozen=True)
class LoaderPackage:
    """A package whose modules are loaders: ``loader`` in ``<package>/<name>.py`` is the loader ``name``.

    Modules whose name starts with an underscore are helpers.
    """

    package: str


@dataclass(frozen=True)
class LoaderRef:
    """One loader, by name, in ``module:attribute``; imported when a spec first uses it."""

    name: str
    target: str


@dataclass(frozen=True)
class ReporterPackage:
    """A package whose modules are reporters: ``reporter`` in ``<package>/<name>.py`` is the reporter ``name``.

    Modules whose name starts with an underscore are helpers.
    """

    package: str


@dataclass(frozen=True)
class ReporterRef:
    """One reporter, by name, in ``module:attribute``; imported when first asked for."""

    name: str
    target: str


class Hooks:
    """The hook specifications. Every hook is optional; a name that starts with ``speccheck_`` and is none of these is
    an error that names the distribution.
    """

    @hookspec
    def speccheck_checks(self) -> Iterable[CheckPackage]:
        """Packages of checks that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_loaders(self) -> Iterable[LoaderPackage | LoaderRef]:
        """Loaders of subjects that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_reporters(self) -> Iterable[ReporterPackage | ReporterRef]:
        """Reporters that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_environment(self) -> Mapping[str, Json]:
        """Facts about the environment that belong into the record of a run, by name."""
        raise NotImplementedError
