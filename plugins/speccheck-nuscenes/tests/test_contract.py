"""The contract suite of speccheck over all that this distribution offers."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from support.nuscenes_data import VERSION, make

from speccheck.registry import discover
from speccheck.testing import RecordingContext, check_contract, check_light_imports, check_loader, offers, run_check

DISTRIBUTION = "speccheck-nuscenes"
REGISTRY = discover()
OFFERS = offers(REGISTRY, DISTRIBUTION)


def _case(name: str, root: Path) -> dict[str, Any]:
    """Parameters for one measurement: the live ones as objects, the others as YAML gives them."""
    if name == "nuscenes.tables":
        return {"dataroot": str(root), "version": VERSION, "files": "decode"}
    devkit = importlib.import_module("nuscenes.nuscenes")
    return {"nuscenes": devkit.NuScenes(VERSION, str(root), verbose=False), "channel": "CAM_FRONT"}


@pytest.mark.parametrize("name", OFFERS.checks)
def test_checks_keep_their_contract(name: str) -> None:
    check_contract(REGISTRY, name)


@pytest.mark.parametrize("name", OFFERS.checks)
def test_checks_yield_what_they_declare(name: str, tmp_path: Path) -> None:
    root = make().write(tmp_path / "data")
    assert run_check(REGISTRY, name, _case(name, root), RecordingContext.under(tmp_path)).metrics


@pytest.mark.parametrize("name", OFFERS.loaders)
def test_loaders_keep_their_contract(name: str) -> None:
    check_loader(REGISTRY, name)


def test_imports_are_light() -> None:
    check_light_imports(REGISTRY, DISTRIBUTION)
