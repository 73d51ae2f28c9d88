"""Commands that run nothing import neither numpy nor torch, so they are fast and work without them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SPEC = """
speccheck: 1
title: Nothing is built by validating
subjects:
  noise: {tensor: "float32[1, 16]", normal: [0, 1]}
  model: {target: "no.such.module:Model"}
checks:
  - id: contract
    check: tensor.contract
    with: {tensors: {noise: $noise}}
    expect: {tensors.noise: {tensor: "float32[1, 16]"}}
  - id: repeat
    check: determinism.repeat
    with: {call: $model.forward, args: [$noise]}
    expect: {identical: true}
"""

PROBE = """
import sys
from speccheck.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    code = ended.code or 0
heavy = sorted({"numpy", "torch"} & set(sys.modules))
sys.stderr.write(f"imported: {heavy}")
sys.exit(code)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("--version",),
        ("run", "--help"),
        ("validate", "spec.yaml"),
        ("list", "checks"),
        ("list", "constraints"),
        ("list", "loaders"),
        ("list", "reporters"),
        ("list", "subjects", "spec.yaml"),
        ("explain", "signal.audio"),
        ("explain", "tensor"),
        ("schema",),
    ],
    ids=" ".join,
)
def test_no_numpy_and_no_torch(arguments: tuple[str, ...], tmp_path: Path) -> None:
    (tmp_path / "spec.yaml").write_text(SPEC)
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout
    assert done.stderr.endswith("imported: []")


def test_the_probe_sees_an_import(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import numpy\n" + PROBE, "--help"], capture_output=True, text=True, check=False
    )
    assert done.stderr.endswith("imported: ['numpy']")
