"""Decisions follow from causes: no wording of a reason changes what is judged or accepted."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from support.commands import Project, outcomes

SKIPPED = """\
speccheck: 1
title: Signed off by hand
checks:
  - id: signed
    check: value.number
    with: {value: 1}
    requires: {packages: [json]}
    skip: {reason: REASON}
    expect: {value: 1}
  - {id: other, check: value.number, with: {value: 1}, expect: {value: 1}}
"""

GATED = """\
speccheck: 1
title: Scores of every layer
baseline: accepted.json
subjects: {scores: {json: scores.json, product: true}}
checks:
  - id: scores
    check: config.values
    with: {source: $scores, keys: {all: layers}}
    expect: {values.all: {each: {min: baseline - 1}}}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "pyproject.toml").write_text("")
    return Project(tmp_path)


@pytest.mark.parametrize("reason", ["requires sign-off", "not before sign-off"])
def test_an_entry_whose_skip_was_deleted_is_not_measured_whatever_the_reason_was(project: Project, reason: str) -> None:
    spec = SKIPPED.replace("REASON", reason)
    (project.folder / "spec.yaml").write_text(spec)
    project("run", "spec.yaml", code=0)
    (project.folder / "spec.yaml").write_text(spec.replace(f"    skip: {{reason: {reason}}}\n", ""))
    judged = project("judge", "latest", "--spec", "spec.yaml", "--format", "json", code=3)
    assert outcomes(json.loads(judged.stdout)) == {"signed": "error", "other": "passed"}
    (signed, _) = json.loads(judged.stdout)["entries"]
    assert signed["judgement"]["cause"]["kind"] == "run-did-not-measure"
    assert signed["judgement"]["cause"]["because"] == {"kind": "skipped-by-spec", "fields": {"reason": reason}}


def test_a_key_that_the_baseline_lacks_is_accepted_like_an_entry_that_it_lacks(project: Project) -> None:
    (project.folder / "spec.yaml").write_text(GATED)

    def run(scores: dict[str, float], code: int) -> None:
        (project.folder / "scores.json").write_text(json.dumps({"layers": scores}))
        project("run", "spec.yaml", code=code)

    def accept() -> None:
        project("baseline", "accept", "--owner", "ada", "--reason", "the layers there are", code=0)

    run({"first": 1.0}, 3)  # no baseline exists yet
    accept()
    run({"first": 1.0}, 0)
    run({"first": 1.0, "second": 2.0}, 3)
    (result,) = project.record()["entries"]
    (constraint,) = result["judgement"]["verdicts"][0]["constraints"]
    assert constraint["cause"]["kind"] == "baseline-lacks-item"
    accept()
    run({"first": 1.0, "second": 2.0}, 0)
    run({"first": 1.0, "second": 0.5}, 1)
