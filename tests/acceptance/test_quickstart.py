"""The README's ten-minute path: a stock torch model audited through YAML alone, and each of its promises broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from speccheck.model.run import Run
from support.audits import Auditor
from support.runs import differing, outcomes

pytestmark = pytest.mark.slow

SPEC = Path(__file__).parents[2] / "examples" / "quickstart" / "spec.yaml"


@pytest.fixture(scope="module")
def auditor(tmp_path_factory: pytest.TempPathFactory) -> Auditor:
    return Auditor(SPEC, tmp_path_factory.mktemp("quickstart"))


@pytest.fixture(scope="module")
def good(auditor: Auditor) -> Run:
    return auditor.run()


def test_the_spec_is_short_and_passes(good: Run) -> None:
    assert len(SPEC.read_text("utf-8").splitlines()) <= 25
    assert set(outcomes(good).values()) == {"passed"}
    assert len(outcomes(good)) == 4


@pytest.mark.parametrize(
    ("overrides", "broken"),
    [
        (["checks.shapes.expect.output.tensor=float32[B=4, T=10, 31]"], {"shapes": "failed"}),
        (["checks.same-input-same-output.with.mode=train"], {"same-input-same-output": "failed"}),
        (
            ["subjects.loss.function=torch:count_nonzero", 'subjects.loss.args=["${output}"]'],
            {"gradients": "failed", "overfits-one-batch": "failed"},
        ),
        (["checks.overfits-one-batch.with.lr=1e-9"], {"overfits-one-batch": "failed"}),
        (
            ["subjects.layer.args.d_model=33"],
            dict.fromkeys(("shapes", "same-input-same-output", "gradients", "overfits-one-batch"), "error"),
        ),
    ],
)
def test_each_promise_can_be_broken(auditor: Auditor, good: Run, overrides: list[str], broken: dict[str, str]) -> None:
    assert differing(auditor.run(overrides), good) == broken
