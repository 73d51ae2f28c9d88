"""CONTRIBUTING.md: the files that it lists exist, the lists are short, and its commands are those of the Makefile."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
MOST = {
    "check": 2,
    "loader": 2,
    "constraint": 2,
    "reporter": 2,
    "outcome": 4,
    "command-line option that goes on record": 4,
    "diagnostic": 3,
}
"""At most so many files are touched to add one."""


def _sections() -> dict[str, str]:
    """The text of each section ``## Add a ...``, by what is added."""
    parts = re.split(r"^## (.*)\n", TEXT, flags=re.MULTILINE)
    titles = dict(zip(parts[1::2], parts[2::2], strict=True))
    return {re.sub(r"^Add an? ", "", title): text for title, text in titles.items() if title.startswith("Add ")}


def _files(section: str) -> list[str]:
    """The file that each item of the section's list begins with."""
    return re.findall(r"^\d\. `([^`]+)`", section, re.MULTILINE)


def _names(pattern: str) -> list[dict[str, str]]:
    """The names that stand for ``<...>`` in each file that matches the pattern."""
    glob = re.sub(r"<\w+>", "*", pattern)
    matching = re.compile(re.sub(r"<(\w+)>", r"(?P<\1>[a-z]\\w*)", pattern.replace(".", r"\.")))
    paths = sorted(path.relative_to(ROOT).as_posix() for path in ROOT.glob(glob))
    return [found.groupdict() for path in paths if (found := matching.fullmatch(path))]


def _filled(pattern: str, names: dict[str, str]) -> Path:
    return ROOT / re.sub(r"<(\w+)>", lambda match: names[match[1]], pattern)


def test_every_kind_of_addition_has_a_section() -> None:
    assert set(_sections()) == set(MOST)


@pytest.mark.parametrize("added", sorted(MOST))
def test_the_list_of_files_is_short_and_each_has_an_example(added: str) -> None:
    files = _files(_sections()[added])
    assert 1 < len(re.findall(r"^\d\. ", _sections()[added], re.MULTILINE)) <= MOST[added]
    assert [file for file in files if not _names(file)] == []
    patterns = [file for file in files if "<" in file]
    if patterns:
        examples = [names for names in _names(patterns[0]) if all(_filled(file, names).exists() for file in patterns)]
        assert examples, f"for no {added} do all of {patterns} exist"


def test_every_check_has_its_test() -> None:
    module, test = _files(_sections()["check"])
    checks = [names for names in _names(module) if not names["check"].startswith("_")]
    assert len(checks) > 30
    assert [names for names in checks if not _filled(test, names).exists()] == []


def test_other_paths_of_the_page_exist() -> None:
    spans = re.findall(r"`((?:src|tests|docs|plugins)/[^`<>\s]*)`", TEXT)
    assert spans
    assert [path for path in spans if not (ROOT / path).exists()] == []


def test_targets_of_make_that_the_page_names_exist() -> None:
    targets = {target for names in re.findall(r"\bmake ((?:[a-z0-9-]+ ?)+)`", TEXT) for target in names.split()}
    makefile = (ROOT / "Makefile").read_text("utf-8")
    known = set(re.findall(r"^([a-z0-9-]+):", makefile, re.MULTILINE))
    assert targets > {"check", "test"}
    assert targets - known == set()


def test_the_floor_of_coverage_is_the_one_configured() -> None:
    floor = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["coverage"]["report"]["fail_under"]
    assert re.findall(r"fails below (\d+) %", TEXT) == [str(floor)]
