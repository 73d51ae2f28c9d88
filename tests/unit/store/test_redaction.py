"""Secrets: masked in every text of a record, in whatever form, and nothing else destroyed."""

from __future__ import annotations

import base64
import html
import json
import os
import time
from pathlib import Path
from typing import Any

import msgspec
import pytest

from speccheck.model.baseline import AcceptedEntry
from speccheck.model.coverage import Coverage
from speccheck.model.evidence import Evidence, Series, Table
from speccheck.model.run import BaselineUse, EntryResult, Measured, Run
from speccheck.model.spec import Measurement
from speccheck.model.values import Masked, TensorDescription
from speccheck.model.verdict import ConstraintVerdict, Judgement, Outcome, State, Verdict
from speccheck.store import Redactor, RunFolder, RunStore, StoreError, read_run
from speccheck.store.folder import RUN_FILE
from support.odd_runs import SAMPLES, hostile
from support.runs import entry, measurement, passed_run
from support.store_times import DIGEST, WHEN

MASK = "***"


def redactor(*secrets: str) -> Redactor:
    values = {f"S{number}": secret for number, secret in enumerate(secrets)}
    return Redactor(list(values), values)


def folder(path: Path, *secrets: str) -> RunFolder:
    return RunStore(path).create(WHEN, DIGEST, redactor(*secrets))


def run_with(metrics: dict[str, Any], **fields: Any) -> Run:
    measured = Measured(measurement(), Evidence(metrics=metrics))
    return passed_run(measurements={measurement().digest(): measured}, **fields)


@pytest.mark.parametrize(
    "secret",
    ["1234", "true", "null", "3.14", "name", "fail", "held", "outcome", "entries", "passed", "value", "artifacts"],
)
def test_a_record_survives_any_secret(tmp_path: Path, secret: str) -> None:
    metrics = {"n": 12345, "pi": 3.14159, "yes": True, "none": None, "said": f"it is {secret}!", f"k {secret}": 1}
    use = BaselineUse("b.json", "1234", {"one": AcceptedEntry("1234", {"value": 3.14}, "1234", "a", "r", "1234")})
    made = run_with(metrics, baseline=use)
    stored = folder(tmp_path, secret).finish(made)
    found = stored.measurements[measurement().digest()].evidence
    assert found is not None
    kept = {name: metrics[name] for name in ("n", "pi", "yes", "none")}
    assert found.metrics == {**kept, "said": Masked("it is ***!"), "k ***": Masked(1)} or secret == "name"
    assert (stored.decision, stored.coverage, stored.id) == (made.decision, made.coverage, made.id)
    assert stored.entries[0].judgement.outcome == made.entries[0].judgement.outcome
    assert stored.baseline is not None
    known = stored.baseline.entries["one"].values()
    if secret == "value":
        assert known == {MASK: Masked(3.14)}
    else:
        assert known == {"value": Masked(MASK) if secret == "3.14" else 3.14}


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("secret", ["float32", "number", "$number", "-inf", "warn", "audio", "error", "0000"])
def test_every_sample_can_be_read_again_and_judged_alike(tmp_path: Path, name: str, secret: str) -> None:
    made = SAMPLES[name]()
    stored = folder(tmp_path, secret).finish(made)
    assert [one.judgement.outcome for one in stored.entries] == [one.judgement.outcome for one in made.entries]
    assert list(stored.measurements) == sorted(made.measurements)
    assert [one.measured for one in stored.entries] == [one.measured for one in made.entries]


SECRET = "pass'word\" with\nü and \\ two\tlines"
FORMS = {
    "as it is": SECRET,
    "repr": repr(SECRET)[1:-1],
    "repr without quotes of the other kind": SECRET.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t"),
    "repr in a repr": repr(f"ValueError({SECRET!r})"),
    "ascii": ascii(SECRET),
    "json": json.dumps({"a": SECRET}),
    "json of letters": json.dumps([SECRET], ensure_ascii=False),
    "json in a repr": repr(json.dumps(SECRET)),
    "one line": SECRET.replace("\n", " "),
    "collapsed": " ".join(SECRET.split()),
    "stripped": SECRET.strip(),
    "url": "https://h/?q=pass%27word%22%20with%0A%C3%BC%20and%20%5C%20two%09lines",
    "form": "q=pass%27word%22+with%0a%c3%bc+and+%5c+two%09lines",
    "upper case": SECRET.upper(),
    "lower case": SECRET.lower(),
    "title": SECRET.title(),
    "hex": SECRET.encode().hex(),
    "hex in upper case": SECRET.encode().hex().upper(),
    "hex with colons": SECRET.encode().hex(":"),
    "html": html.escape(SECRET),
}


@pytest.mark.parametrize("form", FORMS)
def test_a_secret_is_masked_in_each_form(form: str) -> None:
    masked = redactor(f"{SECRET}\n").text(f"<{FORMS[form]}>")
    assert MASK in masked
    assert "word" not in masked.lower()
    assert "lines" not in masked.lower()


def test_every_text_of_a_record_is_masked() -> None:
    secret = "s3cr et"
    masked = redactor(secret).run(hostile(f"a {secret} b"))
    declared = msgspec.structs.replace(masked, checks={}, loaders={})
    data = declared.to_bytes().replace(b'"sha256": "a s3cr et b"', b"")
    assert secret.encode() not in data
    assert len(masked.entries) == len(hostile("x").entries)


def test_keys_that_become_one_stay_two() -> None:
    made = redactor("alpha-1", "beta-2").value({"alpha-1": 1, "beta-2": 2, MASK: 3})
    assert made == {"*** (2)": 1, "*** (3)": 2, MASK: 3}


def test_a_tensor_description_stays_one(tmp_path: Path) -> None:
    stored = folder(tmp_path, "float32").finish(run_with({"out": TensorDescription("float32", (8,))}))
    (measured,) = stored.measurements.values()
    assert measured.evidence == Evidence(metrics={"out": TensorDescription("float32", (8,))})


def test_facts_that_decide_keep_their_names() -> None:
    git = {"commit": "dirty tree", "dirty": True, "changed": {"dirty.py": None}}
    facts = redactor("dirty").run(passed_run(environment={"git": git})).environment
    assert facts == {"git": {"commit": "*** tree", "dirty": True, "changed": {"***.py": None}}}


def test_without_a_secret_nothing_is_copied() -> None:
    run = passed_run()
    for nothing in (Redactor((), {}), Redactor(["UNSET", "EMPTY"], {"EMPTY": ""})):
        assert not nothing
        assert nothing.run(run) is run
    assert redactor("not in there").run(run) is run


@pytest.mark.parametrize("value", ['"', "abc", " a\n", "    ", "1"])
def test_a_secret_too_short_to_mask_is_refused_by_name(value: str) -> None:
    with pytest.raises(StoreError, match="value of TOKEN") as caught:
        Redactor(["TOKEN"], {"TOKEN": value})
    assert caught.value.code == "SC805"
    assert caught.value.hint
    assert repr(value) not in str(caught.value)


def test_a_secret_that_is_no_utf8_is_masked(tmp_path: Path) -> None:
    secret = "key-\udcff\udcfe"
    made = folder(tmp_path, secret)
    made.finish(run_with({"said": f"<{secret}>", "shown": "key-\\udcff\\udcfe"}))
    path = made.path / RUN_FILE
    assert b"key-" not in path.read_bytes()
    assert redactor(secret).data(b"<key-\xff\xfe>") == b"<***>"


@pytest.mark.parametrize("secret", ["key-\udcff\udcfe", "caf\udce9-pass\nw\udcf6rd", "\udce2\udc82abcd"])
def test_a_secret_that_is_no_utf8_is_masked_where_output_was_decoded(tmp_path: Path, secret: str) -> None:
    printed = os.fsencode(secret).decode("utf-8", "replace")
    assert redactor(secret).text(f"<{printed}>") == "<***>"
    masked = redactor(secret).value({"said": f"<{printed}>", "line": printed.replace("\n", " "), "r": repr(printed)})
    assert masked == {"said": "<***>", "line": "***", "r": "'***'"}
    assert json.loads(redactor(secret).data(json.dumps([printed]).encode())) == ["***"]


def test_a_secret_that_no_environment_can_have_is_masked() -> None:
    assert redactor("key-\ud800").text("key-\ud800") == "***"


def test_a_json_artifact_stays_json() -> None:
    data = json.dumps({"n": 12345, "said": "my 1234", "1234": "a\\1234"}).encode()
    assert json.loads(redactor("1234").data(data)) == {"n": 12345, "said": "my ***", "***": "a\\***"}


def test_lines_of_a_long_secret_count_for_themselves() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\n-----END KEY-----\n"
    assert redactor(key).text("line 2 was MIIEvQIBADANBg") == "line 2 was ***"


def test_names_and_texts_of_artifacts_are_masked_whatever_their_type(tmp_path: Path) -> None:
    made = folder(tmp_path, "s3cret")
    (tmp_path / "a").write_text("-> s3cret")
    (tmp_path / "b").write_bytes(b"\x00s3cret")
    kept = made.keep(DIGEST, "of s3cret.yaml", tmp_path / "a", "application/yaml")
    assert kept.path == f"artifacts/{DIGEST[:12]}/of ___.yaml"
    assert (made.path / kept.path).read_text() == "-> ***"
    binary = made.keep(DIGEST, "b.bin", tmp_path / "b", "application/octet-stream")
    assert (made.path / binary.path).read_bytes() == b"\x00s3cret"


def test_what_is_reported_is_what_is_on_record(tmp_path: Path) -> None:
    made = folder(tmp_path, "s3cret")
    run = run_with({"said": "s3cret \udcff"})
    stored = made.finish(run)
    assert stored == read_run(made.path / RUN_FILE)
    assert stored.to_bytes() == (made.path / RUN_FILE).read_bytes()


def test_the_journal_is_masked(tmp_path: Path) -> None:
    made = folder(tmp_path, "s3cret")
    made.append(DIGEST, Measured(Measurement("value.number", 1), Evidence(metrics={"a": ["s3cret", 1]})))
    (line,) = (made.path / "evidence.jsonl").read_text().splitlines()
    assert json.loads(line)["measured"]["evidence"]["metrics"] == {"a": [{"$masked": "***"}, 1]}


@pytest.mark.parametrize("secret", ["hunter2", "pässwörd", "a?b>c~d", "1234", "x" * 57])
@pytest.mark.parametrize("before", ["", "u", "us", "user:"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_a_secret_in_base64_is_masked_wherever_it_begins(secret: str, before: str, encode: Any) -> None:
    text = encode(f"{before}{secret}@host".encode()).decode()
    masked = redactor(secret).text(f"Authorization: Basic {text}")
    assert MASK in masked
    kept = [part for part in masked.removeprefix("Authorization: Basic ").split(MASK) if part]
    assert sum(map(len, kept)) <= len(encode(f"{before}@host".encode())) + 4  # the signs that neighbours share


def test_base64_is_found_in_its_own_case_alone() -> None:
    text = base64.b64encode(b"hunter2hunter2").decode()
    assert redactor("hunter2hunter2").text(text.swapcase()) == text.swapcase()


@pytest.mark.parametrize(
    ("secret", "number"),
    [("123456", 123456), ("123456", 123456.0), ("123456", -123456), ("0123456", 123456), ("1.50e3", 1500.0)],
)
def test_a_secret_that_is_a_number_is_masked_as_a_number(tmp_path: Path, secret: str, number: float) -> None:
    made = folder(tmp_path, secret)
    series = Series((0.0, 1.0), (float(number), 2.0))
    evidence = Evidence(
        {"n": number, "l": [1, number], "other": 123457}, {"t": Table(("a",), ((number,),))}, {"s": series}
    )
    key = Measurement("value.number", 1, {"pin": number})
    made.append(key.digest(), Measured(key, evidence))
    line = json.loads((made.path / "evidence.jsonl").read_text())["measured"]
    assert line["evidence"]["metrics"] == {
        "n": {"$masked": MASK},
        "l": [1, {"$masked": MASK}],
        "other": 123457,
    }
    assert line["evidence"]["tables"]["t"]["rows"] == [[MASK]]
    assert line["evidence"]["series"]["s"]["y"] == [None, 2.0]
    assert line["measurement"]["params"] == {"pin": {"$masked": MASK}}
    assert json.loads(redactor(secret).data(json.dumps({"a": number, "b": [number, 7]}).encode())) == {
        "a": MASK,
        "b": [MASK, 7],
    }


@pytest.mark.parametrize("secret", ["0000", "1.00", "-001", "1_000", "-inf", "0x1F"])
def test_a_number_that_is_anywhere_is_not_masked(secret: str) -> None:
    metrics = {"a": 0, "b": 1.0, "c": -1, "d": True, "e": 31}
    measured = Measured(measurement(), Evidence(metrics=metrics))
    assert redactor(secret).value(measured).evidence == measured.evidence


def test_the_margin_of_a_masked_number_does_not_tell_it(tmp_path: Path) -> None:
    held = ConstraintVerdict("min", State.HELD, written=0, observed=765432, limit=0, margin=765432.0)
    made = passed_run()
    judgement = Judgement(Outcome.PASSED, verdicts=(Verdict("value", State.HELD, (held,), 765432),))
    entry = msgspec.structs.replace(made.entries[0], judgement=judgement)
    data = redactor("765432").run(msgspec.structs.replace(made, entries=(entry,))).to_bytes()
    assert b"765432" not in data


@pytest.mark.parametrize("mark", ["…", "..."])
@pytest.mark.parametrize("kept", range(4, 12))
def test_the_part_of_a_secret_that_a_cut_left_is_masked(mark: str, kept: int) -> None:
    secret = "Hunter2-Gatherer"
    one = redactor(secret)
    assert one.text(f"see {secret[:kept].lower()}{mark} there") == f"see {MASK}{mark} there"
    assert one.text(f"see {mark}{secret[-kept:]} there") == f"see {mark}{MASK} there"
    encoded = base64.b64encode(secret.encode()).decode()
    assert one.text(f"{encoded[:kept]}{mark}") == f"{MASK}{mark}"
    assert one.value({"a": f"see {secret[:kept]}{mark}"}) == {"a": f"see {MASK}{mark}"}
    assert one.data(f"{secret[:kept]}{mark}".encode()) == f"{MASK}{mark}".encode()


def test_three_characters_at_a_cut_are_a_word() -> None:
    assert redactor("Hunter2-Gatherer").text("Hun… and hun...rer") == "Hun… and hun...rer"


def test_digests_are_not_broken_by_a_secret_that_is_a_part_of_them(tmp_path: Path) -> None:
    digest = measurement().digest()
    for secret in (digest[4:8], digest[:6], bytes.fromhex(digest[:8]).decode("latin-1")):
        accepted = AcceptedEntry(digest, {"value": 2.0}, "r", "ada", "first", "2026-03-01").sealed()
        made = folder(tmp_path / secret[:1], secret)
        (tmp_path / "a").write_text("x")
        kept = made.keep(digest, "a.txt", tmp_path / "a", "text/plain")
        use = BaselineUse("b.json", "0" * 64, {"one": accepted})
        run = passed_run(
            baseline=use,
            measurements={digest: Measured(measurement(), Evidence({"value": 3.0}, artifacts={"a": kept}))},
        )
        made.finish(run)
        stored = read_run(made.path / RUN_FILE)
        assert stored.entries[0].measured == digest
        assert list(stored.measurements) == [digest]
        assert stored.baseline == use
        (measured,) = stored.measurements.values()
        assert measured.evidence is not None
        assert measured.evidence.artifacts == {"a": kept}
        assert (made.path / kept.path).read_text() == "x"


def test_overlapping_secrets_are_masked_together() -> None:
    assert redactor("abcdef", "zzab", "efgh").text("1zzabcdefgh2") == f"1{MASK}2"


def test_ids_that_become_one_stay_two_and_keep_their_needs(tmp_path: Path) -> None:
    one, two, three = entry("a[k=alpha-1]"), entry("a[k=beta-22]"), entry("b", needs=("a[k=beta-22]",))
    judgement = passed_run().entries[0].judgement
    results = tuple(EntryResult(item, judgement, measurement().digest()) for item in (one, two, three))
    made = folder(tmp_path, "alpha-1", "beta-22")
    accepted = AcceptedEntry(measurement().digest(), {"value": 2.0}, "r", "ada", "first", "2026-03-01").sealed()
    use = BaselineUse("b.json", "", {"a[k=beta-22]": accepted})
    made.finish(passed_run(entries=results, coverage=Coverage(3, 3, {"passed": 3}), baseline=use))
    stored = read_run(made.path / RUN_FILE)
    assert [result.entry.id for result in stored.entries] == ["a[k=***]", "a[k=***] (2)", "b"]
    assert stored.entries[2].entry.needs == ("a[k=***] (2)",)
    assert stored.baseline is not None
    assert list(stored.baseline.entries) == ["a[k=***] (2)"]


def test_a_clean_record_is_found_clean_quickly() -> None:
    one = redactor(
        "correct horse battery staple", "s3cr3t-t0ken", "-----BEGIN KEY-----\n" + "MIIEvQIBADANBgkqhk\n" * 27
    )
    measured = Measured(measurement(), Evidence(metrics={"value": 3.0}, log="line of a log\n" * 20_000))
    started = time.perf_counter()
    assert one.measured(measured) is measured
    assert time.perf_counter() - started < 2


@pytest.mark.parametrize("encode", [base64.encodebytes, lambda data: repr(data).encode()])
def test_base64_in_lines_and_the_repr_of_bytes_are_masked(encode: Any) -> None:
    secret = "a long secret with an é in it, " * 3
    masked = Redactor(["TOKEN"], {"TOKEN": secret}).text(encode(secret.encode()).decode())
    assert len(masked) < 10


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\\n", "\n    "])
@pytest.mark.parametrize("before", ["", "u:", "user:"])
def test_a_secret_that_is_written_over_several_lines_is_masked(before: str, line_end: str) -> None:
    secret = "".join(f"{number:x}." for number in range(1000, 1060))
    encoded = base64.encodebytes(f"{before}{secret}".encode()).decode().strip()
    redactor = Redactor(("TOKEN",), {"TOKEN": secret})
    for whole in (encoded, "\n".join(secret[at : at + 80] for at in range(0, len(secret), 80))):
        masked = redactor.text("the first line\nkey " + whole.replace("\n", line_end) + "\nthe last line")
        assert masked.startswith("the first line\nkey ")
        assert masked.endswith("\nthe last line")
        assert len(masked) < 60
