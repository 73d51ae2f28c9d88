"""Fixtures that the tests of checks share."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.context import FakeContext


@pytest.fixture
def context(tmp_path: Path) -> FakeContext:
    """A context whose spec lies in ``tmp_path/spec`` and whose artifacts go to ``tmp_path/run``."""
    folder, artifacts = tmp_path / "spec", tmp_path / "run"
    folder.mkdir()
    artifacts.mkdir()
    return FakeContext(folder=folder, artifacts=artifacts)
