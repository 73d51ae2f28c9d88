"""Packages of loaders and reporters: a module is registered by being there, and discovery imports none of them."""

from __future__ import annotations

import importlib
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pytest

import speccheck
from speccheck.registry import GROUP, Registry, RegistryError, discover
from support.distributions import write

ROOT = Path(speccheck.__file__).parent

PLUGIN = """
from speccheck.sdk import CheckPackage, LoaderPackage, LoaderRef, ReporterPackage, hookimpl

@hookimpl
def speccheck_checks():
    return [CheckPackage("many.checks")]

@hookimpl
def speccheck_loaders():
    return [LoaderPackage("many.deep.loaders"), LoaderRef("single", "many.deep.loaders._helper:single")]

@hookimpl
def speccheck_reporters():
    return [ReporterPackage("many.reporters")]
"""

FILES = {
    "many/__init__.py": "",
    "many/plugin.py": PLUGIN,
    "many/checks/__init__.py": "",
    "many/checks/odd/__init__.py": "",
    "many/checks/odd/letters.py": "",
    "many/checks/odd/_helper.py": "",
    "many/checks/odd/helpers/__init__.py": "",
    "many/checks/_family/letters.py": "",
    "many/checks/notes.txt": "",
    "many/deep/__init__.py": "raise RuntimeError('imported by discovery')",
    "many/deep/loaders/__init__.py": "raise RuntimeError('imported by discovery')",
    "many/deep/loaders/odd_rows.py": "",
    "many/deep/loaders/odd_cells.py": "",
    "many/deep/loaders/_helper.py": "",
    "many/deep/loaders/helpers/__init__.py": "",
    "many/reporters/__init__.py": "",
    "many/reporters/odd_lines.py": "",
}


@pytest.fixture
def discovered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Mapping[str, str]], Registry]]:
    """The registry of the built-ins and of a plugin of these files."""

    def make(files: Mapping[str, str]) -> Registry:
        write(tmp_path, dict(files))
        monkeypatch.syspath_prepend(str(tmp_path))
        importlib.invalidate_caches()
        return discover([*entry_points(group=GROUP, name="builtin"), EntryPoint("many", "many.plugin", GROUP)])

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "many"]:
        del sys.modules[name]


def test_modules_are_offered_and_helpers_are_not(discovered: Callable[[Mapping[str, str]], Registry]) -> None:
    registry = discovered(FILES)
    everything = {**registry.checks, **registry.loaders, **registry.reporters}
    assert {name: offer.target for name, offer in everything.items() if offer.distribution == "many.plugin"} == {
        "odd.letters": "many.checks.odd.letters:check",
        "odd_cells": "many.deep.loaders.odd_cells:loader",
        "odd_rows": "many.deep.loaders.odd_rows:loader",
        "single": "many.deep.loaders._helper:single",
        "odd_lines": "many.reporters.odd_lines:reporter",
    }


def test_discovery_imports_the_plugins_module_alone(discovered: Callable[[Mapping[str, str]], Registry]) -> None:
    discovered(FILES)
    assert {name for name in sys.modules if name.partition(".")[0] == "many"} == {"many", "many.plugin"}


BROKEN = {
    "names a package that is absent": ("SC701", "no package many.loaders", {"many.deep.loaders": "many.loaders"}),
    "names a package below a module": ("SC701", "no package many.plugin.x", {"many.deep.loaders": "many.plugin.x"}),
    "names a module, not a package": ("SC701", "no package many.plugin", {'"many.reporters"': '"many.plugin"'}),
    "offers a reporter where a loader belongs": ("SC701", "AttributeError", {"LoaderPackage(": "ReporterPackage("}),
    "offers a name of the built-ins": ("SC702", "loader 'csv' is offered twice", {'"single"': '"csv"'}),
    "offers one name twice": ("SC702", "loader 'odd_rows' is offered twice", {'"single"': '"odd_rows"'}),
}


@pytest.mark.parametrize("how", BROKEN)
def test_a_plugin_is_an_error_that(how: str, discovered: Callable[[Mapping[str, str]], Registry]) -> None:
    code, text, changes = BROKEN[how]
    plugin = PLUGIN
    for old, new in changes.items():
        assert old in plugin
        plugin = plugin.replace(old, new)
    with pytest.raises(RegistryError) as caught:
        discovered({**FILES, "many/plugin.py": plugin})
    assert [item.code for item in caught.value.diagnostics] == [code]
    assert text in str(caught.value)
    assert "many.plugin" in str(caught.value)


@pytest.mark.parametrize(("attribute", "name"), [("loader", "odd_rows"), ("reporter", "odd_lines")])
def test_a_module_that_lacks_its_attribute_is_an_error_of_its_own(
    attribute: str, name: str, discovered: Callable[[Mapping[str, str]], Registry]
) -> None:
    registry = discovered({**FILES, "many/deep/__init__.py": "", "many/deep/loaders/__init__.py": ""})
    with pytest.raises(RegistryError, match=f"'{attribute}'") as caught:
        (registry.load_loader if attribute == "loader" else registry.load_reporter)(name)
    assert [item.code for item in caught.value.diagnostics] == ["SC704"]


def _stems(folder: str, pattern: str = "*.py") -> list[str]:
    return sorted(path.stem for path in (ROOT / folder).glob(pattern) if not path.stem.startswith("_"))


def test_the_built_ins_are_the_modules_of_their_packages() -> None:
    registry = discover(entry_points(group=GROUP, name="builtin"))
    assert list(registry.loader_names()) == _stems("subjects/loaders")
    assert list(registry.reporter_names()) == _stems("reporters")
    assert [name.rpartition(".")[2] for name in registry.check_names()] != []
    assert sorted(name.rpartition(".")[2] for name in registry.check_names()) == _stems("checks", "*/*.py")


def test_discovery_imports_no_part_that_it_lists() -> None:
    probe = (
        "import sys\nfrom importlib.metadata import entry_points\nfrom speccheck.registry import discover\n"
        "discover(entry_points(group='speccheck', name='builtin'))\n"
        "print(*sorted({name.split('.')[1] for name in sys.modules if name.startswith('speccheck.')}))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["builtin", "model", "registry", "sdk"]
