"""The lists of constraints, loaders and reporters that users see are the lists of what is registered."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from speccheck.judge import CONSTRAINTS
from speccheck.loading import diagnostic_codes
from speccheck.registry import discover
from support.distributions import install, speccheck

ROOT = Path(__file__).parents[2]
REGISTRY = discover()
LOADERS, REPORTERS = REGISTRY.loader_names(), REGISTRY.reporter_names()

PLUGIN = """
from speccheck.sdk import LoaderRef, ReporterRef, hookimpl

@hookimpl
def speccheck_loaders():
    return [LoaderRef("zebra", "acme.offers:zebra")]

@hookimpl
def speccheck_reporters():
    return [ReporterRef("stripes", "acme.offers:stripes")]
"""

OFFERS = """
from speccheck.sdk import Loader, Reporter

zebra = Loader("zebra", lambda definition, context: 1, doc="a zebra")
stripes = Reporter("stripes", lambda run, stream: stream.write("stripes"), doc="stripes", suffix=".txt")
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A plugin with the loader ``zebra`` and the reporter ``stripes``, beside what is installed."""
    files = {"acme/__init__.py": "", "acme/plugin.py": PLUGIN, "acme/offers.py": OFFERS}
    return install(tmp_path / "site", "acme-audit", "acme.plugin", files)


def _schema(site: Path) -> Any:
    return json.loads(speccheck("schema", site=site, folder=site).stdout)["$defs"]


def test_the_schema_lists_the_loaders(site: Path) -> None:
    definitions = _schema(site)["definition"]["anyOf"]
    named = [name for item in definitions for name in item["required"]]
    assert sorted(named) == sorted([*LOADERS, "zebra"])


def test_the_schema_lists_the_constraints(site: Path) -> None:
    properties = set(_schema(site)["constraints"]["properties"])
    assert properties >= set(CONSTRAINTS)
    beside = properties - set(CONSTRAINTS)
    assert beside == {"confidence", "correct_for", "severity", "tolerance", "why"}


@pytest.mark.parametrize(("what", "names"), [("loaders", [*LOADERS, "zebra"]), ("reporters", [*REPORTERS, "stripes"])])
def test_the_command_list_lists_them(what: str, names: list[str], site: Path) -> None:
    lines = speccheck("list", what, site=site, folder=site).stdout.splitlines()
    rows = [line for line in lines[2:] if not line.startswith(" ")]  # a long cell goes on below
    assert [row.split()[0] for row in rows] == sorted(names)


def test_an_unknown_format_is_answered_with_the_reporters(site: Path) -> None:
    (site / "spec.yaml").write_text(
        "speccheck: 1\ntitle: t\nchecks:\n  - {id: a, check: value.number, with: {value: 3}, expect: {value: 3}}\n"
    )
    done = speccheck("run", "spec.yaml", "--format", "strips", site=site, folder=site)
    assert done.returncode == 2
    assert ", ".join(sorted([*REPORTERS, "stripes"])) in done.stderr


def test_the_explanations_of_codes_list_what_is_registered(site: Path) -> None:
    loaders = " ".join(speccheck("explain", "SC108", site=site, folder=site).stdout.split())
    constraints = " ".join(speccheck("explain", "SC201", site=site, folder=site).stdout.split())
    assert f"{', '.join(sorted([*LOADERS, 'zebra']))}." in loaders
    assert f"{', '.join(CONSTRAINTS)}." in constraints


def test_every_placeholder_of_an_explanation_is_filled() -> None:
    """Lists that are written by hand in the table of codes would grow old."""
    placeholders = set()
    for code in diagnostic_codes().values():
        placeholders |= set(re.findall(r"\{(constraints|loaders)\}", code.explanation))
        for text in code:
            by_hand = [name for name in LOADERS if re.search(rf"\b{name}\b, ", text)]
            assert len(by_hand) < 4, text
    assert placeholders == {"constraints", "loaders"}


def test_a_subject_whose_loader_cannot_be_built_is_answered_with_the_loaders(site: Path) -> None:
    (site / "spec.yaml").write_text("speccheck: 1\ntitle: t\nsubjects:\n  a: {zebr: 1}\nchecks: []\n")
    done = speccheck("validate", "spec.yaml", site=site, folder=site)
    assert "did you mean 'zebra'?" in done.stderr


def _table(heading: str) -> set[str]:
    """The names in the first column of the table under a heading of docs/specs.md."""
    section = (ROOT / "docs" / "specs.md").read_text("utf-8").partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for cell in cells for name in re.findall(r"`(\w+)[`:]", cell)}


def test_the_page_of_specs_lists_them() -> None:
    builtin = {name for name in LOADERS if REGISTRY.loaders[name].distribution == "speccheck"}
    assert _table("Expectations") - {"tolerance", "confidence", "correct_for"} == set(CONSTRAINTS)
    beside = {"args", "kwargs", "normal", "uniform", "integers", "fill"}
    assert _table("Subjects") - beside == builtin


@pytest.mark.parametrize("command", ["run", "judge", "report"])
def test_the_help_of_format_lists_the_reporters(command: str, site: Path) -> None:
    shown = " ".join(speccheck(command, "--help", site=site, folder=site).stdout.split())
    assert f"--format NAME {', '.join(sorted([*REPORTERS, 'stripes']))};" in shown


def test_a_broken_plugin_leaves_the_help(site: Path) -> None:
    (site / "acme" / "plugin.py").write_text("raise ImportError('broken')\n")
    done = speccheck("run", "--help", site=site, folder=site)
    assert done.returncode == 0
    assert "--format NAME" in done.stdout


@pytest.mark.parametrize(("name", "page"), [("zebra", "zebra (loader, acme-audit)"), ("stripes", "report.txt")])
def test_what_a_plugin_brings_is_explained(name: str, page: str, site: Path) -> None:
    assert page in speccheck("explain", name, site=site, folder=site).stdout
    assert f"did you mean '{name}'?" in speccheck("explain", f"{name}s", site=site, folder=site).stderr
