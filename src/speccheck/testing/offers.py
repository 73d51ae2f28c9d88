"""The contracts of loaders and reporters, and the names that a distribution offers."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from speccheck.model.run import Run
from speccheck.registry import Registry
from speccheck.sdk.reporting import Reporter
from speccheck.testing.checks import broken, schema_problems
from speccheck.testing.imports import heavy_imports


@dataclass(frozen=True)
class Offers:
    """The names that one distribution registers."""

    checks: tuple[str, ...]
    loaders: tuple[str, ...]
    reporters: tuple[str, ...]


def offers(registry: Registry, distribution: str) -> Offers:
    """Return the names that the distribution offers; LookupError when it offers none, or is not installed."""
    found = Offers(
        tuple(name for name, offer in registry.checks.items() if offer.distribution == distribution),
        tuple(name for name, offer in registry.loaders.items() if offer.distribution == distribution),
        tuple(name for name, offer in registry.reporters.items() if offer.distribution == distribution),
    )
    if found == Offers((), (), ()):
        installed = ", ".join(plugin.distribution for plugin in registry.plugins)
        raise LookupError(f"{distribution} offers nothing: is it installed here? Installed: {installed}")
    return found


def check_light_imports(registry: Registry, distribution: str) -> None:
    """Raise ContractError when importing the distribution's offers, in one process, imports numpy or torch."""
    everything = [*registry.checks.values(), *registry.loaders.values(), *registry.reporters.values()]
    modules = [offer.target.partition(":")[0] for offer in everything if offer.distribution == distribution]
    broken(distribution, heavy_imports(modules))


def check_loader(registry: Registry, name: str) -> None:
    """Raise ContractError unless the loader is documented and its schemas are valid JSON Schema (2020-12)."""
    loader = registry.load_loader(name)
    if loader is None:
        raise LookupError(f"unknown loader {name!r}")
    problems = [] if loader.name == name else [f"it is registered as {name}, but its name is {loader.name}"]
    if not loader.doc.strip():
        problems.append("its doc is empty")
    for where, schema in {name: loader.schema, **loader.keys}.items():
        problems += [f"key {where}: {problem}" for problem in schema_problems(schema)]
    problems += [
        f"lazy names {key}, which is not one of its keys" for key in sorted(loader.lazy - {name, *loader.keys})
    ]
    broken(name, problems)


def check_reporter(registry: Registry, name: str, runs: Iterable[Run]) -> None:
    """Raise ContractError unless the reporter renders each run to the given stream only, and the same each time.

    :func:`speccheck.testing.samples.sample_runs` returns runs with every outcome.
    """
    reporter = registry.load_reporter(name)
    problems = [] if reporter.name == name else [f"it is registered as {name}, but its name is {reporter.name}"]
    if not reporter.doc.strip():
        problems.append("its doc is empty")
    if not reporter.suffix.startswith("."):
        problems.append(f"its suffix {reporter.suffix!r} does not start with a dot")
    for run in runs:
        problems += [
            f"the run {run.title or run.decision!r}: {problem}" for problem in _rendering_problems(reporter, run)
        ]
    broken(name, problems)


def _rendering_problems(reporter: Reporter, run: Run) -> Iterator[str]:
    texts = []
    aside = io.StringIO()
    for _ in range(2):
        stream = io.StringIO()
        with contextlib.redirect_stdout(aside), contextlib.redirect_stderr(aside):
            reporter.render(run, stream)
        if stream.closed:
            yield "it closes the given stream"
            return
        texts.append(stream.getvalue())
    if not texts[0].strip():
        yield "it writes nothing"
    if texts[0] != texts[1]:
        yield "rendering it twice gives different texts"
    if aside.getvalue():
        yield "it also prints outside the given stream"
