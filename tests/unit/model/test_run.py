"""The run file: all of a run comes back from it, and it fits the schema that is published."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from speccheck.model.coverage import Coverage, outcome_counts
from speccheck.model.evidence import Evidence, Finding, Series, Table
from speccheck.model.repeated import RepeatedKeyError
from speccheck.model.run import Measured, Run, measured_bytes, run_schema
from speccheck.model.spec import Measurement
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import Decision, Outcome, State
from support.odd_runs import SAMPLES, hostile
from support.sample_runs import constraint, result, run, verdict

KEYS = st.one_of(st.text(max_size=6), st.sampled_from(["$number", "$tensor", "$map", "$masked", "$", "a.b"]))
TENSORS = st.builds(TensorDescription, st.just("float32"), st.lists(st.integers(0, 2**40), max_size=4).map(tuple))
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**200), 2**200) | st.floats() | st.text(max_size=6) | TENSORS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
METRICS = st.dictionaries(KEYS, VALUES, max_size=4)
VALIDATOR = jsonschema.Draft202012Validator(run_schema())


def ordered(value: Any) -> Any:
    """The value with the keys of its mappings sorted, as the file has them, so that ``repr`` compares NaN too."""
    if isinstance(value, dict):
        return {key: ordered(value[key]) for key in sorted(value)}
    if isinstance(value, list):
        return [ordered(item) for item in value]
    return value


def run_of(metrics: dict[str, Any]) -> Run:
    """A run that has the values wherever a run can have one."""
    value = list(metrics.values())
    judged = constraint("equals: 1", State.VIOLATED, observed=value, limit=metrics)
    table = Table(("a", "b"), ((metrics, value),))
    pair = result(
        "a",
        Outcome.FAILED,
        verdict("m", judged, observed=metrics),
        params=metrics,
        cell=metrics,
        evidence=Evidence(metrics=metrics, tables={"t": table}),
    )
    entry = msgspec.structs.replace(pair[0].entry, expect=metrics)
    return run([(msgspec.structs.replace(pair[0], entry=entry), pair[1])], Decision.FAIL)


@settings(max_examples=60, deadline=None)
@given(METRICS)
def test_every_value_comes_back_from_the_file(metrics: dict[str, Any]) -> None:
    read = Run.from_bytes(run_of(metrics).to_bytes())
    (entry,), (measured,) = read.entries, read.measurements.values()
    assert measured.evidence is not None
    places = [
        measured.evidence.metrics,
        measured.evidence.tables["t"].rows[0][0],
        measured.measurement.params,
        entry.entry.measurement.params,
        entry.entry.cell,
        entry.entry.expect,
        entry.judgement.verdicts[0].observed,
        entry.judgement.verdicts[0].constraints[0].limit,
    ]
    assert {repr(ordered(place)) for place in places} == {repr(ordered(metrics))}
    observed = entry.judgement.verdicts[0].constraints[0].observed
    assert sorted(repr(ordered(item)) for item in observed) == sorted(repr(ordered(item)) for item in metrics.values())


@settings(max_examples=40, deadline=None)
@given(METRICS)
def test_what_was_read_is_written_as_it_was(metrics: dict[str, Any]) -> None:
    data = run_of(metrics).to_bytes()
    assert Run.from_bytes(data).to_bytes() == data
    assert repr(Run.read_back(data)) == repr(Run.from_bytes(data))
    VALIDATOR.validate(json.loads(data))


@pytest.mark.parametrize("name", SAMPLES)
def test_objects_that_are_equal_give_the_same_file(name: str) -> None:
    made = SAMPLES[name]()
    assert copy.deepcopy(made).to_bytes() == made.to_bytes()


def test_numbers_and_words_that_a_reader_makes_its_own_give_the_same_file() -> None:
    warn = "".join(["fa", "il"])
    judged = constraint("max: 1", State.VIOLATED, observed=1, limit=1, margin=0, severity=warn)
    endless = constraint("max: 1", State.VIOLATED, observed=math.inf, margin=-math.inf)
    huge = constraint("max: 1", State.VIOLATED, observed=1, margin=10**400)
    series = Series((0, 1), (2, math.nan))
    pair = result("a", Outcome.FAILED, verdict("m", judged, endless, huge), evidence=Evidence(series={"s": series}))
    written = msgspec.structs.replace(pair[0].entry, timeout=3, severity=warn)
    whole = run([(msgspec.structs.replace(pair[0], entry=written), pair[1])], Decision.FAIL, fail_on=warn)
    data = whole.to_bytes()
    assert Run.from_bytes(data).to_bytes() == data
    assert b'"timeout": 3.0' in data
    assert b'"margin": 0.0' in data
    assert b'"severity"' not in data
    assert data.count(b'"margin"') == 1


@settings(deadline=None)
@given(st.text(st.characters(codec=None), max_size=8).filter(lambda text: "\\" not in text))
def test_text_in_any_encoding_is_written(text: str) -> None:
    data = hostile(f"{text}\udcff").to_bytes()
    assert Run.from_bytes(data).to_bytes() == data
    assert hostile(f"{text}\udcff").stored().to_bytes() == data


def test_file_names_in_another_encoding_are_escaped() -> None:
    git = {"changed": {"caf\udce9.py": None, "caf\\udce9.py": None}}
    stored = Run.from_bytes(run([], Decision.PASS, environment={"git": git}).to_bytes())
    assert stored.environment["git"]["changed"] == {"caf\\udce9.py": None, "caf\\udce9.py (2)": None}


@pytest.mark.parametrize(
    "evidence",
    [
        Evidence(metrics={"a": object()}),
        Evidence(metrics={"a": TensorDescription("Float 32", (1,))}),
        Evidence(series={"s": Series((math.nan,), (1.0,))}),
        Evidence(log=3),  # type: ignore[arg-type]
        Evidence(findings=(Finding("m", line="12"),)),  # type: ignore[arg-type]
        Evidence(tables={"t": Table((1,), ())}),  # type: ignore[arg-type]
    ],
)
def test_evidence_that_could_not_be_read_again_is_refused_at_once(evidence: Evidence) -> None:
    with pytest.raises((ValueError, TypeError)):
        measured_bytes(Measured(BASE, evidence))


def test_evidence_in_any_encoding_is_journaled() -> None:
    data = measured_bytes(Measured(BASE, Evidence(metrics={"\udcff": "\udcfe"})))
    assert json.loads(data)["evidence"]["metrics"] == {"\\udcff": "\\udcfe"}


@settings(max_examples=40, deadline=None)
@given(METRICS)
def test_the_digest_of_a_measurement_survives_the_file(metrics: dict[str, Any]) -> None:
    made = run_of(metrics)
    (read,) = Run.from_bytes(made.to_bytes()).measurements.values()
    assert [read.measurement.digest()] == list(made.measurements)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_schema_accepts_every_sample(name: str) -> None:
    assert not list(VALIDATOR.iter_errors(json.loads(SAMPLES[name]().to_bytes())))


@pytest.mark.parametrize("name", SAMPLES)
def test_every_sample_is_written_as_it_was_read(name: str) -> None:
    data = SAMPLES[name]().to_bytes()
    assert Run.from_bytes(data).to_bytes() == data
    assert repr(Run.read_back(data)) == repr(Run.from_bytes(data))


def test_a_section_is_in_the_file_where_there_is_one() -> None:
    made = run([result("a", Outcome.PASSED, section="A. Keyframes"), result("b", Outcome.PASSED)], Decision.PASS)
    first, second = json.loads(made.to_bytes())["entries"]
    assert first["entry"]["section"] == "A. Keyframes"
    assert "section" not in second["entry"]
    assert [one.entry.section for one in Run.from_bytes(made.to_bytes()).entries] == ["A. Keyframes", ""]
    assert "section" in run_schema()["$defs"]["Entry"]["properties"]


def test_the_schema_accepts_hostile_text() -> None:
    assert not list(VALIDATOR.iter_errors(json.loads(hostile("\x00\u202e<b>|\n").to_bytes())))


def test_the_schema_is_a_schema() -> None:
    schema = run_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("speccheck_run",), 3),
        (("decision",), "MAYBE"),
        (("entries", 0, "judgement", "outcome"), "fine"),
        (("entries", 0, "judgement", "verdicts", 0, "state"), "green"),
        (("coverage",), None),
        (("fail_on",), "never"),
    ],
)
def test_what_is_no_run_is_refused_by_schema_and_reader(path: tuple[str | int, ...], value: Any) -> None:
    data = json.loads(SAMPLES["all-passed.0"]().to_bytes())
    place = data
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(data)
    with pytest.raises(msgspec.ValidationError):
        Run.from_bytes(json.dumps(data).encode())


@pytest.mark.parametrize("tag", [{"$tensor": "float32[1]"}, {"$number": "nan"}])
def test_a_mapping_that_looks_like_a_tag_is_read_as_a_mapping(tag: dict[str, str]) -> None:
    data = json.loads(SAMPLES["every-outcome.1"]().to_bytes())
    result = data["entries"][0]
    constraint = result["judgement"]["verdicts"][0]["constraints"][0]
    constraint["options"] = result["entry"]["expect"] = tag
    constraint["cause"] = {"kind": "empty", "fields": tag}
    read = Run.from_bytes(json.dumps(data).encode()).entries[0]
    found = read.judgement.verdicts[0].constraints[0]
    assert found.cause is not None
    assert found.cause.fields == found.options == read.entry.expect == tag


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"{}"])
def test_what_is_no_run_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        Run.from_bytes(data)


def test_an_array_in_the_evidence_is_refused() -> None:
    with pytest.raises(TypeError, match="not object"):
        run_of({"a": object()}).to_bytes()


@pytest.mark.parametrize(
    ("outcomes", "text"),
    [
        ({}, "2 of 3 judged"),
        ({"passed": 2, "failed": 1}, "2 of 3 judged"),
        ({"waived": 1, "skipped": 1, "passed": 2}, "2 of 3 judged; 1 skipped, 1 waived"),
    ],
)
def test_coverage_in_words(outcomes: dict[str, int], text: str) -> None:
    assert str(Coverage(3, 2, outcomes)) == text


def test_coverage_reads_the_same_once_stored() -> None:
    made = SAMPLES["every-outcome.1"]()
    assert str(Run.from_bytes(made.to_bytes()).coverage) == str(made.coverage)


def test_outcomes_are_counted_in_their_own_order() -> None:
    counted = outcome_counts([Outcome.WAIVED, Outcome.PASSED, Outcome.WAIVED, Outcome.FAILED])
    assert list(counted.items()) == [("passed", 1), ("failed", 1), ("waived", 2)]


BASE = Measurement("signal.audio", 1, {"a": 1, "b": [1, 2]}, 0, {"s": {"audio": "a.wav"}})


@pytest.mark.parametrize(
    "other",
    [
        Measurement("signal.image", 1, BASE.params, 0, BASE.subjects),
        Measurement("signal.audio", 2, BASE.params, 0, BASE.subjects),
        Measurement("signal.audio", 1, {"a": 1, "b": [2, 1]}, 0, BASE.subjects),
        Measurement("signal.audio", 1, {"a": "1", "b": [1, 2]}, 0, BASE.subjects),
        Measurement("signal.audio", 1, BASE.params, 1, BASE.subjects),
        Measurement("signal.audio", 1, BASE.params, 0, {"s": {"audio": "b.wav"}}),
    ],
)
def test_whatever_is_measured_otherwise_has_another_digest(other: Measurement) -> None:
    assert other.digest() != BASE.digest()


def test_the_order_of_keys_is_no_part_of_a_digest() -> None:
    same = Measurement("signal.audio", 1, {"b": [1, 2], "a": 1}, 0, BASE.subjects)
    assert same.digest() == BASE.digest()


@pytest.mark.parametrize("name", SAMPLES)
def test_a_file_that_was_written_here_is_read_without_a_look_at_every_key(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = SAMPLES[name]().to_bytes()
    other = json.dumps(json.loads(data)).encode()
    assert repr(Run.from_bytes(other)) == repr(Run.from_bytes(data))

    def never(data: bytes) -> None:
        raise AssertionError("a look at every key")

    monkeypatch.setattr("speccheck.model.run.refuse_repeated_keys", never)
    Run.from_bytes(data)
    with pytest.raises(AssertionError):
        Run.from_bytes(other)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"title": ', b'"title": "another", "title": '),
        (b'"title": ', b'"t\\u0069tle": "another", "title": '),
        (b'"title": ', b'"unknown": 1, "unknown": 1, "title": '),
        (b'"environment": {', b'"environment": {"a": 1, "a": 1,'),
        (b'"environment": {', b'"environment": {"deep": [[{"a": 123456789012345678901234567890, "a": 1e3}]],'),
    ],
)
def test_a_key_that_is_there_twice_is_refused_by_name(before: bytes, after: bytes) -> None:
    data = run([], Decision.PASS, environment={"z": 1}).to_bytes()
    assert before in data
    with pytest.raises(RepeatedKeyError, match="is there twice in one mapping"):
        Run.from_bytes(data.replace(before, after, 1))
