"""A run: gated, measured once per measurement, judged, recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from speccheck.engine.rejudge import RunDeclarations, as_far_as_it_got, rejudge
from speccheck.engine.session import Request, Services, run_spec
from speccheck.model.baseline import AcceptedEntry, Baseline
from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence
from speccheck.model.run import EntryResult, Failure, Measured, Options, Run
from speccheck.model.spec import Entry, Measurement, Requires, Spec
from speccheck.model.values import Json
from speccheck.model.verdict import Decision
from speccheck.registry import Registry, discover
from speccheck.store import BaselineFile, Redactor, RunStore, read_run
from speccheck.store.baselines import NO_BASELINE
from support.runs import entry, measurement, outcomes

WHEN = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


class Counting:
    """Gives the number that a measurement asks for, and counts."""

    def __init__(self, on: Callable[[Measurement], None] = lambda measurement: None) -> None:
        self.asked: list[float] = []
        self._on = on

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        """The number as evidence; a failure for a number below 0."""
        self._on(measurement)
        value = measurement.params["value"]
        self.asked.append(value)
        if value < 0:
            return Measured(measurement, None, Failure("raised", f"ValueError: {value}"))
        return Measured(measurement, Evidence(metrics={"value": value}))

    def describe(self, definitions: Mapping[str, Json], name: str) -> Failure:
        """No run asks for it."""
        raise AssertionError(name)

    def imported(self) -> frozenset[str]:
        """No library."""
        return frozenset()


@pytest.fixture(scope="module")
def registry() -> Registry:
    return discover()


def run(
    tmp_path: Path,
    registry: Registry,
    *entries: Entry,
    executor: Counting | None = None,
    baseline: BaselineFile = NO_BASELINE,
    stop_first: bool = False,
    heard: list[EntryResult] | None = None,
) -> Run:
    folder = RunStore(tmp_path).create(WHEN, "0" * 64, Redactor((), {}))
    spec = Spec("t", "s.yaml", str(tmp_path), entries, baseline="b.json" if baseline is not NO_BASELINE else None)
    listener = heard if heard is not None else []
    services = Services(
        executor=executor or Counting(),
        registry=registry,
        folder=folder,
        now=lambda: WHEN,
        environ={},
        on_result=lambda result, measured: listener.append(result),
        clock=lambda: 0.0,
    )
    return run_spec(Request(spec, entries, baseline, stop_first=stop_first), services)


def cause_of(record: Run, name: str) -> Cause:
    """The cause of an entry's outcome."""
    (cause,) = [result.judgement.cause for result in record.entries if result.entry.id == name]
    assert cause is not None
    return cause


def test_equal_measurements_are_made_once(tmp_path: Path, registry: Registry) -> None:
    executor = Counting()
    limits = entry("b", expect={"value": {"max": 1}})
    record = run(tmp_path, registry, entry("a"), limits, entry("c", value=4.0), executor=executor)
    assert executor.asked == [3.0, 4.0]
    assert outcomes(record) == {"a": "passed", "b": "failed", "c": "passed"}
    assert len(record.measurements) == 2


def test_entries_run_after_what_they_need_and_stand_in_spec_order(tmp_path: Path, registry: Registry) -> None:
    heard: list[EntryResult] = []
    record = run(tmp_path, registry, entry("a", needs=("b",)), entry("b"), heard=heard)
    assert [result.entry.id for result in heard] == ["b", "a"]
    assert [result.entry.id for result in record.entries] == ["a", "b"]


def test_what_needs_a_failure_is_blocked_and_what_refers_to_an_error_is_unknown(
    tmp_path: Path, registry: Registry
) -> None:
    record = run(
        tmp_path,
        registry,
        entry("bad", value=-1.0),
        entry("needs", needs=("bad",)),
        entry("refers", expect={"value": {"max": "checks.bad.value"}}, references=("bad",)),
    )
    assert outcomes(record) == {"bad": "error", "needs": "blocked", "refers": "error"}
    assert record.decision == Decision.ERROR
    assert cause_of(record, "bad").kind is CauseKind.MEASUREMENT_FAILED
    assert cause_of(record, "bad").fields["message"] == "ValueError: -1.0"


def test_stopping_at_the_first_failure_skips_the_rest(tmp_path: Path, registry: Registry) -> None:
    executor = Counting()
    record = run(
        tmp_path, registry, entry("bad", value=11.0), entry("next", value=1.0), executor=executor, stop_first=True
    )
    assert outcomes(record) == {"bad": "failed", "next": "skipped"}
    assert executor.asked == [11.0]


def test_an_interrupt_keeps_what_was_measured(tmp_path: Path, registry: Registry) -> None:
    def interrupt(measurement: Measurement) -> None:
        if measurement.params["value"] == 2.0:
            raise KeyboardInterrupt

    entries = [entry("a", value=1.0), entry("b", value=2.0), entry("c", value=3.0)]
    record = run(tmp_path, registry, *entries, executor=Counting(interrupt))
    assert outcomes(record) == {"a": "passed", "b": "error", "c": "error"}
    assert record.interrupted
    assert record.decision == Decision.ERROR
    stored = read_run(RunStore(tmp_path).find(record.id))
    assert stored == record


def test_the_same_run_gives_the_same_bytes(tmp_path: Path, registry: Registry) -> None:
    entries = [entry("a"), entry("b", value=-1.0), entry("c", needs=("b",))]
    first, second = (run(tmp_path / name, registry, *entries) for name in "xy")
    assert first.to_bytes() == second.to_bytes()


def gated(limit: str) -> Entry:
    return entry("a", expect={"value": {"max": limit}})


def baseline(value: float, run_id: str = "earlier") -> BaselineFile:
    accepted = AcceptedEntry(measurement().digest(), {"value": value}, run_id, "ada", "why", "2026-01-01")
    return BaselineFile("b.json", Baseline(1, {"a": accepted}))


def test_a_gate_is_judged_against_the_baseline_and_never_against_itself(tmp_path: Path, registry: Registry) -> None:
    good = run(tmp_path, registry, gated("baseline * 1.05"), baseline=baseline(2.9))
    assert outcomes(good) == {"a": "passed"}
    assert outcomes(run(tmp_path, registry, gated("baseline * 1.05"), baseline=baseline(2.0))) == {"a": "failed"}
    assert outcomes(run(tmp_path, registry, gated("baseline * 1.05"))) == {"a": "error"}
    itself = baseline(2.9, "20260304T050607Z-00000000-4")
    assert outcomes(run(tmp_path, registry, gated("baseline * 1.05"), baseline=itself)) == {"a": "error"}


def test_judging_again_gives_the_same_verdicts(tmp_path: Path, registry: Registry) -> None:
    entries = [gated("baseline * 1.05"), entry("b", value=-1.0), entry("c", needs=("b",)), entry("d", skip="later")]
    record = run(tmp_path, registry, *entries, baseline=baseline(2.9))
    stored = read_run(RunStore(tmp_path).find(record.id))
    again = rejudge(stored, None, BaselineFile.recorded(stored.baseline), WHEN.date())
    assert again.run == record
    assert (again.changes, again.dropped) == ((), ())


def test_an_edited_threshold_is_named_with_what_it_did(tmp_path: Path, registry: Registry) -> None:
    record = run(tmp_path, registry, entry("a"), entry("gone"))
    edited = Spec("t", "s.yaml", str(tmp_path), (entry("a", expect={"value": {"max": 2}}), entry("new")))
    again = rejudge(record, edited, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"a": "failed", "new": "error"}  # evidence is paired by id as well
    assert cause_of(again.run, "new") == Cause(CauseKind.RUN_LACKS_ENTRY, {"run": record.id, "entry": "new"})
    assert again.dropped == ("gone",)
    (change,) = again.changes
    assert (change.entry, change.metric, change.before, change.after) == ("a", "value", "{max: 10}", "{max: 2}")
    assert (change.verdict_before, change.verdict_after) == ("held", "violated")
    assert (change.outcome_before, change.outcome_after) == ("passed", "failed")


def test_evidence_of_another_measurement_is_never_used(tmp_path: Path, registry: Registry) -> None:
    record = run(tmp_path, registry, entry("a"))
    edited = Spec("t", "s.yaml", str(tmp_path), (entry("a", value=1.0),))
    again = rejudge(record, edited, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"a": "error"}
    assert cause_of(again.run, "a") == Cause(CauseKind.MEASURED_OTHERWISE, {"run": record.id})


class Slow(Counting):
    """Takes two seconds by its own clock, or its timeout when that is shorter."""

    def measure(self, measurement: Measurement, digest: str, folder: Path, timeout: float | None) -> Measured:
        self.asked.append(measurement.params["value"])
        if timeout is not None and timeout < 2:
            return Measured(measurement, None, Failure("timeout", "too slow"), timeout)
        return Measured(measurement, Evidence(metrics={"value": measurement.params["value"]}), None, 2.0)


@pytest.mark.parametrize("order", [("long", "short"), ("short", "long")])
def test_shared_evidence_is_made_for_the_most_patient_and_judged_by_each(
    tmp_path: Path, registry: Registry, order: tuple[str, str]
) -> None:
    timeouts = {"long": 20.0, "short": 1.0}
    executor = Slow()
    record = run(tmp_path, registry, *(entry(name, timeout=timeouts[name]) for name in order), executor=executor)
    assert outcomes(record) == {"long": "passed", "short": "error"}
    assert executor.asked == [3.0]
    again = rejudge(record, None, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == outcomes(record)


def test_a_run_that_stopped_is_not_judged_as_if_it_had_gone_on(tmp_path: Path, registry: Registry) -> None:
    entries = (entry("bad", value=11.0), entry("next", value=1.0))
    record = run(tmp_path, registry, *entries, stop_first=True)
    assert outcomes(rejudge(record, None, NO_BASELINE, WHEN.date()).run) == outcomes(record)
    lenient = Spec("t", "s.yaml", str(tmp_path), (entry("bad", value=11.0, expect={"value": {"max": 12}}), entries[1]))
    again = rejudge(record, lenient, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"bad": "passed", "next": "error"}


def test_a_skip_that_no_longer_holds_leaves_an_error(tmp_path: Path, registry: Registry) -> None:
    requires = Requires(files=("here.txt",))
    (tmp_path / "here.txt").touch()
    record = run(tmp_path, registry, entry("s", skip="later"), entry("r", requires=requires, needs=("s",)))
    assert outcomes(record) == {"s": "skipped", "r": "skipped"}
    alone = Spec("t", "s.yaml", str(tmp_path), (entry("r", requires=requires),))
    again = rejudge(record, alone, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"r": "error"}
    skipped = Cause(CauseKind.NEED_SKIPPED, {"entry": "s"})
    assert cause_of(again.run, "r") == Cause(CauseKind.RUN_DID_NOT_MEASURE, {"run": record.id}, skipped)


@pytest.mark.parametrize("reason", ["requires sign-off", "not before sign-off"])
def test_a_skip_that_was_deleted_leaves_an_error_whatever_its_reason_was(
    tmp_path: Path, registry: Registry, reason: str
) -> None:
    requires = Requires(packages=("json",))
    record = run(tmp_path, registry, entry("a", requires=requires, skip=reason))
    edited = Spec("t", "s.yaml", str(tmp_path), (entry("a", requires=requires),))
    again = rejudge(record, edited, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"a": "error"}
    skipped = Cause(CauseKind.SKIPPED_BY_SPEC, {"reason": reason})
    assert cause_of(again.run, "a") == Cause(CauseKind.RUN_DID_NOT_MEASURE, {"run": record.id}, skipped)


def test_a_requirement_that_was_not_met_still_skips_as_long_as_it_is_the_same(
    tmp_path: Path, registry: Registry
) -> None:
    record = run(tmp_path, registry, entry("a", requires=Requires(packages=("no_such_package",))))
    assert outcomes(rejudge(record, None, NO_BASELINE, WHEN.date()).run) == {"a": "skipped"}
    edited = Spec("t", "s.yaml", str(tmp_path), (entry("a", requires=Requires(packages=("json",))),))
    assert outcomes(rejudge(record, edited, NO_BASELINE, WHEN.date()).run) == {"a": "error"}


def test_evidence_of_other_code_is_not_used(tmp_path: Path, registry: Registry) -> None:
    subject = Measurement("value.number", 1, {"value": 3.0}, subjects={"m": {"target": "m:make"}})
    entries = (Entry("a", "a", "value.number", subject, expect={"value": 3}), entry("b"))
    record = run(tmp_path, registry, *entries)
    other = Spec("t", "s.yaml", str(tmp_path), entries, code={"": str(tmp_path / "other")})
    again = rejudge(record, other, NO_BASELINE, WHEN.date())
    assert outcomes(again.run) == {"a": "error", "b": "passed"}
    assert cause_of(again.run, "a") == Cause(CauseKind.CODE_MOVED, {"run": record.id})


def test_a_run_of_a_selection_can_be_judged_under_the_whole_spec(tmp_path: Path, registry: Registry) -> None:
    other = Entry("other", "other", "values.equal", Measurement("values.equal", 1), expect={"equal": True})
    spec = Spec("t", "s.yaml", str(tmp_path), (entry("a"), other))
    folder = RunStore(tmp_path).create(WHEN, "0" * 64, Redactor((), {}))
    services = Services(Counting(), registry, folder, lambda: WHEN, {}, lambda result, measured: None)
    record = run_spec(Request(spec, spec.entries[:1], NO_BASELINE, Options(selection=("a",))), services)
    assert set(RunDeclarations(record).check_names()) == {"value.number", "values.equal"}
    assert outcomes(rejudge(record, spec, NO_BASELINE, WHEN.date()).run) == {"a": "passed"}


def services_of(tmp_path: Path, registry: Registry, executor: Counting, **fields: object) -> Services:
    folder = RunStore(tmp_path).create(WHEN, "0" * 64, Redactor((), {}))
    values: dict[str, object] = {"now": lambda: WHEN, "environ": {}, "on_result": lambda result, measured: None}
    return Services(executor=executor, registry=registry, folder=folder, **{**values, **fields})  # type: ignore[arg-type]


def test_what_was_measured_is_in_the_journal_before_the_run_ends(tmp_path: Path, registry: Registry) -> None:
    seen: list[Run] = []

    def look(measurement: Measurement) -> None:
        (journal,) = tmp_path.glob(".speccheck/runs/*/evidence.jsonl")
        seen.append(as_far_as_it_got(read_run(journal)))

    requires = Requires(packages=("no_such_package",))
    entries = (entry("a"), entry("away", value=5.0, requires=requires), entry("b", value=11.0), entry("c", value=4.0))
    record = run(tmp_path, registry, *entries, executor=Counting(look))
    assert [outcomes(one) for one in seen] == [
        {"a": "error", "away": "error", "b": "error", "c": "error"},
        {"a": "passed", "away": "skipped", "b": "error", "c": "error"},
        {"a": "passed", "away": "skipped", "b": "failed", "c": "error"},
    ]
    assert all(one.partial and one.decision in (Decision.ERROR, Decision.FAIL) for one in seen)
    for field in ("id", "title", "spec", "spec_digest", "started", "checks", "loaders", "environment", "code"):
        assert getattr(seen[-1], field) == getattr(record, field), field


def test_a_run_that_cannot_go_on_keeps_what_it_has(tmp_path: Path, registry: Registry) -> None:
    def refuse(result: EntryResult, measured: Measured | None) -> None:
        if result.entry.id == "b":
            raise OSError(24, "Too many open files", "/somewhere")

    entries = tuple(entry(name, value=value) for name, value in (("a", 1.0), ("b", 2.0), ("c", 3.0)))
    services = services_of(tmp_path, registry, Counting(), on_result=refuse)
    spec = Spec("t", "s.yaml", str(tmp_path), entries)
    record = run_spec(Request(spec, entries, NO_BASELINE), services)
    assert outcomes(record) == {"a": "passed", "b": "passed", "c": "error"}
    assert cause_of(record, "c") == Cause(CauseKind.RUN_ENDED_BEFORE)
    assert (record.ending, record.decision) == ("cut", Decision.ERROR)
    (warning,) = record.warnings
    assert (warning.code, warning.message) == ("SC807", "the run could not go on: Too many open files: /somewhere")
    assert read_run(RunStore(tmp_path).find(record.id)) == record


def test_a_clock_that_is_set_back_leaves_a_record_that_is_valid(tmp_path: Path, registry: Registry) -> None:
    times = iter([WHEN, WHEN - timedelta(days=400)])
    seconds = iter([5.0, 7.5])
    services = services_of(
        tmp_path, registry, Counting(), now=lambda: next(times, WHEN - timedelta(days=800)), clock=lambda: next(seconds)
    )
    spec = Spec("t", "s.yaml", str(tmp_path), (entry("a"),))
    record = run_spec(Request(spec, spec.entries, NO_BASELINE), services)
    assert (record.started, record.finished) == ("2026-03-04T05:06:07+00:00", "2026-03-04T05:06:09.500000+00:00")
    assert record.decision == Decision.PASS
    assert read_run(RunStore(tmp_path).find(record.id)) == record
