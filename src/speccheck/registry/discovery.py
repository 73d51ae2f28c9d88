"""Discovery: finds the installed plugins, and reports all their errors at once."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

import pluggy

from speccheck.model.diagnostic import Diagnostic
from speccheck.model.values import Json, to_wire
from speccheck.registry.offers import Offer, Plugin, Registry, RegistryError
from speccheck.registry.packages import family_modules, module_names
from speccheck.registry.trial import trial
from speccheck.sdk.hooks import PROJECT, Hooks, LoaderPackage, ReporterPackage

T = TypeVar("T")

GROUP = "speccheck"


def discover(entry_points: Iterable[importlib.metadata.EntryPoint] | None = None) -> Registry:
    """Return the registry of all installed distributions; RegistryError lists all their errors at once."""
    found = importlib.metadata.entry_points(group=GROUP) if entry_points is None else entry_points
    problems: list[Diagnostic] = []
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    plugins = [plugin for point in sorted(found, key=_order) if (plugin := _register(manager, point, problems))]
    collector = _Collector(manager, problems)
    checks = collector.offers("speccheck_checks", _check_offers)
    loaders = collector.offers("speccheck_loaders", _loader_offers)
    reporters = collector.offers("speccheck_reporters", _reporter_offers)
    executors = collector.offers("speccheck_executors", _named_refs)
    facts = collector.facts()
    if problems:
        raise RegistryError(problems)
    return Registry(plugins, checks, loaders, reporters, facts, executors)


def _order(point: importlib.metadata.EntryPoint) -> tuple[bool, str, str]:
    # The built-ins come first, so that a duplicate is reported against the plugin that adds it.
    name = _distribution(point)
    return (name != PROJECT, name, point.value)


def _distribution(point: importlib.metadata.EntryPoint) -> str:
    return point.dist.name if point.dist is not None else point.value


def _register(
    manager: pluggy.PluginManager, point: importlib.metadata.EntryPoint, problems: list[Diagnostic]
) -> Plugin | None:
    distribution = _distribution(point)
    ending = "" if distribution == PROJECT else trial(lambda: _try(point))
    if ending:
        hint = f"repair it or uninstall it: pip uninstall {distribution}"
        message = f"importing plugin {point.value} of distribution {distribution} {ending}"
        problems.append(Diagnostic("SC701", message, hint=hint))
        return None
    try:
        module = point.load()
    except (Exception, SystemExit) as error:  # noqa: BLE001 - any error of a third party's module is reported, with its distribution
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
        problems.append(Diagnostic("SC702", message, hint="name one module, and register everything in it"))
        return None
    manager.register(module, name=distribution)
    version = point.dist.version if point.dist is not None else ""
    return Plugin(distribution, version, point.value)


def _try(point: importlib.metadata.EntryPoint) -> None:
    """Import a plugin's module and call its hooks, as is done next."""
    for function in vars(point.load()).values():
        if hasattr(function, f"{PROJECT}_impl"):
            list(function())


def _hook_problems(module: object, value: str, distribution: str) -> list[Diagnostic]:
    """Functions of a plugin that look like hooks and would never be called."""
    known = {name for name in vars(Hooks) if name.startswith("speccheck_")}
    problems = []
    for name in sorted(vars(module)):
        function = getattr(module, name)
        if not name.startswith("speccheck_") or not callable(function):
            continue
        if name not in known:
            problems.append(_misspelled(name, known, value, distribution))
        elif not hasattr(function, f"{PROJECT}_impl"):
            message = f"plugin {value} of distribution {distribution} defines {name} without @hookimpl"
            problems.append(Diagnostic("SC703", message, hint="add @hookimpl above it"))
    return problems


def _misspelled(name: str, known: set[str], module: str, distribution: str) -> Diagnostic:
    import difflib

    close = difflib.get_close_matches(name, sorted(known), 1)
    return Diagnostic(
        "SC703",
        f"plugin {module} of distribution {distribution} implements {name}, which is not a hook of speccheck",
        hint=f"did you mean {close[0]!r}?" if close else f"the hooks are {', '.join(sorted(known))}",
    )


class _Collector:
    def __init__(self, manager: pluggy.PluginManager, problems: list[Diagnostic]) -> None:
        self.manager = manager
        self.problems = problems

    def offers(self, hook: str, read: Callable[[Any, str], Iterable[Offer]]) -> dict[str, Offer]:
        """Return the offers of all plugins through one hook, by name; duplicates become problems."""
        taken: dict[str, Offer] = {}
        for offers in self._called(hook, lambda found, name: list(read(found, name))):
            for offer in offers:
                self._take(taken, offer, hook)
        return taken

    def facts(self) -> dict[str, Json]:
        """Return the environment facts of all plugins, as plain data."""
        facts: dict[str, Json] = {}
        owner: dict[str, str] = {}
        for found, name in self._called("speccheck_environment", lambda found, name: (to_wire(dict(found)), name)):
            for fact in found:
                if owner.setdefault(fact, name) != name:
                    message = f"distributions {owner[fact]} and {name} both give the environment fact {fact!r}"
                    self.problems.append(Diagnostic("SC702", message, hint="rename one of them"))
            facts.update(found)
        return facts

    def _called(self, hook: str, read: Callable[[Any, str], T]) -> Iterable[T]:
        for implementation in getattr(self.manager.hook, hook).get_hookimpls():
            name = implementation.plugin_name
            try:
                result = read(implementation.function(), name)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - whatever a plugin raises names its distribution
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
        for family, name in family_modules(item.package):
            yield Offer(f"{family}.{name}", f"{item.package}.{family}.{name}:check", distribution)


def _loader_offers(offered: Iterable[Any], distribution: str) -> Iterable[Offer]:
    return _named_offers(offered, LoaderPackage, "loader", distribution)


def _reporter_offers(offered: Iterable[Any], distribution: str) -> Iterable[Offer]:
    return _named_offers(offered, ReporterPackage, "reporter", distribution)


def _named_offers(
    offered: Iterable[Any], package: type[LoaderPackage | ReporterPackage], attribute: str, distribution: str
) -> Iterable[Offer]:
    """The offers of packages, one per module, and of single references."""
    for item in offered:
        if isinstance(item, package):
            for name in module_names(item.package):
                yield Offer(name, f"{item.package}.{name}:{attribute}", distribution)
        else:
            yield Offer(item.name, item.target, distribution)


def _named_refs(offered: Iterable[Any], distribution: str) -> Iterable[Offer]:
    for item in offered:
        yield Offer(item.name, item.target, distribution)
