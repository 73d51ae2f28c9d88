"""The contracts of loaders and reporters, and what a distribution offers."""

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
    """What the distribution offers; LookupError when it offers nothing, as one that is not installed does."""
    found = Offers(
        tuple(name for name, offer in registry.checks.items() if offer.distribution == distribution),
        tuple(name for name, offer in registry.loaders.items() if offer.distribution == distribution),
        tuple(name for name, offer in registry.reporters.items() if offer.distribution == distribution),
    )
    if found == Offers((), (), ()):
        installed = ", ".join(plugin.distribution for plugin in registry.plugins)
        raise LookupError(f"{distribution} offers nothing: is it installed here? There are {installed}")
    return found


def check_light_imports(registry: Registry, distribution: str) -> None:
    """ContractError when importing what the distribution offers imports numpy or torch; one process for all of it."""
    everything = [*registry.checks.values(), *registry.loaders.values(), *registry.reporters.values()]
    modules = [offer.target.partition(":")[0] for offer in everything if offer.distribution == distribution]
    broken(distribution, heavy_imports(modules))


def check_loader(registry: Registry, name: str) -> None:
    """ContractError unless the loader is documented and its schemas are valid JSON Schema (2020-12)."""
    loader = registry.load_loader(name)
    if loader is None:
        raise LookupError(f"no loader {name}")
    problems = [] if loader.name == name else [f"it is offered as {name} and calls itself {loader.name}"]
    if not loader.doc.strip():
        problems.append("it has no doc")
    for where, schema in {name: loader.schema, **loader.keys}.items():
        problems += [f"key {where}: {problem}" for problem in schema_problems(schema)]
    problems += [f"lazy names {key}, which is none of its keys" for key in sorted(loader.lazy - {name, *loader.keys})]
    broken(name, problems)


def check_reporter(registry: Registry, name: str, runs: Iterable[Run]) -> None:
    """ContractError unless the reporter renders each run to the stream it is given, alike every time, and only there.

    :func:`speccheck.testing.samples.sample_runs` gives runs with every outcome.
    """
    reporter = registry.load_reporter(name)
    problems = [] if reporter.name == name else [f"it is offered as {name} and calls itself {reporter.name}"]
    if not reporter.doc.strip():
        problems.append("it has no doc")
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
            yield "it closes the stream it is given"
            return
        texts.append(stream.getvalue())
    if not texts[0].strip():
        yield "nothing was written"
    if texts[0] != texts[1]:
        yield "rendering it twice gives different texts"
    if aside.getvalue():
        yield "it prints beside the stream it is given"
