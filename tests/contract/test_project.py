"""The files around the code: the licence, and one version for each distribution."""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

import speccheck

ROOT = Path(__file__).parents[2]
APACHE_2 = "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"
"""The SHA-256 of https://www.apache.org/licenses/LICENSE-2.0.txt."""

DISTRIBUTIONS = [ROOT, ROOT / "plugins" / "speccheck-nuscenes", ROOT / "plugins" / "speccheck-template"]


def _pyproject(folder: Path) -> dict[str, Any]:
    return tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))


def test_every_plugin_is_listed() -> None:
    assert {folder.parent for folder in ROOT.glob("plugins/*/pyproject.toml")} == set(DISTRIBUTIONS[1:])


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_the_licence_is_declared_and_complete(folder: Path) -> None:
    project = _pyproject(folder)["project"]
    assert (project["license"], project["license-files"]) == ("Apache-2.0", ["LICENSE"])
    assert hashlib.sha256((folder / "LICENSE").read_bytes()).hexdigest() == APACHE_2


@pytest.mark.parametrize("folder", DISTRIBUTIONS, ids=lambda folder: folder.name)
def test_the_version_is_written_once_in_the_package(folder: Path) -> None:
    table = _pyproject(folder)
    package = table["project"]["name"].replace("-", "_")
    assert "version" not in table["project"]
    assert table["project"]["dynamic"] == ["version"]
    assert table["tool"]["setuptools"]["dynamic"]["version"] == {"attr": f"{package}.__version__"}
    assert '\n__version__ = "' in (folder / "src" / package / "__init__.py").read_text("utf-8")


def test_the_installed_version_is_that_of_the_package() -> None:
    assert importlib.metadata.version("speccheck") == speccheck.__version__


def test_every_hook_of_pre_commit_is_a_part_of_make_check() -> None:
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))
    entries = [hook["entry"].split() for repository in config["repos"] for hook in repository["hooks"]]
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert {words[0] for words in entries} == {"make"}
    assert re.findall(r"^check: (.*)$", makefile, re.MULTILINE) == [" ".join(words[-1] for words in entries)]
