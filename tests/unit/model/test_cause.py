"""Causes as data: what a file holds of them, and what reading gives back."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest

from speccheck.model.cause import BASELINE_LACKING, Cause, CauseKind
from speccheck.model.values import TensorDescription, from_wire, to_wire
from speccheck.model.verdict import ConstraintVerdict, Judgement, LimitSource, Outcome, State, Verdict
from speccheck.model.wire import judgement_form

ODD = Cause(
    CauseKind.NOT_EQUAL,
    {"observed": math.inf, "expected": TensorDescription("float32", (2,)), "at": ["a", 0]},
    Cause(CauseKind.VALUE_NAN, {"role": "observed", "value": -math.inf}),
)


@pytest.mark.parametrize("cause", [Cause(CauseKind.NO_EXPECTATION), Cause(CauseKind.EMPTY, {"observed": "list"}), ODD])
def test_a_judgement_survives_the_file(cause: Cause) -> None:
    source = LimitSource("baseline", "baseline", math.inf, "-", 1.0)
    written: Any = {"$odd": [math.inf]}
    verdict = ConstraintVerdict(
        "equals", State.VIOLATED, ("each",), written, {"tolerance": "2%"}, limit=math.inf, source=source, cause=cause
    )
    judgement = Judgement(Outcome.FAILED, cause, (Verdict("m", State.VIOLATED, (verdict,)),), (cause,))
    data = msgspec.json.encode(judgement_form(judgement, to_wire))
    assert judgement_form(msgspec.json.decode(data, type=Judgement), from_wire) == judgement


def test_a_judgement_of_plain_data_is_not_copied() -> None:
    cause = Cause(CauseKind.EMPTY, {"observed": "list"})
    judgement = Judgement(Outcome.ERROR, cause, notes=(cause,))
    assert judgement_form(judgement, to_wire) is judgement


def test_the_values_of_kinds_are_names_that_a_file_can_rely_on() -> None:
    values = [kind.value for kind in CauseKind]
    assert values == [kind.name.lower().replace("_", "-") for kind in CauseKind]


def test_a_kind_that_is_unknown_is_refused() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(b'{"kind": "whatever"}', type=Cause)


def test_only_causes_of_the_baseline_lack_a_baseline() -> None:
    named = {kind for kind in CauseKind if kind.value.startswith("baseline-")}
    assert named - BASELINE_LACKING == {CauseKind.BASELINE_UNUSABLE}
    assert named > BASELINE_LACKING
