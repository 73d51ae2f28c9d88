"""The contract suite over everything that is installed, the built-ins as any plugin."""

from __future__ import annotations

from pathlib import Path

import pytest

from contract.cases import CASES
from speccheck.registry import discover
from speccheck.testing import (
    RecordingContext,
    check_contract,
    check_light_imports,
    check_loader,
    check_reporter,
    run_check,
    sample_runs,
)

REGISTRY = discover()
BUILTIN = [name for name, offer in REGISTRY.checks.items() if offer.distribution == "speccheck"]


@pytest.mark.parametrize("name", REGISTRY.check_names())
def test_checks_keep_their_contract(name: str) -> None:
    check_contract(REGISTRY, name)


def test_every_check_has_a_case() -> None:
    assert sorted(CASES) == sorted(BUILTIN)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILTIN)
def test_checks_yield_what_they_declare(name: str, tmp_path: Path) -> None:
    context = RecordingContext.under(tmp_path)
    evidence = run_check(REGISTRY, name, CASES[name](context.folder), context)
    assert evidence.metrics


@pytest.mark.parametrize("name", REGISTRY.loader_names())
def test_loaders_keep_their_contract(name: str) -> None:
    check_loader(REGISTRY, name)


@pytest.mark.parametrize("name", REGISTRY.reporter_names())
def test_reporters_keep_their_contract(name: str) -> None:
    check_reporter(REGISTRY, name, sample_runs())


@pytest.mark.parametrize("plugin", [plugin.distribution for plugin in REGISTRY.plugins])
def test_imports_are_light(plugin: str) -> None:
    check_light_imports(REGISTRY, plugin)


@pytest.mark.parametrize("offers", [REGISTRY.checks, REGISTRY.loaders, REGISTRY.reporters])
def test_something_is_offered(offers: dict[str, object]) -> None:
    """An empty registry would leave nothing to test, and pass."""
    assert offers
