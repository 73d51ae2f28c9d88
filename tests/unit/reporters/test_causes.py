"""A cause is shown once, with the entries that it took down."""

from __future__ import annotations

import io

import msgspec
import pytest

from speccheck.model.cause import Cause, CauseKind
from speccheck.model.evidence import Evidence, Finding
from speccheck.model.run import EntryResult, Failure, Measured, Run
from speccheck.model.verdict import Decision, Outcome, State
from speccheck.reporters import markdown, terminal
from speccheck.reporters._causes import failure_key, groups_of, names_of
from support.sample_runs import constraint, result, run, verdict

TRACE = 'Traceback (most recent call last):\n  File "net.py", line 3, in <module>\n    import gone\nKeyError: 1'

Pair = tuple[EntryResult, Measured | None]


def failing(name: str, subject: str = "net", trace: str = TRACE, message: str = "no module", log: str = "") -> Pair:
    return result(name, Outcome.ERROR, failure=Failure("subject", message, trace, subject, log))


def blocked(name: str, need: str, outcome: str = "error") -> Pair:
    return result(name, Outcome.BLOCKED, cause=Cause(CauseKind.NEED_NOT_MET, {"entry": need, "outcome": outcome}))


def passed(name: str) -> Pair:
    held = verdict("snr_db", constraint("min: 20", observed=24.0, limit=20, margin=4.0))
    return result(name, Outcome.PASSED, held, evidence=Evidence({"snr_db": 24.0}))


def grouped(made: Run) -> list[tuple[list[str], list[str]]]:
    return [
        ([one.entry.id for one in group.results], [one.entry.id for one in group.needing]) for group in groups_of(made)
    ]


def shown(made: Run, table: bool = False, width: int = 80) -> str:
    stream = io.StringIO()
    terminal.write(made, stream, color=False, width=width, table=table)
    return stream.getvalue()


def page(made: Run) -> str:
    stream = io.StringIO()
    markdown.render(made, stream)
    return stream.getvalue()


BROKEN = run(
    [failing("a"), passed("b"), failing("c", subject="trainer", message="importing lm raised"), blocked("d", "c")],
    Decision.ERROR,
)


def test_failures_at_one_place_are_one_cause_whatever_subject_names_it() -> None:
    assert grouped(BROKEN) == [(["a", "c"], ["d"]), (["b"], [])]


@pytest.mark.parametrize(
    "other",
    [
        failing("c", trace=TRACE.replace("line 3", "line 4")),
        failing("c", trace=""),
        failing("c", trace="", message="another"),
    ],
    ids=["place", "no-trace", "message"],
)
def test_other_failures_are_other_causes(other: Pair) -> None:
    assert grouped(run([failing("a"), other], Decision.ERROR)) == [(["a"], []), (["c"], [])]


def test_failures_without_a_place_are_one_cause_if_all_is_the_same() -> None:
    texts = ("x", "x", "y")
    made = run([failing(f"e{at}", trace="", log=log) for at, log in enumerate(texts)], Decision.ERROR)
    assert grouped(made) == [(["e0", "e1"], []), (["e2"], [])]


def test_addresses_of_memory_do_not_make_another_cause() -> None:
    one, two = (Failure("died", "SIGSEGV", f'Thread 0x{at:x}:\n  File "net.py", line 3 in f') for at in (10, 255))
    assert failure_key(one) == failure_key(two)
    assert failure_key(one) != failure_key(msgspec.structs.replace(one, message="SIGABRT"))


def test_entries_that_need_what_failed_stand_with_it_through_others() -> None:
    made = run([failing("a"), blocked("b", "a"), blocked("c", "b", "blocked")], Decision.ERROR)
    assert grouped(made) == [(["a"], ["b", "c"])]
    assert "  blocks 2 entries: b, c\n" in shown(made)


def test_an_entry_whose_need_has_no_section_has_its_own() -> None:
    """An observed entry is measured, and unblocks nothing."""
    measured = result("sizes", Outcome.MEASURED, evidence=Evidence({"snr_db": 1.0}), observe=True)
    made = run([measured, blocked("b", "sizes", "measured"), blocked("c", "absent")], Decision.ERROR)
    assert "BLOCKED b\n" in shown(made)
    assert "BLOCKED c\n" in shown(made)


def test_entries_without_the_baseline_are_one_cause() -> None:
    absent = Cause(CauseKind.BASELINE_FILE_ABSENT, {"path": "b.json"})
    unknown = msgspec.structs.replace(constraint("min: baseline", State.UNKNOWN, observed=2.0), cause=absent)
    violated = constraint("max: 1", State.VIOLATED, observed=2.0, limit=1, margin=-1.0)
    pairs = [
        result(name, Outcome.ERROR, verdict("snr_db", *items), evidence=Evidence({"snr_db": 2.0}))
        for name, items in (("a", [unknown]), ("b", [unknown]), ("c", [unknown, violated]))
    ]
    made = run(pairs, Decision.ERROR)
    assert grouped(made) == [(["a", "b"], []), (["c"], [])]
    assert "ERROR in 2 entries\n  unknown: baseline file b.json does not exist\n  a, b\n" in shown(made)


def test_the_terminal_shows_the_cause_once_with_its_entries_and_subjects() -> None:
    text = shown(BROKEN)
    assert "ERROR in 2 entries; subjects net, trainer\n" in text
    assert text.count("import gone") == 1
    assert "\n  a, c\n  blocks 1 entry: d\n" in text
    assert "entries: 4 (2 error, 1 blocked, 1 passed)" in text


def test_a_cause_of_several_entries_comes_before_single_failures() -> None:
    violated = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=2.0, limit=20, margin=-18.0))
    failed = result("low", Outcome.FAILED, violated, evidence=Evidence({"snr_db": 2.0}))
    made = run([failed, failing("a"), failing("c")], Decision.FAIL)
    assert shown(made).index("ERROR in 2 entries") < shown(made).index("FAILED low")


def test_a_note_on_one_of_several_names_it() -> None:
    pair = failing("c")
    note = Cause(CauseKind.WAIVER_EXPIRED, {"owner": "ana", "until": "2027-01-31", "reason": "soon"})
    noted = msgspec.structs.replace(pair[0], judgement=msgspec.structs.replace(pair[0].judgement, notes=(note,)))
    assert "note on c: the waiver of ana ended" in shown(run([failing("a"), (noted, pair[1])], Decision.ERROR))


def test_the_table_has_a_row_for_a_cause_and_every_entry_that_passed() -> None:
    rows = shown(BROKEN, table=True).partition("outcome ")[2].splitlines()[2:6]
    assert [row.split("  ")[0].strip() for row in rows[:3]] == ["error", "passed", "blocked"]
    assert "a and 1 more" in rows[0]
    assert "outcome " not in shown(BROKEN)


def test_markdown_shows_the_failure_once_and_names_all_entries_first() -> None:
    text = page(BROKEN)
    assert text.count("import gone") == 1
    assert "Not measured, for the reason shown under `a`." in text
    assert "- **ERROR**, 3 entries: cannot build subject net: no module (`a`, `c`, `d`)" in text
    assert text.index("## What to know") < text.index("## PASS/FAIL Table") < text.index("## Environment")


def test_cells_of_a_matrix_that_follow_each_other_are_one_name() -> None:
    names = ["a[x=1]", "a[x=2]", "b", "a[x=3]", "c"]
    assert names_of([passed(name)[0] for name in names]) == ["a (2 cells)", "b", "a[x=3]", "c"]


@pytest.mark.parametrize("kind", ["died", "timeout", "not measurable", "rebound"])
def test_a_failure_of_any_kind_shows_message_place_and_output(kind: str) -> None:
    trace = (
        'Fatal Python error: Segmentation fault\n\nThread 0x1 (most recent call first):\n  File "net.py", line 3 in f'
    )
    trace += "".join(f'\n  File "net.py", line {at} in g' for at in range(60))
    failure = Failure(kind, "the worker was killed by SIGSEGV", trace, "", "".join(f"step {at}\n" for at in range(20)))
    made = run([result("crash", Outcome.ERROR, failure=failure)], Decision.ERROR)
    text = shown(made)
    assert "  the worker was killed by SIGSEGV\n" in text
    assert 'File "net.py", line 3 in f' in text, "where it was comes first in such a traceback"
    assert "more lines left out; the markdown report has all)" in text
    assert "  output, last 8 of 20 lines:\n    | step 12\n" in text
    assert "line 59 in g" in page(made)
    assert "step 0\n" in page(made)


def test_a_message_of_several_lines_is_not_repeated_below_its_traceback() -> None:
    message = "ValueError: loading Net:\n\tsize mismatch for a"
    failure = Failure("raised", message, f'Traceback:\n  File "net.py", line 3, in f\n    load()\n{message}')
    text = shown(run([result("load", Outcome.ERROR, failure=failure)], Decision.ERROR))
    assert "  ValueError: loading Net:\n      size mismatch for a\n    Traceback:\n" in text
    assert text.count("size mismatch for a") == 1


def test_an_output_that_ends_as_one_before_is_told_in_a_line() -> None:
    log = "".join(f"line {at}\n" for at in range(9)) + "KeyError: 1\n"
    violated = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=2.0, limit=20, margin=-18.0))
    failed = result("low", Outcome.FAILED, violated, evidence=Evidence({"snr_db": 2.0}, log=log))
    text = shown(run([failing("a"), failing("c"), failed], Decision.FAIL))
    assert "  output, 10 lines: the last is as above\n" in text
    assert "line 8" not in text


def test_a_long_path_in_a_traceback_keeps_its_end_and_line() -> None:
    trace = f'Traceback:\n  File "/{"very/" * 40}net.py", line 3, in f\n    load()\nKeyError: 1'
    lines = shown(run([failing("a", trace=trace)], Decision.ERROR)).splitlines()
    assert [line for line in lines if line.endswith('very/net.py", line 3, in f')]


def test_findings_of_one_measurement_are_shown_once() -> None:
    low = verdict("snr_db", constraint("min: 20", State.VIOLATED, observed=2.0, limit=20, margin=-18.0))
    evidence = Evidence({"snr_db": 2.0}, findings=(Finding("clipped samples"),), log="loading\n")
    pairs = [result(name, Outcome.FAILED, low, evidence=evidence, params={"clip": 1}) for name in ("a", "b")]
    text = shown(run(pairs, Decision.FAIL))
    assert text.count("clipped samples") == 1
    assert "  findings and output: as under a, which shares this measurement\n" in text
