"""The words of causes: a sentence for every kind, whatever a file holds in its fields."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import ConstraintVerdict, Judgement, LimitSource, Outcome, State, Verdict
from speccheck.sdk.wording import cause_text, constraint_text, judgement_text, source_text, verdict_text

FIELDS = (
    *("reason", "package", "file", "entry", "outcome", "kind", "message", "subject", "run", "text", "metric", "more"),
    *("verdict", "index", "metrics", "until", "owner", "of", "observed", "relation", "limit_name", "limit", "source"),
    *("expected", "within", "missing", "unexpected", "options", "pattern", "item", "count", "differences", "name"),
    *("mean", "std", "n", "p", "corrected", "keys", "confidence", "least", "most", "effect", "power", "wild"),
    *("optional", "path", "declared", "wanted", "at", "role", "reference", "axes", "value", "op", "number"),
    *("family", "key", "place"),
)
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["what", "axis", "symbols", "bound", "x"]), inner)
    ),
    max_leaves=5,
)


@given(st.sampled_from(list(CauseKind)), st.dictionaries(st.sampled_from(FIELDS), VALUES))
def test_every_kind_has_a_sentence_whatever_its_fields(kind: CauseKind, fields: dict[str, Any]) -> None:
    because = Cause(CauseKind.EMPTY, {"observed": "list"})
    assert isinstance(cause_text(Cause(kind, fields)), str)
    assert isinstance(cause_text(Cause(kind, fields, because)), str)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (CauseKind.KEYS_DIFFER, "missing"),
        (CauseKind.KEYS_DIFFER, "unexpected"),
        (CauseKind.SHAPE_DIFFERS, "differences"),
        (CauseKind.SYMBOL_UNBOUND, "differences"),
    ],
)
@pytest.mark.parametrize("value", [5, True, 1.5, "text", {"a": 1}])
def test_a_list_that_a_file_holds_as_something_else_is_left_out(kind: CauseKind, name: str, value: Any) -> None:
    assert isinstance(cause_text(Cause(kind, {name: value})), str)


@pytest.mark.parametrize("kind", list(CauseKind))
def test_a_cause_without_fields_has_a_sentence(kind: CauseKind) -> None:
    assert cause_text(Cause(kind)).strip()


@pytest.mark.parametrize(
    ("cause", "text"),
    [
        (Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": "requires sign-off"}), "requires sign-off"),
        (Cause(CauseKind.PACKAGE_ABSENT, {"package": "json5"}), "requires package json5, which is not installed"),
        (
            Cause(CauseKind.RUN_DID_NOT_MEASURE, {"run": "r1"}, Cause(CauseKind.DEVICE_ABSENT, {"device": "cuda"})),
            "run r1 did not measure it: requires device cuda, which is not available; run the spec to measure it",
        ),
        (
            Cause(CauseKind.MEASUREMENT_FAILED, {"kind": "KeyError", "message": "'e'", "subject": "uti"}),
            "KeyError in subject uti: 'e'",
        ),
        (
            Cause(
                CauseKind.MEASUREMENT_FAILED,
                {"kind": "subject", "message": "subject 'model': no file", "subject": "model"},
            ),
            "subject 'model': no file",
        ),
        (
            Cause(CauseKind.MEASUREMENT_FAILED, {"kind": "subject", "message": "no model.pt", "subject": "model"}),
            "cannot build subject model: no model.pt",
        ),
        (
            Cause(CauseKind.MEASUREMENT_FAILED, {"kind": "timeout", "message": "took longer than its timeout of 2 s"}),
            "took longer than its timeout of 2 s",
        ),
        (Cause(CauseKind.LENGTHS_DIFFER, {"observed": 1, "expected": 2}), "observed 1 item, expected 2"),
        (Cause(CauseKind.LENGTHS_DIFFER, {"observed": 3, "expected": 1}), "observed 3 items, expected 1"),
        (Cause(CauseKind.KEYS_DIFFER, {"missing": ["a", "b"], "unexpected": []}), "observed keys 'a', 'b' missing"),
        (
            Cause(CauseKind.KEYS_DIFFER, {"missing": ["a"], "unexpected": ["c"]}),
            "observed key 'a' missing; key 'c' unexpected",
        ),
        (Cause(CauseKind.NOT_CONTAINED, {"item": 4, "count": 1}), "1 item, which is not 4"),
        (Cause(CauseKind.NOT_CONTAINED, {"item": 4, "count": 2}), "2 items, none of them 4"),
        (Cause(CauseKind.HOLDS_UNEXPECTEDLY, {"metrics": ["a"]}), "expected to fail, but a holds"),
        (Cause(CauseKind.HOLDS_UNEXPECTEDLY, {"metrics": ["a", "b"]}), "expected to fail, but a, b hold"),
        (
            Cause(
                CauseKind.SHAPE_DIFFERS,
                {
                    "observed": TensorDescription("float32", (2,)),
                    "differences": [{"what": "axes", "observed": 1, "expected": 2, "at_least": True}],
                },
            ),
            "observed float32[2]: 1 axis, expected at least 2",
        ),
        (
            Cause(CauseKind.NOT_EQUAL, {"observed": 0.12345671, "expected": 0.1234567}),
            "observed 0.12345671, expected 0.1234567",
        ),
        (Cause(CauseKind.NOT_EQUAL, {"observed": "a", "expected": "b"}), "observed 'a', expected 'b'"),
        (Cause(CauseKind.NOT_EQUAL, {"observed": 1.0, "expected": 0.5}), "observed 1.0, expected 0.5"),
        (
            Cause(CauseKind.WRONG_KIND, {"observed": "number", "wanted": ["list", "mapping", "text"]}),
            "wrong kind: observed a number, expected a list, a mapping or a text",
        ),
        (
            Cause(CauseKind.BASELINE_LACKS_ITEM, {"metric": "loss", "item": "new"}),
            "the baseline of 'loss' lacks item 'new'",
        ),
    ],
)
def test_sentences(cause: Cause, text: str) -> None:
    assert cause_text(cause) == text


def test_the_source_of_a_limit() -> None:
    assert source_text(LimitSource("baseline", "baseline", 23.99, "-", 1.0)) == "baseline 23.99 - 1.0"
    assert source_text(LimitSource("checks.a.x", "entry", 2)) == "metric checks.a.x 2"


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (ConstraintVerdict("max", State.HELD, written=2), "max: 2"),
        (
            ConstraintVerdict("min", State.HELD, ("each", "mean"), "baseline - 1.0"),
            "each: {mean: {min: baseline - 1.0}}",
        ),
        (
            ConstraintVerdict("min", State.HELD, ("mean",), 0.01, {"confidence": 0.95}, demanded_by="worst"),
            "worst: {mean: {min: 0.01, confidence: 0.95}}",
        ),
        (ConstraintVerdict("expect", State.UNKNOWN), "expect"),
    ],
)
def test_a_constraint_as_written(verdict: ConstraintVerdict, text: str) -> None:
    assert constraint_text(verdict) == text


def test_a_judgement_tells_the_constraint_it_points_at() -> None:
    cause = Cause(CauseKind.OUTSIDE_LIMIT, {"observed": 3, "relation": "above", "limit_name": "max", "limit": 2})
    verdict = ConstraintVerdict("max", State.VIOLATED, written=2, at="[4]", cause=cause)
    verdicts = (Verdict("losses", State.VIOLATED, (verdict,)),)
    pointing = Cause(CauseKind.CONSTRAINTS, {"metric": "losses", "verdict": 0, "index": 0, "more": 2})
    assert verdict_text(verdict) == "observed 3 is above max 2 (at [4])"
    text = judgement_text(Judgement(Outcome.FAILED, pointing, verdicts))
    assert text == "losses: observed 3 is above max 2 (at [4]) (and 2 more)"
    assert judgement_text(Judgement(Outcome.FAILED, pointing)) == "losses does not hold (and 2 more)"
    assert judgement_text(Judgement(Outcome.PASSED)) == ""
