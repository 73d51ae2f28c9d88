"""The contract suite of speccheck over all that this distribution offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from speccheck.registry import discover
from speccheck.testing import (
    RecordingContext,
    check_contract,
    check_light_imports,
    check_loader,
    check_reporter,
    offers,
    run_check,
    sample_runs,
)

DISTRIBUTION = "speccheck-template"
REGISTRY = discover()
OFFERS = offers(REGISTRY, DISTRIBUTION)

CASES = {"text.lines": {"lines": ["one", "two "]}}
"""Parameters for one measurement of each check: the live ones as objects, the others as YAML gives them."""


@pytest.mark.parametrize("name", OFFERS.checks)
def test_checks_keep_their_contract(name: str) -> None:
    check_contract(REGISTRY, name)


@pytest.mark.parametrize("name", OFFERS.checks)
def test_checks_yield_what_they_declare(name: str, tmp_path: Path) -> None:
    evidence = run_check(REGISTRY, name, CASES[name], RecordingContext.under(tmp_path))
    assert evidence.metrics


@pytest.mark.parametrize("name", OFFERS.loaders)
def test_loaders_keep_their_contract(name: str) -> None:
    check_loader(REGISTRY, name)


@pytest.mark.parametrize("name", OFFERS.reporters)
def test_reporters_keep_their_contract(name: str) -> None:
    check_reporter(REGISTRY, name, sample_runs())


def test_imports_are_light() -> None:
    check_light_imports(REGISTRY, DISTRIBUTION)
