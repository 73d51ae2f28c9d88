"""The device on record is the one that measured, whatever the machine offers."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Project

pytestmark = pytest.mark.slow

SPEC = """\
speccheck: 1
title: Devices
subjects:
  here: {tensor: "float32[2]", fill: 1}
  there: {target: "torch.nn:Linear", args: [1, 1], device: meta}
checks:
  - {id: here, check: tensor.contract, with: {tensors: {one: $here}}, observe: true}
  - {id: there, check: config.values, with: {source: $there, keys: {size: in_features}}, expect: {values.size: 1}}
"""


@pytest.mark.parametrize("executor", ["process", "inline"])
@pytest.mark.parametrize(("selection", "device"), [((), "meta, cpu"), (("--only", "here"), "cpu")])
def test_the_device_on_record_is_that_of_what_was_measured(
    tmp_path: Path, selection: tuple[str, ...], device: str, executor: str
) -> None:
    (tmp_path / "pyproject.toml").write_text("")
    (tmp_path / "spec.yaml").write_text(SPEC)
    project = Project(tmp_path)
    done = project(
        "run", "spec.yaml", *selection, "--executor", executor, "--format", "markdown", code=4 if selection else 0
    )
    record = project.record()
    assert record["environment"]["device"] == device
    assert sorted(one.get("device", "cpu") for one in record["measurements"].values()) == sorted(device.split(", "))
    assert f"device: `{device}`" in done.stdout
