"""The registered names and their lazy references, imported when first used."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import msgspec

from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.values import Json
from speccheck.registry.trial import trial
from speccheck.sdk.check import Check
from speccheck.sdk.executing import Executor
from speccheck.sdk.hooks import PROJECT
from speccheck.sdk.loading import Loader
from speccheck.sdk.params import describe, params_schema
from speccheck.sdk.reporting import Reporter

T = TypeVar("T")


class RegistryError(Exception):
    """Installed plugins that cannot be used; ``diagnostics`` names them and the reasons."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(item.message for item in diagnostics))
        self.diagnostics = tuple(diagnostics)


class Offer(msgspec.Struct, frozen=True):
    """A registered name, its ``module:attribute``, and the distribution that offers it."""

    name: str
    target: str
    distribution: str


class Plugin(msgspec.Struct, frozen=True):
    """A distribution with an entry point in the group ``speccheck``: its name, version and module."""

    distribution: str
    version: str
    module: str


class Registry:
    """Maps names to lazy references; made by :func:`discover`. Implements ``model.declaration.Declarations``."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        checks: Mapping[str, Offer],
        loaders: Mapping[str, Offer],
        reporters: Mapping[str, Offer],
        environment: Mapping[str, Json],
        executors: Mapping[str, Offer] | None = None,
    ) -> None:
        self.plugins = tuple(plugins)
        self.checks = dict(sorted(checks.items()))
        self.loaders = dict(sorted(loaders.items()))
        self.reporters = dict(sorted(reporters.items()))
        self.executors = dict(sorted((executors or {}).items()))
        self.environment = dict(sorted(environment.items()))
        self._declared: dict[str, CheckDeclaration] = {}

    def check_names(self) -> Sequence[str]:
        """Return the names of all checks, sorted."""
        return tuple(self.checks)

    def loader_names(self) -> Sequence[str]:
        """Return the names of all loaders, sorted."""
        return tuple(self.loaders)

    def reporter_names(self) -> Sequence[str]:
        """Return the names of all reporters, sorted."""
        return tuple(self.reporters)

    def executor_names(self) -> Sequence[str]:
        """Return the names of all executors, sorted."""
        return tuple(self.executors)

    def check(self, name: str) -> CheckDeclaration | None:
        """Import a check and return its declaration, or None; RegistryError when its module is not a check."""
        if name not in self.checks:
            return None
        if name not in self._declared:
            self._declared[name] = _declaration(self.checks[name], self.load_check(name))
        return self._declared[name]

    def loader(self, name: str) -> LoaderDeclaration | None:
        """Import a loader and return its declaration, or None for an unknown name."""
        found = self.load_loader(name)
        if found is None:
            return None
        return LoaderDeclaration(
            params=found.schema,
            keys=dict(found.keys),
            doc=found.doc,
            lazy=tuple(sorted(found.lazy)),
            distribution=self.loaders[name].distribution,
            plain=found.plain,
        )

    def load_check(self, name: str) -> Check[Any]:
        """Return the check of that name; KeyError for an unknown name, RegistryError for a module without a check."""
        return _load(self.checks[name], Check)

    def documentation(self, name: str) -> str:
        """Return the docstring of a check's module, as written."""
        self.load_check(name)
        return sys.modules[self.checks[name].target.partition(":")[0]].__doc__ or ""

    def load_loader(self, name: str) -> Loader | None:
        """Return the loader of that name, or None."""
        return _load(self.loaders[name], Loader) if name in self.loaders else None

    def load_reporter(self, name: str) -> Reporter:
        """Return the reporter of that name; KeyError for an unknown name."""
        return _load(self.reporters[name], Reporter)

    def load_executor(self, name: str) -> Executor:
        """Return the executor of that name; KeyError for an unknown name."""
        return _load(self.executors[name], Executor)


def _load(offer: Offer, kind: type[T]) -> T:
    module, _, attribute = offer.target.partition(":")
    if offer.distribution != PROJECT and module not in sys.modules:
        ending = trial(lambda: importlib.import_module(module))
        if ending:
            raise RegistryError([_broken(offer, f"its import {ending}")])
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (Exception, SystemExit) as error:  # a broken module is reported with its distribution
        raise RegistryError([_broken(offer, f"{type(error).__name__}: {error}")]) from error
    if not isinstance(found, kind):
        raise RegistryError([_broken(offer, f"it is a {type(found).__name__}, not a speccheck.sdk.{kind.__name__}")])
    return found


def _broken(offer: Offer, what: str) -> Diagnostic:
    return Diagnostic(
        "SC704",
        f"{offer.name} of distribution {offer.distribution} ({offer.target}) cannot be used: {what}",
        hint="repair the plugin or uninstall it",
    )


def _declaration(offer: Offer, check: Check[Any]) -> CheckDeclaration:
    try:
        schema = params_schema(check.params)
    except TypeError as error:
        raise RegistryError([_broken(offer, str(error))]) from error
    doc = sys.modules[offer.target.partition(":")[0]].__doc__ or ""
    return CheckDeclaration(
        version=check.version,
        summary=doc.strip().partition("\n")[0],
        metrics=dict(check.metrics),
        params=schema,
        fields={field.name: field.kind for field in describe(check.params)},
        distribution=offer.distribution,
    )
