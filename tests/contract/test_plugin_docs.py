"""docs/plugins.md describes every hook, and its examples run unchanged."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from collections import defaultdict
from pathlib import Path

import pytest

from speccheck.sdk.hooks import Hooks
from support.distributions import install, speccheck

PAGE = Path(__file__).parents[2] / "docs" / "plugins.md"
HOOKS = [name for name in vars(Hooks) if name.startswith("speccheck_")]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def _blocks() -> list[tuple[str, str]]:
    return BLOCK.findall(PAGE.read_text("utf-8"))


def _files() -> dict[str, str]:
    """Return the files that the page shows, by path; blocks of the same file are joined."""
    files: dict[str, str] = defaultdict(str)
    for language, text in _blocks():
        if language != "console":
            first, _, rest = text.partition("\n")
            assert first.startswith("# "), f"a block of {language} names no file: {first}"
            files[first[2:]] += rest
    return dict(files)


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """The example, installed."""
    files = _files()
    project = tomllib.loads(files["pyproject.toml"])["project"]
    folders = {folder for path in files if path.startswith("acme_audit/") for folder in Path(path).parents}
    packages = {f"{folder}/__init__.py": "" for folder in map(str, folders) if folder != "."}
    (entry_point,) = project["entry-points"]["speccheck"].values()
    return install(tmp_path, project["name"], entry_point, {**packages, **files})


@pytest.mark.parametrize("hook", HOOKS)
def test_every_hook_has_a_section_and_an_implementation(hook: str) -> None:
    assert re.search(rf"^## .*`{hook}`$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert f"def {hook}(" in _files()["acme_audit/plugin.py"]


def test_the_commands_print_what_the_page_shows(site: Path) -> None:
    consoles = [text for language, text in _blocks() if language == "console"]
    assert consoles
    for shown in consoles:
        for part in re.split(r"^\$ ", shown, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            name, *arguments = command.split()
            assert name == "speccheck"
            done = speccheck(*arguments, site=site, folder=site)
            assert (done.stdout, done.returncode) == (output, 0 if output.startswith("PASS") else 1), done.stderr


def test_the_facts_are_on_record(site: Path) -> None:
    done = speccheck("run", "spec.yaml", "--format", "json", site=site, folder=site)
    assert '"acme.label_guide": "2027-03"' in done.stdout, done.stderr


def test_the_contract_test_of_the_page_passes(site: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(site), "tests"]
    environ = {"PYTHONPATH": str(site), "PATH": ""}
    done = subprocess.run(command, cwd=site, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
