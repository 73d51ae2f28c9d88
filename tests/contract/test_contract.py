"""The contract suite over everything that is installed, built-ins and plugins alike."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

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
TESTS = Path(__file__).parents[1] / "checks"
BUILTIN = [name for name, offer in REGISTRY.checks.items() if offer.distribution == "speccheck"]


def _parameters(name: str, folder: Path) -> Mapping[str, Any]:
    """The parameters of a measurement: live ones as objects, the others as YAML gives them.

    They are those of the function ``case`` beside the tests of the check, in tests/checks/<family>/test_<check>.py.
    """
    family, check = name.split(".")
    spec = importlib.util.spec_from_file_location(f"case_of_{family}_{check}", TESTS / family / f"test_{check}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # dataclasses look their module up
    try:
        spec.loader.exec_module(module)
        parameters: Mapping[str, Any] = module.case(folder)
    finally:
        del sys.modules[spec.name]  # tests of the same file tell where a warning comes from by its module's name
    return parameters


@pytest.mark.parametrize("name", REGISTRY.check_names())
def test_checks_keep_their_contract(name: str) -> None:
    check_contract(REGISTRY, name)


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILTIN)
def test_checks_yield_what_they_declare(name: str, tmp_path: Path) -> None:
    context = RecordingContext.under(tmp_path)
    evidence = run_check(REGISTRY, name, _parameters(name, context.folder), context)
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
    """With an empty registry every other test here would pass."""
    assert offers
