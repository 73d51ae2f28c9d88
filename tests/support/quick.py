"""``pytest --quick``: only the tests that need neither torch nor an example; ``tests/conftest.py`` loads these hooks.

A module that imports torch at its top, or names the folder of examples there, is left out by its text, before it is
imported. Other tests that need one of the two, pip, or many processes have the marker ``slow``. Every other test runs,
and the rule is enforced: with ``--quick``, importing torch raises an error, and so does opening a file of
``examples/``.
"""

from __future__ import annotations

import ast
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.trees import ROOT

MARKER = "slow: needs torch, one of examples/, pip or many processes, and is left out by --quick"
EXAMPLES = str(ROOT / "examples") + os.sep


class NotQuickError(ImportError):
    """A quick test needs torch, or an example."""


class NoTorch:
    """A finder that refuses torch."""

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        """Raise for torch; leave all other modules to the next finder."""
        if name.partition(".")[0] == "torch":
            raise NotQuickError(f"a quick test imports {name}: mark it with pytest.mark.slow")
        return None


def refuse_examples(event: str, arguments: tuple[Any, ...]) -> None:
    """An audit hook that raises where a file of ``examples/`` is opened."""
    if event == "open" and isinstance(arguments[0], str) and arguments[0].startswith(EXAMPLES):
        raise NotQuickError(f"a quick test opens {arguments[0]}: mark it with pytest.mark.slow")


def needs_more(path: Path) -> bool:
    """Whether a module imports torch, or names the folder of examples, when it is imported itself."""
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.Import) and any(alias.name.partition(".")[0] == "torch" for alias in node.names):
            return True
        if isinstance(node, ast.ImportFrom) and str(node.module).partition(".")[0] == "torch":
            return True
        if isinstance(node, ast.Assign) and any(
            isinstance(part, ast.Constant) and part.value == "examples" for part in ast.walk(node)
        ):
            return True
    return False


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--quick", action="store_true", help="only tests that need neither torch nor an example")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)
    if config.getoption("--quick"):
        sys.meta_path.insert(0, NoTorch())
        sys.addaudithook(refuse_examples)


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """True for a module that is left out; None leaves the decision to others."""
    if config.getoption("--quick") and collection_path.suffix == ".py" and needs_more(collection_path):
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--quick"):
        slow = [item for item in items if item.get_closest_marker("slow")]
        config.hook.pytest_deselected(items=slow)
        items[:] = [item for item in items if item not in slow]
