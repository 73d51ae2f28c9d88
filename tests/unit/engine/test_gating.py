"""What is skipped and what is blocked before anything is measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from speccheck.engine.gating import STOPPED, gate, unmet
from speccheck.model.spec import Requires
from speccheck.model.verdict import Outcome
from support.runs import entry


@pytest.mark.parametrize("outcome", list(Outcome))
def test_only_a_need_that_passed_warned_or_was_waived_lets_an_entry_run(outcome: Outcome) -> None:
    judgement = gate(entry(needs=("other",)), {"other": outcome})
    if outcome in (Outcome.PASSED, Outcome.WARNED, Outcome.WAIVED):
        assert judgement is None
    elif outcome == Outcome.SKIPPED:
        assert judgement is not None
        assert judgement.outcome == Outcome.SKIPPED
    else:
        assert judgement is not None
        assert judgement.outcome == Outcome.BLOCKED
        assert f"other, which is {outcome.value}" in judgement.reason


def test_skipped_comes_before_blocked() -> None:
    outcomes = {"bad": Outcome.FAILED, "left": Outcome.SKIPPED}
    for judgement in (
        gate(entry(needs=("bad",), skip="not today"), outcomes),
        gate(entry(needs=("bad",)), outcomes, unmet="requires a device"),
        gate(entry(needs=("bad", "left")), outcomes),
        gate(entry(needs=("bad",)), outcomes, stopped=True),
    ):
        assert judgement is not None
        assert judgement.outcome == Outcome.SKIPPED
    stopped = gate(entry(), {}, stopped=True)
    assert stopped is not None
    assert stopped.reason == STOPPED


def test_a_need_outside_the_run_blocks() -> None:
    judgement = gate(entry(needs=("gone",)), {})
    assert judgement is not None
    assert judgement.reason == "it needs gone, which is not part of this run"


def test_requirements_say_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    environ = {"DATA": "data"}
    assert unmet(None, tmp_path, environ) == ""
    assert unmet(Requires(("json", "yaml"), ("data", "${here}/data", "${env.DATA}"), "cpu"), tmp_path, environ) == ""
    assert "package no_such_package" in unmet(Requires(packages=("no_such_package",)), tmp_path, environ)
    assert "package no_such.package" in unmet(Requires(packages=("no_such.package",)), tmp_path, environ)
    assert "file weights.pt" in unmet(Requires(files=("data", "weights.pt")), tmp_path, environ)
    assert "device quantum" in unmet(Requires(device="quantum"), tmp_path, environ)
