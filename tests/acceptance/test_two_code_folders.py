"""Two versions of one package stand in one spec, and their answers are compared across the two."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.commands import Project, outcomes

SPEC = """
speccheck: 1
title: Two versions
code: {old: old, new: new}
subjects:
  before: {target: "tokens.api:encode", args: ["a text"], code: old}
  after: {target: "tokens.api:encode", args: ["a text"], code: new}
checks:
  - {id: before, check: tensor.contract, with: {tensors: {ids: $before}}, observe: true}
  - id: same
    check: tensor.contract
    with: {tensors: {ids: $after}}
    expect: {sha256.ids: {same_as: checks.before.sha256.ids}}
  - {id: again, check: tensor.contract, with: {tensors: {ids: $before}}, seed: 1, expect: {count.ids: 6}}
"""

CODE = """from tokens.table import OFFSET


def encode(text):
    return [ord(sign) + OFFSET for sign in text]
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "spec.yaml").write_text(SPEC)
    for name in ("old", "new"):
        package = tmp_path / name / "tokens"
        package.mkdir(parents=True)
        (package / "__init__.py").write_text("")
        (package / "api.py").write_text(CODE)
        (package / "table.py").write_text("OFFSET = 0\n")
    return Project(tmp_path)


def test_the_same_answers_pass(project: Project) -> None:
    project("run", "spec.yaml", code=0)
    assert outcomes(project.record()) == {"before": "measured", "same": "passed", "again": "passed"}


def test_another_answer_fails(project: Project) -> None:
    (project.folder / "new" / "tokens" / "table.py").write_text("OFFSET = 1\n")
    project("run", "spec.yaml", code=1)
    assert outcomes(project.record()) == {"before": "measured", "same": "failed", "again": "passed"}
