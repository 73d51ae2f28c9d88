"""docs/architecture.md: its picture is drawn from the imports, and it describes every part."""

from __future__ import annotations

import importlib.util
import re
import sys
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "architecture.md").read_text("utf-8")


@cache
def _script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_architecture", ROOT / "docs" / "architecture.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["docs_architecture"] = module
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_what_the_imports_give() -> None:
    assert _script().drawn(TEXT) == TEXT, "python docs/architecture.py draws it anew"


def test_every_part_has_a_floor_in_the_picture_and_a_line_in_the_table() -> None:
    parts = set(_script().floors())
    assert parts == set(_script().imports())
    assert parts | {"plugins"} == set(re.findall(r"^\| `(\w+)` \|", TEXT, re.MULTILINE))


def test_modules_that_the_page_names_exist() -> None:
    named = {name for name in re.findall(r"`([\w./]+\.py)`", TEXT) if "<" not in name}
    assert named
    assert [name for name in named if not (ROOT / name).exists() and not (ROOT / "src/speccheck" / name).exists()] == []


def test_an_import_that_comes_or_goes_is_drawn(tmp_path: Path) -> None:
    source = tmp_path / "speccheck"
    for name, text in {
        "judge/a.py": "from speccheck.model.values import Value\nimport json\n",
        "judge/b.py": "def f():\n    import speccheck.judge.a\n    from speccheck import __version__\n",
        "model/values.py": "",
    }.items():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_text(text)
    assert _script().imports(source) == {"judge": {"model"}, "model": set()}
    (source / "judge/b.py").write_text("def f():\n    import speccheck.sdk\n")
    imported = _script().imports(source)
    assert imported["judge"] == {"model", "sdk"}
    lines = _script().picture({"judge": 2, "sdk": 1, "model": 0}, imported).splitlines()
    assert "  judge --> model & sdk" in lines
    assert [line.strip() for line in lines if "subgraph" in line] == ["subgraph F2", "subgraph F1", "subgraph F0"]


def test_a_page_without_a_place_for_the_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="0 places"):
        _script().drawn("# Architecture\n")
