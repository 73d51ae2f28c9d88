"""The quick tests import no torch and open no example: ``--quick`` leaves out what is marked and refuses the rest."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.trees import ROOT

TESTS = """\
import numpy as np
import pytest

def test_plain():
    assert np.ones(2).sum() == 2

def test_torch():
    import torch
    assert torch.__name__ == "torch"

def test_example():
    with open({example!r}) as stream:
        assert stream.read()

@pytest.mark.slow
def test_marked():
    import torch
    assert torch.__name__ == "torch"
"""


def _pytest(folder: Path, *options: str) -> str:
    """The output of pytest on the tests in a folder, with the plugin of this suite."""
    command = [sys.executable, "-m", "pytest", "-p", "support.quick", "-p", "no:cacheprovider", "--rootdir", "."]
    environ = {**os.environ, "PYTHONPATH": str(ROOT / "tests")}
    done = subprocess.run(
        [*command, *options, "."], cwd=folder, env=environ, capture_output=True, text=True, check=False
    )
    return done.stdout + done.stderr


def test_torch_and_examples_are_refused_and_what_is_marked_is_left_out(tmp_path: Path) -> None:
    example = str(ROOT / "examples" / "reported_probe" / "runs.json")
    (tmp_path / "test_some.py").write_text(TESTS.format(example=example))
    (tmp_path / "test_torch.py").write_text("import torch\n\ndef test_it():\n    assert torch.__name__\n")
    (tmp_path / "test_data.py").write_text("FOLDER = ['examples', 'uti']\n\ndef test_it():\n    assert FOLDER\n")
    shown = _pytest(tmp_path, "--quick")
    assert "a quick test imports torch: mark it with pytest.mark.slow" in shown
    assert f"a quick test opens {example}: mark it with pytest.mark.slow" in shown
    assert "2 failed, 1 passed, 1 deselected" in shown
    assert {name for name in ("test_some", "test_torch", "test_data") if f"{name}.py" in shown} == {"test_some"}


def test_without_the_option_nothing_is_left_out(tmp_path: Path) -> None:
    (tmp_path / "test_marked.py").write_text(
        "import pytest\n\n@pytest.mark.slow\ndef test_it():\n    assert 1 + 1 == 2\n"
    )
    assert "1 passed" in _pytest(tmp_path)
