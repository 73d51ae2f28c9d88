"""Committed files that are generated from the registry are up to date."""

from __future__ import annotations

import importlib.util
import json
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import speccheck
from speccheck.judge import CONSTRAINTS
from speccheck.loading import spec_schema
from speccheck.loading.diagnostics import Problems
from speccheck.loading.yaml.construct import read_yaml
from speccheck.loading.yaml.source import SourceFile, plain
from speccheck.model.run import run_schema
from speccheck.registry import Registry
from speccheck.testing import sample_runs

ROOT = Path(__file__).parents[2]
SCHEMAS = Path(speccheck.__file__).parent / "schema"


@cache
def _generator() -> Any:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _builtins() -> Registry:
    registry = _generator().builtins()
    assert isinstance(registry, Registry)
    return registry


def _committed(name: str) -> Any:
    return json.loads((SCHEMAS / name).read_text("utf-8"))


def _now(name: str) -> Any:
    schema = spec_schema(_builtins()) if name == "spec-v1.json" else run_schema()
    return json.loads(json.dumps(schema))


def _document(text: str) -> Any:
    """Return the document as an editor reads it: YAML 1.2, in which a date is text."""
    problems = Problems()
    document = plain(read_yaml(SourceFile("spec.yaml", text, ROOT), problems))
    assert problems.errors == 0
    return document


def test_the_page_of_checks_is_up_to_date() -> None:
    written = (ROOT / "docs" / "checks.md").read_text("utf-8")
    assert written == _generator().checks_page(_builtins()), "run: python docs/generate.py"


def test_the_tables_of_loaders_and_constraints_are_up_to_date() -> None:
    written = (ROOT / "docs" / "specs.md").read_text("utf-8")
    assert all(f"| `{name}:" in written for name in CONSTRAINTS)
    assert written == _generator().specs_page(_builtins(), written), "run: python docs/generate.py"


@pytest.mark.parametrize("name", ["spec-v1.json", "run-v2.json"])
def test_schemas_are_up_to_date(name: str) -> None:
    assert _committed(name) == _now(name), "run: make schema"
    jsonschema.Draft202012Validator.check_schema(_committed(name))


def test_run_files_fit_the_schema_of_runs() -> None:
    validator = jsonschema.Draft202012Validator(_committed("run-v2.json"))
    for run in sample_runs():
        document = json.loads(run.to_bytes())
        assert list(validator.iter_errors(document)) == []
        assert not validator.is_valid({**document, "decision": "MAYBE"})


SPEC = """
speccheck: 1
title: For an editor
subjects:
  clip: {audio: clip.wav}
checks:
  - id: contract
    check: tensor.contract
    with: {tensors: {clip: $clip.samples}}
    expect:
      finite.clip: true
      tensors.clip: {tensor: "float32[1, N]"}
      max.clip: {max: 1, why: full scale}
"""


def test_a_spec_fits_the_schema_of_specs() -> None:
    validator = jsonschema.Draft202012Validator(_committed("spec-v1.json"))
    assert [error.message for error in validator.iter_errors(_document(SPEC))] == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("speccheck: 1", "speccheck: 2"),
        ("subjects:", "subject:"),
        ("check: tensor.contract", "check: tensor.contrakt"),
        ("with: {tensors:", "with: {tensor:"),
        ("with: {tensors: {clip: $clip.samples}}", "with: {}"),
        ("finite.clip: true", "fine.clip: true"),
        ("max: 1,", "maximum: 1,"),
        ("id: contract", "idd: contract"),
    ],
)
def test_a_mistake_does_not_fit(old: str, new: str) -> None:
    assert old in SPEC
    validator = jsonschema.Draft202012Validator(_committed("spec-v1.json"))
    assert not validator.is_valid(_document(SPEC.replace(old, new)))


SHIPPED = sorted((ROOT / "specs").glob("*.yaml"))
OF_PLUGINS = {"day0_6.yaml": ("nuscenes.tables", "nuscenes.keyframe_walk", "'nuscenes': {")}
"""Specs that name the offers of a plugin, which the committed schema lacks; the tests of that plugin validate them."""


def test_specs_ship() -> None:
    assert {path.name for path in SHIPPED} > set(OF_PLUGINS)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_every_spec_that_ships_fits(path: Path) -> None:
    validator = jsonschema.Draft202012Validator(_committed("spec-v1.json"))
    errors = [error.message for error in validator.iter_errors(_document(path.read_text("utf-8")))]
    names = OF_PLUGINS.get(path.name, ())
    assert [error for error in errors if not any(name in error for name in names)] == []
    assert len(errors) == len(names)
