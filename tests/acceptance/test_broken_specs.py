"""Fifty and some broken specs, read with the real checks and loaders: the exact diagnostics of each.

``NAME.expected`` beside ``NAME.yaml`` holds the diagnostics as ``validate`` shows them. A first line
``# run with: --set A --set B`` gives overrides.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from speccheck.loading import Loaded, diagnostic_codes, load_spec, render_diagnostics
from speccheck.registry import Registry, discover

FOLDER = Path(__file__).parent / "broken_specs"
SPECS = sorted(path.stem for path in FOLDER.glob("*.yaml"))


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


def read(name: str, registry: Registry) -> Loaded:
    first = (FOLDER / f"{name}.yaml").read_bytes().split(b"\n")[0].decode("utf-8", "replace")
    overrides = re.findall(r"--set (\S+)", first) if first.startswith("# run with:") else []
    return load_spec(f"{name}.yaml", registry, environ={}, overrides=overrides)


@pytest.mark.parametrize("name", SPECS)
def test_a_broken_spec_is_explained(name: str, registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    loaded = read(name, registry)
    assert loaded.spec is None
    assert render_diagnostics(loaded.diagnostics) + "\n" == (FOLDER / f"{name}.expected").read_text("utf-8")


def test_there_are_fifty_and_they_cover_the_codes(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(FOLDER)
    found = Counter(item.code for name in SPECS for item in read(name, registry).diagnostics)
    assert len(SPECS) >= 50
    of_specs = {code for code in diagnostic_codes() if code < "SC7"}
    # A file that is not there or too large, a chain of too many files (each has a unit test), a spec without entries (a
    # warning alone), and what selection reports later.
    assert of_specs - set(found) == {"SC001", "SC002", "SC405", "SC507", "SC607"}
