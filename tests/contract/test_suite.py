"""The contract suite itself: it finds each breach of the contract."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import EntryPoint
from pathlib import Path
from typing import Any

import pytest

from speccheck.registry import GROUP, Registry, discover
from speccheck.testing import (
    ContractError,
    RecordingContext,
    check_contract,
    check_light_imports,
    check_loader,
    check_reporter,
    offers,
    run_check,
    sample_runs,
)
from support.distributions import write

PLUGIN = """
from speccheck.sdk import CheckPackage, LoaderRef, ReporterRef, hookimpl

@hookimpl
def speccheck_checks():
    return [CheckPackage("odd.checks")]

@hookimpl
def speccheck_loaders():
    return [LoaderRef("odd", "odd.offers:loader")]

@hookimpl
def speccheck_reporters():
    return [ReporterRef("odd", "odd.offers:reporter")]
"""

CHECK = '''"""Counts the letters of a text.

It matters to nobody. It cannot see spaces.

```yaml
- id: letters
  check: odd.letters
  with: {text: abc}
  expect: {letters: 3}
```
"""

from dataclasses import dataclass

from speccheck.sdk import Check, Evidence, Live, Metric, param


@dataclass(frozen=True)
class Params:
    """The text to count in."""

    text: str = param("the text")
    least: int = param("the least", default=0, min=0)


METRICS = {"letters": Metric(kind="number", min=0, doc="letters")}


def measure(params, context):
    """Count."""
    return Evidence({"letters": len(params.text)})


check = Check(params=Params, metrics=METRICS, measure=measure, version=1, pure=True)
'''

OFFERS = """
from speccheck.sdk import Loader, Reporter

loader = Loader("odd", lambda definition, context: 1, doc="one", keys={"more": {"type": "integer"}})
reporter = Reporter("odd", lambda run, stream: print(run.id, file=stream), doc="the id", suffix=".txt")
"""

Build = Callable[..., Registry]


@pytest.fixture
def build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Build]:
    """Makes the registry of one plugin with one check, one loader and one reporter, of the given texts."""

    def make(check: str = CHECK, offered: str = OFFERS) -> Registry:
        packages = {"odd/__init__.py": "", "odd/checks/__init__.py": "", "odd/checks/odd/__init__.py": ""}
        write(tmp_path, {**packages, "odd/plugin.py": PLUGIN})
        write(tmp_path, {"odd/checks/odd/letters.py": check, "odd/offers.py": offered})
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        importlib.invalidate_caches()
        return discover([EntryPoint("odd", "odd.plugin", GROUP)])

    yield make
    for name in [name for name in sys.modules if name.partition(".")[0] == "odd"]:
        del sys.modules[name]


def test_a_sound_plugin_passes(build: Build, tmp_path: Path) -> None:
    registry = build()
    check_contract(registry, "odd.letters")
    check_loader(registry, "odd")
    check_reporter(registry, "odd", sample_runs())
    check_light_imports(registry, "odd.plugin")
    evidence = run_check(registry, "odd.letters", {"text": "ab"}, RecordingContext.under(tmp_path))
    assert evidence.metrics == {"letters": 2}
    assert offers(registry, "odd.plugin").checks == ("odd.letters",)


def test_a_distribution_that_is_not_installed_is_not_a_success(build: Build) -> None:
    with pytest.raises(LookupError, match="is it installed here"):
        offers(build(), "odd-audits")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("letters of a text.\n", "letters of a text\n", "the first line of its docstring is not a sentence"),
        ("It cannot see spaces.", "", "does not state what it cannot see"),
        ("check: odd.letters", "check: odd.words", "uses check 'odd.words'"),
        ("with: {text: abc}", "with: {texts: abc}", "an example gives texts, which is not a parameter"),
        ("with: {text: abc}", "with: {}", "an example lacks the parameter text"),
        ("expect: {letters: 3}", "expect: {leters: 3}", "an example expects leters, which is not a metric"),
        ("@dataclass(frozen=True)", "@dataclass", "not a frozen dataclass"),
        ('param("the text")', 'param("")', "parameter text lacks a doc"),
        ("default=0, min=0", "default=0, min=1", "the default of least does not fit its schema"),
        ("version=1", "version=0", "its version is 0"),
        (
            'text: str = param("the text")',
            'text: Live[str] = param("the text")',
            "it declares `pure`, but text",
        ),
        ('"letters": Metric(kind="number", min=0', '"a..b": Metric(kind="number", min=0', "metric a..b"),
        ('{"letters": Metric', '{"letters.{texts}": Metric', "unknown parameter 'texts'"),
        ('doc="letters"', 'doc=" "', "metric letters: its doc is empty"),
        ("def measure", "\n" * 300 + "def measure", "lines; the limit is 300"),
    ],
)
def test_a_check_that_breaks_its_contract_is_reported(build: Build, old: str, new: str, problem: str) -> None:
    assert old in CHECK
    with pytest.raises(ContractError, match=r"odd.letters breaks its contract") as caught:
        check_contract(build(CHECK.replace(old, new)), "odd.letters")
    assert problem in str(caught.value)


@pytest.mark.parametrize("module", ["numpy", pytest.param("torch", marks=pytest.mark.slow)])
def test_a_heavy_import_is_reported(build: Build, module: str) -> None:
    registry = build(CHECK.replace("from dataclasses", f"import {module}\nfrom dataclasses"))
    with pytest.raises(ContractError, match=f"importing odd.checks.odd.letters imports {module}"):
        check_light_imports(registry, "odd.plugin")


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({}, "lacks the parameter text"),
        ({"text": 3}, "the case's text does not fit"),
        ({"text": "a", "words": 1}, "words, which is not a parameter"),
    ],
)
def test_a_case_that_does_not_fit_is_reported(
    build: Build, tmp_path: Path, values: Mapping[str, Any], problem: str
) -> None:
    with pytest.raises(ContractError, match=problem):
        run_check(build(), "odd.letters", values, RecordingContext.under(tmp_path))


def test_evidence_of_another_type_is_reported(build: Build, tmp_path: Path) -> None:
    registry = build(CHECK.replace('Evidence({"letters": len(params.text)})', '{"letters": 3}'))
    with pytest.raises(ContractError, match="returned dict, not Evidence"):
        run_check(registry, "odd.letters", {"text": "a"}, RecordingContext.under(tmp_path))


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ('doc="one"', 'doc=""', "its doc is empty"),
        ('Loader("odd"', 'Loader("even"', "registered as odd, but its name is even"),
        ('{"type": "integer"}', '{"type": "whole"}', "key more: its JSON Schema is invalid"),
        ('doc="one"', 'doc="one", lazy=frozenset({"later"})', "lazy names later"),
    ],
)
def test_a_loader_that_breaks_its_contract_is_reported(build: Build, old: str, new: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        check_loader(build(offered=OFFERS.replace(old, new)), "odd")


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("print(run.id, file=stream)", "print(run.id)", "prints outside the given stream"),
        ("print(run.id, file=stream)", "None", "writes nothing"),
        ("print(run.id, file=stream)", "print(object(), file=stream) or stream.close()", "closes the given stream"),
        ("print(run.id, file=stream)", "stream.write(repr(__import__('time').time_ns()))", "gives different texts"),
        ('doc="the id"', 'doc=""', "its doc is empty"),
        ('Reporter("odd"', 'Reporter("even"', "registered as odd, but its name is even"),
        ('".txt"', '"txt"', "does not start with a dot"),
    ],
)
def test_a_reporter_that_breaks_its_contract_is_reported(build: Build, old: str, new: str, problem: str) -> None:
    with pytest.raises(ContractError, match=problem):
        check_reporter(build(offered=OFFERS.replace(old, new)), "odd", sample_runs())
