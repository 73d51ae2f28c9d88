"""The pluggy hooks through which checks, loaders, reporters and environment facts are registered.

A distribution names one module under the entry point group ``speccheck`` and implements hooks in it. Calling the hooks
imports that module and nothing else. The built-ins register in the same way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import pluggy

from speccheck.model.values import Json

PROJECT = "speccheck"
"""The name under which pluggy collects the hooks, and the group of entry points."""

hookspec = pluggy.HookspecMarker(PROJECT)
"""Marks a specification of a hook."""

hookimpl = pluggy.HookimplMarker(PROJECT)
"""Marks a plugin's implementation of a hook."""


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


@dataclass(frozen=True)
class ExecutorRef:
    """One executor, by name, in ``module:attribute``; imported when a run asks for it."""

    name: str
    target: str


class Hooks:
    """The hook specifications. Every hook is optional.

    Any other name that starts with ``speccheck_`` is an error, which names the distribution.
    """

    @hookspec
    def speccheck_checks(self) -> Iterable[CheckPackage]:
        """Return the packages of checks that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_loaders(self) -> Iterable[LoaderPackage | LoaderRef]:
        """Return the loaders of subjects that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_reporters(self) -> Iterable[ReporterPackage | ReporterRef]:
        """Return the reporters that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_executors(self) -> Iterable[ExecutorRef]:
        """Return the executors that this distribution offers."""
        raise NotImplementedError

    @hookspec
    def speccheck_environment(self) -> Mapping[str, Json]:
        """Return facts about the environment, by name, for the record of every run."""
        raise NotImplementedError
