"""docs/specs.md: its spec is valid, and it names every constraint and loader."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from speccheck.judge import CONSTRAINTS
from speccheck.loading import load_spec
from speccheck.registry import discover

PAGE = Path(__file__).parents[2] / "docs" / "specs.md"
TEXT = PAGE.read_text("utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(speccheck: .*?)```", TEXT, re.DOTALL))
def test_the_specs_on_the_page_are_valid(tmp_path: Path, block: str) -> None:
    (tmp_path / "specs").mkdir()
    for code in ("src", "before/src"):
        (tmp_path / code).mkdir(parents=True)
    (tmp_path / "specs" / "s.yaml").write_text(block, "utf-8")
    loaded = load_spec(str(tmp_path / "specs" / "s.yaml"), discover(), environ={})
    assert loaded.diagnostics == ()
    assert loaded.spec is not None


@pytest.mark.parametrize("name", [*CONSTRAINTS, *(f"{name}" for name in discover().loader_names())])
def test_every_constraint_and_loader_is_named(name: str) -> None:
    assert re.search(rf"`[^`]*\b{name}\b[^`]*`", TEXT), name
