"""A masked value never turns a verdict: judged again, a verdict is as it was measured, or unknown."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.engine.rejudge import rejudge
from speccheck.judge import coverage, decide, judge
from speccheck.model.baseline import AcceptedEntry, Baseline, BaselineEntry, accepted_metrics
from speccheck.model.cause import CauseKind
from speccheck.model.declaration import CheckDeclaration
from speccheck.model.evidence import Evidence, Finding
from speccheck.model.metrics import Metric
from speccheck.model.run import EntryResult, Measured, Run
from speccheck.model.spec import Entry, Measurement, Waiver
from speccheck.model.values import Masked
from speccheck.model.verdict import Decision, Judgement, State
from speccheck.store import BaselineFile, Redactor, accept, read_run
from support.runs import passed_run

SECRETS = {"A": "hunter2", "B": "Rosebud9", "C": "123456"}
REDACTOR = Redactor(list(SECRETS), SECRETS)
TODAY = datetime.date(2026, 6, 30)
METRICS = {"m": Metric("any", "any", replicates=True), "other": Metric("any", "any"), "by.{of}": Metric("any", "any")}

WORDS = ["hunter2", "Rosebud9", "HUNTER2", "x hunter2", "x Rosebud9", "***", "x ***", "x", ""]
ATOMS = st.sampled_from([*WORDS, 123456, 123456.0, -123456, 1, 2.5, True])
KEYS = st.sampled_from(["hunter2", "Rosebud9", "a", "z", "***", "123456"])
VALUES = st.recursive(
    ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3), max_leaves=5
)
LIMITS = st.sampled_from([1, 123456, 200000, "other", "baseline", "baseline - 1", "checks.o.m", "123456"])
REFERENCES = st.sampled_from(["other", "baseline", "checks.o.m", 'checks.o["hunter2"]'])
PATTERNS = st.sampled_from([".*", "hunter2", "[a-z0-9]+", r"\*\*\*", ".{7}", ".{8}", "(?i)rosebud9", "x .*"])
CONSTRAINTS: st.SearchStrategy[Any] = st.recursive(
    st.one_of(
        VALUES,
        st.fixed_dictionaries({"equals": VALUES}),
        st.fixed_dictionaries({"one_of": st.lists(VALUES, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"subset_of": st.lists(VALUES, min_size=1, max_size=3)}),
        st.fixed_dictionaries({"contains": VALUES}),
        st.fixed_dictionaries({"matches": PATTERNS}),
        st.fixed_dictionaries({"length": st.sampled_from([0, 1, 2, 3, 7, 8, {"max": 3}])}),
        st.fixed_dictionaries({"same_as": REFERENCES}),
        st.dictionaries(st.sampled_from(["min", "max", "above", "below"]), LIMITS, min_size=1, max_size=2),
    ),
    lambda inner: st.dictionaries(
        st.sampled_from(["each", "first", "last", "mean", "std", "median"]), inner, min_size=1, max_size=1
    ),
    max_leaves=3,
)
PATHS = st.sampled_from(["m", "m.*", "m.a", "m.hunter2", "m.Rosebud9", "by.*", "by.a", "hunter2", "Rosebud9", "*"])
EXPECTS = st.dictionaries(PATHS, CONSTRAINTS, min_size=1, max_size=2)
TREES = st.dictionaries(st.sampled_from(["m", "other", "by", "hunter2", "Rosebud9"]), VALUES, max_size=4)
MEMBERS = st.lists(st.sampled_from(["hunter2", "Rosebud9", "a", "***"]), max_size=3) | st.dictionaries(KEYS, ATOMS)


def states(
    entry: Entry, tree: dict[str, Any], other: dict[str, Any], baseline: dict[str, Any], declared: bool
) -> Judgement:
    metrics = METRICS if declared else {}
    return judge(entry, Evidence(tree), {"o": other}, BaselineEntry(baseline), TODAY, metrics)


def entry_of(expect: dict[str, Any], **params: Any) -> Entry:
    return Entry("e", "e", "f.c", Measurement("f.c", 1, params), expect=expect)


@given(EXPECTS, TREES, TREES, TREES, MEMBERS, st.booleans())
def test_a_verdict_is_as_it_was_or_unknown(
    expect: dict[str, Any],
    tree: dict[str, Any],
    other: dict[str, Any],
    baseline: dict[str, Any],
    members: Any,
    declared: bool,
) -> None:
    entry = entry_of(expect, of=members)
    true = states(entry, tree, other, baseline, declared)
    masked = [REDACTOR.value(Evidence(metrics)).metrics for metrics in (tree, other, baseline)]
    again = states(REDACTOR.value(entry), masked[0], masked[1], masked[2], declared)
    assert len(true.verdicts) == len(again.verdicts)
    for before, now in zip(true.verdicts, again.verdicts, strict=True):
        assert now.state in (before.state, State.UNKNOWN), (before, now)
    if again.outcome is not true.outcome:
        assert again.outcome.value == "error"


@given(EXPECTS, TREES, TREES, TREES)
def test_without_a_secret_every_verdict_is_as_it_was(
    expect: dict[str, Any], tree: dict[str, Any], other: dict[str, Any], baseline: dict[str, Any]
) -> None:
    nothing = Redactor(["D"], {"D": "not in there"})
    entry = entry_of(expect)
    assert nothing.value(entry) is entry
    metrics = nothing.value(Evidence(tree)).metrics
    assert repr(states(entry, metrics, other, baseline, True)) == repr(states(entry, tree, other, baseline, True))


def stored(expect: dict[str, Any], metrics: dict[str, Any], params: dict[str, Any] | None = None, **more: Any) -> Run:
    """A run of one entry as its file has it, its secrets masked."""
    entry = Entry("one", "one", "f.c", Measurement("f.c", 1, params or {}), expect=expect, **more.pop("entry", {}))
    digest = entry.measurement.digest()
    declared = {name: Metric("any", "any") for name in metrics}
    true = judge(entry, Evidence(metrics), {}, BaselineEntry(more.pop("known", None)), TODAY, declared)
    run = passed_run(
        entries=(EntryResult(entry, true, digest),),
        measurements={digest: Measured(entry.measurement, Evidence(metrics))},
        checks={"f.c": CheckDeclaration(1, "Any.", declared)},
        decision=decide([true.outcome]),
        coverage=coverage([true.outcome]),
        redacted=tuple(SECRETS),
        **more,
    )
    return REDACTOR.run(run).stored()


@pytest.mark.parametrize(
    ("expect", "observed"),
    [
        ("Rosebud9", "hunter2"),
        ({"equals": ["Rosebud9"]}, ["hunter2"]),
        ({"one_of": ["Rosebud9", "b"]}, "hunter2"),
        ({"subset_of": ["Rosebud9"]}, ["hunter2"]),
        ({"contains": "Rosebud9"}, ["hunter2"]),
        ({"matches": r".{3}"}, "hunter2"),
        ({"length": 3}, "hunter2"),
        ({"length": {"max": 3}}, "hunter2"),
        ({"max": 5}, 123456),
        ({"each": {"max": 5}}, [1, 123456]),
        ({"mean": {"max": 5}}, [1, 123456]),
        ({"last": 1}, {"a": 1, "b": 2, "hunter2": 3}),
        ({"equals": {"Rosebud9": 1}}, {"hunter2": 1}),
    ],
)
def test_a_failure_stays_no_pass_when_it_is_judged_again(expect: Any, observed: Any) -> None:
    run = stored({"m": expect}, {"m": observed})
    assert run.entries[0].judgement.verdicts[0].state is State.VIOLATED  # as it was measured
    again = rejudge(run, None, BaselineFile.recorded(None), TODAY).run
    assert again.decision is Decision.ERROR
    (verdict,) = again.entries[0].judgement.verdicts
    causes = [item.cause for item in verdict.constraints if item.state is State.UNKNOWN and item.cause is not None]
    assert {(item.because or item).kind for item in causes} == {CauseKind.MASKED}


def test_a_text_that_holds_the_mask_is_judged_as_any(tmp_path: Any) -> None:
    run = stored({"m": "a *** b"}, {"m": "a *** b"})
    assert rejudge(run, None, BaselineFile.recorded(None), TODAY).run.decision is Decision.PASS


def test_a_reason_and_a_title_are_masked_and_do_not_turn_a_verdict() -> None:
    run = stored({"m": {"max": 5, "why": "for hunter2"}}, {"m": 3}, entry={"title": "of hunter2"})
    assert run.entries[0].entry.expect == {"m": {"max": 5, "why": "for ***"}}
    assert rejudge(run, None, BaselineFile.recorded(None), TODAY).run.decision is Decision.PASS


def test_a_worst_that_is_masked_is_unknown() -> None:
    waiver = Waiver("ada", "known", "2026-12-31", {"m": {"one_of": ["hunter2"]}})
    run = stored({"m": "x"}, {"m": "y"}, entry={"waiver": waiver})
    again = rejudge(run, None, BaselineFile.recorded(None), TODAY).run
    assert again.entries[0].judgement.verdicts[-1].state is State.UNKNOWN


def test_a_masked_parameter_is_no_other_measurement() -> None:
    run = stored({"m": 3}, {"m": 3}, {"token": "hunter2"})
    measurement = run.entries[0].entry.measurement
    assert measurement.masked
    assert measurement.params == {"token": Masked("***")}
    assert rejudge(run, None, BaselineFile.recorded(None), TODAY).run.decision is Decision.PASS


def test_a_masked_baseline_is_unknown_and_not_edited() -> None:
    accepted = AcceptedEntry(Measurement("f.c", 1).digest(), {"m": "Rosebud9", "n": 3}, "r", "ada", "w", "2026-03-01")
    use = BaselineFile("b.json", Baseline(1, {"one": accepted.sealed()})).use(["one"])
    expect = {"m": {"same_as": "baseline"}, "n": {"same_as": "baseline"}}
    run = stored(expect, {"m": "hunter2", "n": 3}, baseline=use, known={"m": "Rosebud9", "n": 3})
    assert run.baseline is not None
    assert not run.baseline.entries["one"].edited
    again = rejudge(run, None, BaselineFile.recorded(run.baseline), TODAY).run
    m, n = again.entries[0].judgement.verdicts
    assert m.worst.cause is not None
    assert (m.worst.cause.kind, n.state) == (CauseKind.MASKED, State.HELD)


def test_a_baseline_that_was_edited_is_still_edited_when_masked() -> None:
    sealed = AcceptedEntry("d", {"m": "Rosebud9"}, "r", "ada", "w", "2026-03-01").sealed()
    edited = AcceptedEntry("d", {"m": "hunter2"}, "r", "ada", "w", "2026-03-01", sealed.digest)
    for entry in (sealed, edited):
        use = BaselineFile("b.json", Baseline(1, {"one": entry})).use(["one"])
        masked = REDACTOR.run(passed_run(baseline=use)).stored().baseline
        assert masked is not None
        assert masked.entries["one"].edited is (entry is edited)
        assert masked.entries["one"].metrics == accepted_metrics({"m": Masked("***")})


def test_masked_values_are_not_accepted_into_a_baseline(tmp_path: Any) -> None:
    run = stored({"m": 3}, {"m": 3, "secret": "hunter2"})
    now = datetime.datetime(2026, 3, 5, tzinfo=datetime.UTC)
    done = accept(run, tmp_path / "b.json", owner="ada", reason="why", now=now, partial=False, dirty=False)
    assert done.omitted == {"one": {"secret": "masked by 'redact'"}}


def test_what_is_masked_survives_the_file(tmp_path: Any) -> None:
    run = stored({"m": "hunter2"}, {"m": ["hunter2", {"k": "Rosebud9"}, {"hunter2": 1}]}, {"token": "hunter2"})
    (tmp_path / "run.json").write_bytes(run.to_bytes())
    assert read_run(tmp_path / "run.json").to_bytes() == run.to_bytes()
    (measured,) = run.measurements.values()
    assert measured.evidence is not None
    assert measured.evidence.metrics["m"] == [Masked("***"), {"k": Masked("***")}, Masked({"***": 1})]


@pytest.mark.parametrize("before", range(388, 404))
@pytest.mark.parametrize("constraint", ["equals", "one_of", "matches"])
def test_a_secret_that_lies_across_the_cut_of_a_verdict_leaves_no_part(before: int, constraint: str) -> None:
    observed = "x" * before + "Rosebud9 and more"
    expected: Any = {"equals": "y", "one_of": ["y"], "matches": "y"}[constraint]
    data = stored({"m": {constraint: expected}, "l": {"equals": ["y"]}}, {"m": observed, "l": [observed]}).to_bytes()
    assert b"rose" not in data.lower()
    assert b"bud9" not in data.lower()


def test_a_secret_that_lies_across_the_cut_of_a_finding_leaves_no_part() -> None:
    from speccheck.sdk.comparison import where
    from speccheck.sdk.records import text

    for before in range(40, 90):
        value = "x" * before + "Rosebud9 and more"
        for found in (where("value", [value], ["y"]), where("value", value, "y"), text(value), text([value])):
            masked = REDACTOR.value(Evidence(findings=(Finding(found),))).findings[0].message
            assert "rose" not in masked.lower()
            assert "bud9" not in masked.lower()
