"""Gating: entries that are skipped or blocked before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from speccheck.engine.gating import gate, unmet
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.spec import Requires
from speccheck.model.verdict import Outcome
from support.runs import entry


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_a_need_whose_outcome_unblocks_lets_an_entry_run(outcome: Outcome) -> None:
    judgement = gate(entry(needs=("other",)), {"other": outcome})
    if outcome.unblocks:
        assert judgement is None
    elif outcome == Outcome.SKIPPED:
        assert judgement is not None
        assert judgement.outcome == Outcome.SKIPPED
    else:
        assert judgement is not None
        assert judgement.outcome == Outcome.BLOCKED
        assert judgement.cause == Cause(CauseKind.NEED_NOT_MET, {"entry": "other", "outcome": outcome.value})


def test_skipped_comes_before_blocked() -> None:
    outcomes = {"bad": Outcome.FAILED, "left": Outcome.SKIPPED}
    for judgement in (
        gate(entry(needs=("bad",), skip="not today"), outcomes),
        gate(entry(needs=("bad",)), outcomes, unmet=Cause(CauseKind.DEVICE_ABSENT, {"device": "quantum"})),
        gate(entry(needs=("bad", "left")), outcomes),
        gate(entry(needs=("bad",)), outcomes, stopped=True),
    ):
        assert judgement is not None
        assert judgement.outcome == Outcome.SKIPPED
    stopped = gate(entry(), {}, stopped=True)
    assert stopped is not None
    assert stopped.cause == Cause(CauseKind.STOPPED_EARLY)


def test_a_need_outside_the_run_blocks() -> None:
    judgement = gate(entry(needs=("gone",)), {})
    assert judgement is not None
    assert judgement.cause == Cause(CauseKind.NEED_NOT_IN_RUN, {"entry": "gone"})


@pytest.mark.slow  # torch knows the devices
def test_the_first_requirement_that_is_not_met_is_named(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    environ = {"DATA": "data"}
    met = Requires(("json", "yaml"), ("data", "${here}/data", "${env.DATA}"), "cpu")
    assert unmet(None, tmp_path, environ) is None
    assert unmet(met, tmp_path, environ) is None
    for requires, cause in (
        (Requires(packages=("no_such_package",)), Cause(CauseKind.PACKAGE_ABSENT, {"package": "no_such_package"})),
        (Requires(packages=("no_such.package",)), Cause(CauseKind.PACKAGE_ABSENT, {"package": "no_such.package"})),
        (Requires(files=("data", "weights.pt")), Cause(CauseKind.FILE_ABSENT, {"file": "weights.pt"})),
        (Requires(device="quantum"), Cause(CauseKind.DEVICE_ABSENT, {"device": "quantum"})),
    ):
        assert unmet(requires, tmp_path, environ) == cause
