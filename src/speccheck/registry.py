"""The registry: what the installed distributions offer, found without importing it.

Each distribution names one module under the entry point group ``speccheck``. That module is imported and its hooks are
called; check modules, loaders and reporters are imported when first used. A plugin that cannot be imported, offers a
name twice or misspells a hook is an error that names the distribution (codes SC701 to SC704).
"""

from __future__ import annotations

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import pluggy

from speccheck.model.declaration import CheckDeclaration, LoaderDeclaration
from speccheck.model.diagnostic import Diagnostic
from speccheck.model.values import Json, to_wire
from speccheck.sdk.check import Check
from speccheck.sdk.hooks import PROJECT, Hooks
from speccheck.sdk.loading import Loader
from speccheck.sdk.params import describe, params_schema
from speccheck.sdk.reporting import Reporter

T = TypeVar("T")

GROUP = "speccheck"


class RegistryError(Exception):
    """The installed plugins cannot be used as they are; ``diagnostics`` says which and why."""

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        super().__init__("; ".join(item.message for item in diagnostics))
        self.diagnostics = tuple(diagnostics)


class Offer(msgspec.Struct, frozen=True):
    """Something registered: its name, ``module:attribute``, and the distribution that offers it."""

    name: str
    target: str
    distribution: str


class Plugin(msgspec.Struct, frozen=True):
    """A distribution with an entry point of ours: its name, version and module."""

    distribution: str
    version: str
    module: str


class Registry:
    """Names to lazy references; :func:`discover` makes one. Implements ``model.declaration.Declarations``."""

    def __init__(
        self,
        plugins: Sequence[Plugin],
        checks: Mapping[str, Offer],
        loaders: Mapping[str, Offer],
        reporters: Mapping[str, Offer],
        environment: Mapping[str, Json],
    ) -> None:
        self.plugins = tuple(plugins)
        self.checks = dict(sorted(checks.items()))
        self.loaders = dict(sorted(loaders.items()))
        self.reporters = dict(sorted(reporters.items()))
        self.environment = dict(sorted(environment.items()))
        self._declared: dict[str, CheckDeclaration] = {}

    def check_names(self) -> Sequence[str]:
        """Every registered check, sorted."""
        return tuple(self.checks)

    def loader_names(self) -> Sequence[str]:
        """Every registered loader, sorted."""
        return tuple(self.loaders)

    def reporter_names(self) -> Sequence[str]:
        """Every registered reporter, sorted."""
        return tuple(self.reporters)

    def check(self, name: str) -> CheckDeclaration | None:
        """The declaration of a check, its module imported; RegistryError when the module is no check."""
        if name not in self.checks:
            return None
        if name not in self._declared:
            self._declared[name] = _declaration(self.checks[name], self.load_check(name))
        return self._declared[name]

    def loader(self, name: str) -> LoaderDeclaration | None:
        """The declaration of a loader, its module imported."""
        found = self.load_loader(name)
        if found is None:
            return None
        return LoaderDeclaration(
            params=found.schema,
            keys=dict(found.keys),
            doc=found.doc,
            lazy=tuple(sorted(found.lazy)),
            executes=found.executes,
            distribution=self.loaders[name].distribution,
        )

    def load_check(self, name: str) -> Check[Any]:
        """The check of that name; KeyError for an unknown name, RegistryError for a module that is no check."""
        return _load(self.checks[name], Check)

    def load_loader(self, name: str) -> Loader | None:
        """The loader of that name, or None."""
        return _load(self.loaders[name], Loader) if name in self.loaders else None

    def load_reporter(self, name: str) -> Reporter:
        """The reporter of that name; KeyError for an unknown name."""
        return _load(self.reporters[name], Reporter)


def discover(entry_points: Iterable[importlib.metadata.EntryPoint] | None = None) -> Registry:
    """The registry of all installed distributions; RegistryError lists everything that is wrong with them at once."""
    found = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    problems: list[Diagnostic] = []
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    plugins = [plugin for point in sorted(found, key=_order) if (plugin := _register(manager, point, problems))]
    collector = _Collector(manager, problems)
    checks = collector.offers("speccheck_checks", _check_offers)
    loaders = collector.offers("speccheck_loaders", _refs)
    reporters = collector.offers("speccheck_reporters", _refs)
    facts = collector.facts()
    if problems:
        raise RegistryError(problems)
    return Registry(plugins, checks, loaders, reporters, facts)


def _order(point: importlib.metadata.EntryPoint) -> tuple[bool, str, str]:
    # The built-ins come first, so that a duplicate is reported against the plugin that brought it.
    name = _distribution(point)
    return (name != PROJECT, name, point.value)


def _distribution(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _register(
    manager: pluggy.PluginManager, point: importlib.metadata.EntryPoint, problems: list[Diagnostic]
) -> Plugin | None:
    distribution = _distribution(point)
    try:
        module = point.load()
    except Exception as error:  # noqa: BLE001 - any error of a third party's module is reported, with its distribution
        problems.append(
            Diagnostic(
                "SC701",
                f"plugin {point.value} of distribution {distribution} cannot be imported: "
                f"{type(error).__name__}: {error}",
                hint=f"repair it or uninstall it: pip uninstall {distribution}",
            )
        )
        return None
    problems += _hook_problems(module, point.value, distribution)
    if manager.get_plugin(distribution) is not None:
        message = f"distribution {distribution} names a second plugin, {point.value}"
        problems.append(Diagnostic("SC702", message, hint="name one module and let it register everything"))
        return None
    manager.register(module, name=distribution)
    version = point.dist.version if point.dist is not None else ""
    return Plugin(distribution, version, point.value)


def _hook_problems(module: object, value: str, distribution: str) -> list[Diagnostic]:
    """What of a plugin's functions looks like a hook and would never be called."""
    known = {name for name in vars(Hooks) if name.startswith("speccheck_")}
    problems = []
    for name in sorted(vars(module)):
        function = getattr(module, name)
        if not name.startswith("speccheck_") or not callable(function):
            continue
        if name not in known:
            problems.append(_misspelled(name, known, value, distribution))
        elif not hasattr(function, f"{PROJECT}_impl"):
            message = f"plugin {value} of distribution {distribution} has {name} without @hookimpl"
            problems.append(Diagnostic("SC703", message, hint="write @hookimpl above it"))
    return problems


def _misspelled(name: str, known: set[str], module: str, distribution: str) -> Diagnostic:
    import difflib

    close = difflib.get_close_matches(name, sorted(known), 1)
    return Diagnostic(
        "SC703",
        f"plugin {module} of distribution {distribution} implements {name}, which is no hook of speccheck",
        hint=f"did you mean {close[0]!r}?" if close else f"the hooks are {', '.join(sorted(known))}",
    )


class _Collector:
    def __init__(self, manager: pluggy.PluginManager, problems: list[Diagnostic]) -> None:
        self.manager = manager
        self.problems = problems

    def offers(self, hook: str, read: Callable[[Any, str], Iterable[Offer]]) -> dict[str, Offer]:
        """The offers of all plugins through one hook, each by its name; duplicates become problems."""
        taken: dict[str, Offer] = {}
        for offers in self._called(hook, lambda found, name: list(read(found, name))):
            for offer in offers:
                self._take(taken, offer, hook)
        return taken

    def facts(self) -> dict[str, Json]:
        """The environment facts of all plugins, plain data each."""
        facts: dict[str, Json] = {}
        for found in self._called("speccheck_environment", lambda found, name: to_wire(dict(found))):
            facts.update(found)
        return facts

    def _called(self, hook: str, read: Callable[[Any, str], T]) -> Iterable[T]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            name = implementation.plugin_name
            try:
                result = read(implementation.function(), name)
            except Exception as error:  # noqa: BLE001 - whatever a plugin raises names its distribution
                module = getattr(implementation.plugin, "__name__", name)
                message = f"{hook} of distribution {name} raised {type(error).__name__}: {error} ({module})"
                self.problems.append(Diagnostic("SC701", message, hint="repair the plugin or uninstall it"))
            else:
                yield result

    def _take(self, taken: dict[str, Offer], offer: Offer, hook: str) -> None:
        first = taken.setdefault(offer.name, offer)
        if first is not offer:
            kind = hook.removeprefix("speccheck_").removesuffix("s")
            self.problems.append(
                Diagnostic(
                    "SC702",
                    f"{kind} {offer.name!r} is offered twice: by distribution {first.distribution} ({first.target}) "
                    f"and by distribution {offer.distribution} ({offer.target})",
                    hint="rename one of them or uninstall one distribution",
                )
            )


def _check_offers(packages: Iterable[Any], distribution: str) -> Iterable[Offer]:
    for item in packages:
        spec = importlib.util.find_spec(item.package)
        if spec is None or spec.submodule_search_locations is None:
            raise ModuleNotFoundError(f"no package {item.package}")
        for location in spec.submodule_search_locations:
            for path in sorted(Path(location).glob("*/*.py")):
                family, name = path.parent.name, path.stem
                if not family.startswith("_") and not name.startswith("_"):
                    yield Offer(f"{family}.{name}", f"{item.package}.{family}.{name}:check", distribution)


def _refs(refs: Iterable[Any], distribution: str) -> Iterable[Offer]:
    for ref in refs:
        yield Offer(ref.name, ref.target, distribution)


def _load(offer: Offer, kind: type[T]) -> T:
    module, _, attribute = offer.target.partition(":")
    try:
        found = getattr(importlib.import_module(module), attribute)
    except Exception as error:  # a broken module is reported with the distribution that brought it
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
    module = importlib.import_module(offer.target.partition(":")[0])
    return CheckDeclaration(
        version=check.version,
        summary=(module.__doc__ or "").strip().partition("\n")[0],
        metrics=dict(check.metrics),
        params=schema,
        fields={field.name: field.kind for field in describe(check.params)},
        distribution=offer.distribution,
    )
