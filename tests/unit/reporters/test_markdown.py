"""The Markdown report: its form, and that no text of a spec, a plugin or audited code becomes markup in it."""

from __future__ import annotations

import io
import json
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from speccheck.model.evidence import Evidence, Finding, Table
from speccheck.model.run import Failure, Run
from speccheck.model.values import from_wire
from speccheck.model.verdict import Decision, Outcome
from speccheck.reporters import _markup as markup
from speccheck.reporters.markdown import reporter
from support.odd_runs import SAMPLES, hostile
from support.sample_runs import result, run

HEADINGS = ["# ", "## PASS/FAIL Table", "## Artifacts", "## Evidence", "## Environment"]
SECTIONED = ["# ", "## Sections", *HEADINGS[1:3]]
"""The headings before those of the sections."""

OPTIONAL = ("## Warnings", "## What to know")

SECTIONS = ["## A. Keyframes", "## B. Clip index", "## C. Speed &#124; &lt;GPU&gt;", "## D. Training", "## Other"]

_LINK = re.compile(r"(?<!\\)\[((?:[^\[\]\\]|\\.)*)\]\(([^()]*)\)")


def text_of(run: Run) -> str:
    stream = io.StringIO()
    reporter.render(run, stream)
    return stream.getvalue()


def outside_fences(text: str) -> tuple[list[str], list[str]]:
    """Return the lines outside fenced blocks and the contents of the blocks, as CommonMark separates them."""
    lines: list[str] = []
    blocks: list[list[str]] = []
    fence = ""
    for line in text.split("\n"):
        opening = re.match(r" {0,3}(`{3,})[^`]*$", line)
        if fence:
            if re.fullmatch(rf" {{0,3}}`{{{len(fence)},}}\s*", line):
                fence = ""
            else:
                blocks[-1].append(line)
        elif opening:
            fence = opening[1]
            blocks.append([])
        else:
            lines.append(line)
    assert not fence, "a fenced block is left open"
    return lines, ["\n".join(block) for block in blocks]


def without_code(line: str) -> str:
    """Return the line less its code spans, as CommonMark finds them; an opening run of backticks without end stays."""
    out, rest = "", line
    while (start := re.search(r"(?<!\\)`+", rest)) is not None:
        end = re.search(rf"(?<!`){start[0]}(?!`)", rest[start.end() :])
        out += rest[: start.start()] if end else rest[: start.end()]
        rest = rest[start.end() + end.end() :] if end else rest[start.end() :]
    return out + rest


def cells(row: str) -> int:
    """Return the number of cells of a row; GitHub splits rows before it looks for code spans."""
    return len(re.findall(r"(?<!\\)\|", row)) - 1


def tables(lines: list[str]) -> list[list[str]]:
    """Return the tables among the lines: runs of lines that start with a pipe."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.startswith("|"):
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return [table for table in found if table]


@pytest.mark.parametrize("name", SAMPLES)
def test_the_form_is_that_of_an_audit_report(name: str) -> None:
    made = SAMPLES[name]()
    lines, _ = outside_fences(text_of(made))
    found = [line for line in lines if re.match(r"#{1,2} ", line) and line not in OPTIONAL]
    headings = [*SECTIONED, *SECTIONS, HEADINGS[-1]] if name == "sections.1" else HEADINGS
    assert [line[: len(wanted)] for line, wanted in zip(found, headings, strict=True)] == headings
    assert f"- Decision: **{made.decision.value}** ({made.coverage})" in [line.replace("\\", "") for line in lines]
    assert f"- Generated: `{made.finished}`" in lines[2]
    assert sum(line.startswith("### ") for line in lines) == len(made.entries)


@pytest.mark.parametrize("name", sorted(set(SAMPLES) - {"long-evidence.1"}))
def test_the_metrics_are_those_of_the_run(name: str) -> None:
    made = Run.from_bytes(SAMPLES[name]().to_bytes())
    _, blocks = outside_fences(text_of(made))
    shown = [json.loads(block) for block in blocks if block.startswith("{")]
    # Stable: entries without a section come last, the others in the order of the letters that begin them.
    entries = sorted(made.entries, key=lambda result: result.entry.section or "Other")
    records = [made.measurements[entry.measured] for entry in entries if entry.measured]
    metrics = [record.evidence.metrics for record in records if record.evidence and record.evidence.metrics]
    assert repr([from_wire(one) for one in shown]) == repr(metrics)


def test_sections_have_a_table_and_their_entries_below_them() -> None:
    lines, _ = outside_fences(text_of(SAMPLES["sections.1"]()))
    overview, entries = tables(lines)[:2]
    assert overview[0] == "| Section | Status | Entries | Reason |"
    assert entries[0] == "| Section | Entry | Status | Reason | Evidence |"
    found: dict[str, list[str]] = {}
    for at, line in enumerate(lines):
        if line in SECTIONS:
            found[line] = []
            assert lines[at + 2].startswith("- Status: **")
        elif line.startswith("### "):
            found[list(found)[-1]].append(line.removeprefix("### ").partition(":")[0])
    assert list(found) == SECTIONS
    assert found["## A. Keyframes"] == ["walk", "no-sweeps"]
    assert found["## Other"] == ["title-page"]
    rows = [row.split(" | ")[:2] for row in entries[2:]]
    named = [[f"| {name.removeprefix('## ')}", entry.partition(":")[0]] for name in found for entry in found[name]]
    assert [[section, entry.partition(":")[0]] for section, entry in rows] == named


def test_a_row_for_each_constraint_with_its_place() -> None:
    text = text_of(SAMPLES["every-outcome.1"]())
    assert (
        "| snr_db | 21.4 dB | min: baseline - 1.0 | 22.9 = baseline 23.9 - 1.0 | -1.5 | violated"
        " | `specs/stage3.yaml:35:7` |\n"
        "| log_mel_l1 | 0.21 | max: 0.3 | 0.3 | +0.09 | held | `specs/stage3.yaml:36:7` |" in text
    )


def test_pictures_are_shown_and_other_files_linked() -> None:
    text = text_of(SAMPLES["all-passed.0"]())
    assert "![loss](artifacts/audio/loss.png)" in text
    assert "Artifact: [rebuilt](artifacts/audio/rebuilt%20clip.wav)" in text


def test_text_in_a_table_is_not_quoted() -> None:
    table = Table(("quantile", "value"), (("50% quantile", 0.5), ("1.5", 1.5), ("a | b", True)))
    made = run([result("noise", Outcome.PASSED, evidence=Evidence({"a": 1}, tables={"t": table}))], Decision.PASS)
    lines = text_of(made).splitlines()
    start = lines.index("| quantile | value |")
    assert lines[start + 2 : start + 5] == ["| 50% quantile | 0.5 |", "| 1.5 | 1.5 |", "| a &#124; b | true |"]


def test_one_measurement_of_two_entries_is_shown_once() -> None:
    evidence = Evidence({"snr_db": 24.25}, findings=(Finding("loud: it clips", symbol="loud"),))
    first, second = (result(name, Outcome.PASSED, evidence=evidence, params={}) for name in ("one", "two"))
    assert first[0].measured == second[0].measured
    text = text_of(run([first, second], Decision.PASS))
    assert text.count('"snr_db": 24.25') == 1
    assert text.index('"snr_db": 24.25') < text.index("### two")
    assert "Evidence: under `one`, which shares this measurement." in text
    assert "- Finding: loud: it clips\n" in text


def test_what_is_left_out_is_counted() -> None:
    text = text_of(SAMPLES["long-evidence.1"]())
    assert "The first 100 of 150 rows" in text
    assert "The first 100 of 130 findings" in text
    assert "Output, 200 of 250 lines:" in text
    assert re.search(r"The first 20000 of \d+ characters", text)


def test_a_series_shows_its_ends_its_extremes_and_what_was_lost() -> None:
    shown = "first 2.31, last 0.44; least 0.44 at step 3, most 2.31 at step 0"
    assert f"- Series `loss` (nats): 4 values, **1 not finite**; {shown}\n" in text_of(SAMPLES["all-passed.0"]())
    assert "- Series `lost`: 2 values, **2 not finite**\n" in text_of(SAMPLES["long-evidence.1"]())


_FRAGMENTS = (
    *("|", "\\", "\\|", "`", "```", "~~~", "<script>", "<!--", "</b>", "&lt;", "\n", "\r", "\n\n", "\n# x", "\n---"),
    *("- ", "1. ", "[a](http://x)", "![a](b)", "](c)", "*", "_", "**", "$x$", "https://x.y", "www.x.y", "\x1b[2J"),
    *("\u202e", " ", "a", "(", ")", "#", "> ", "==="),
)

NASTY = st.lists(st.sampled_from(_FRAGMENTS), max_size=8).map("".join)


@settings(max_examples=60, deadline=None)
@given(st.one_of(NASTY, st.text(max_size=20)))
@example("\\")
@example("`|`")
@example("a\\|b")
@example("````\n```json")
@example("```\n<b>")
@example("<img src=x onerror=alert(1)>")
@example("../../etc/passwd")
@example("[x](javascript:alert(1))")
def test_hostile_text_breaks_nothing(text: str) -> None:
    made = hostile(text)
    lines, _ = outside_fences(text_of(made))
    bare = [without_code(line) for line in lines]
    assert not [line for line in bare if re.search(r"[<>]|(?<!\\)`", line)], "raw HTML or an open code span"
    assert not [line for line in lines if re.search(r"[\x00-\x1f\x7f-\x9f\u202e]", line)]
    found = tables(lines)
    name = markup.text(text)
    sections = list(dict.fromkeys([name, "Other"])) if name else []
    assert all(len({cells(row) for row in table}) == 1 for table in found), "a row with more or fewer cells"
    if sections:
        assert [row.split(" | ")[0].removeprefix("| ") for row in found.pop(0)[2:]] == sections
    assert len(found[0]) == len(made.entries) + 2
    assert cells(found[0][0]) == (5 if sections else 4)
    assert sum(line.startswith("### ") for line in lines) == len(made.entries)
    named = [*SECTIONED[1:], *(f"## {section}" for section in sections), HEADINGS[-1]]
    headings = named if sections else HEADINGS[1:]
    assert [line for line in lines if line.startswith("## ") and line not in OPTIONAL] == headings
    assert all(re.match(r"$|#{1,3} |- |\||Artifact: |Table |Output|Not measured: ", line) for line in lines)
    targets = [match[2] for line in bare for match in _LINK.finditer(line)]
    assert not [target for target in targets if re.match(r"/|[a-z]+:|(.*/)?\.\.(/|$)", target, re.IGNORECASE)]


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("snr_db", "snr_db"),
        ("_a_", "\\_a\\_"),
        ("a|b", "a&#124;b"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("[x](y)", "\\[x\\](y)"),
        ("C:\\DS\\TPV", "C:\\DS\\TPV"),
        ("end\\", "end\\\\"),
        ("- item", "\\- item"),
        ("12. item", "12\\. item"),
        ("-0.5 dB", "-0.5 dB"),
        ("---", "\\---"),
        ("https://x.y", "https\\://x.y"),
        (" two\nlines ", "two\\nlines"),
    ],
)
def test_text_becomes_no_markup(text: str, escaped: str) -> None:
    assert markup.text(text) == escaped


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("a", "`a`"),
        ("a`b", "``a`b``"),
        ("`a", "`` `a ``"),
        ("a\nb", "`a\\nb`"),
        ("a|b", "a&#124;b"),
        ("", ""),
    ],
)
def test_code_spans(text: str, span: str) -> None:
    assert markup.code(text) == span


def test_a_fence_is_longer_than_any_run_inside() -> None:
    assert markup.fenced("a\n````\nb\n") == "`````\na\n````\nb\n`````"


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("a b.png", "![x](a%20b.png)"),
        ("a(1).png", "![x](a%281%29.png)"),
        ("javascript:alert(1)", "![x](javascript%3Aalert%281%29)"),
        ("../up.png", "x (`../up.png`)"),
        ("a\\..\\up.png", "x (`a\\..\\up.png`)"),
        ("/etc/passwd", "x (`/etc/passwd`)"),
        ("", "x ()"),
    ],
)
def test_links_stay_in_the_folder_of_the_run(path: str, shown: str) -> None:
    assert markup.link("x", path, image=True) == shown


def test_a_table_takes_rows_of_any_length() -> None:
    assert markup.table(["a"], [["1", "2"], []]) == "| a |  |\n|---|---|\n| 1 | 2 |\n|  |  |"


@given(
    st.dictionaries(
        st.text(max_size=5),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40),
            lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=5), inner, max_size=5),
        ),
        max_size=5,
    )
)
def test_metrics_json_is_the_json_of_the_metrics(metrics: dict[str, object]) -> None:
    assert from_wire(json.loads(markup.metrics_json(metrics))) == metrics


def test_every_entry_tells_its_failure_once() -> None:
    """Two entries share a failed measurement, and one took longer than its own timeout, which its record lacks."""
    lost = Failure("ValueError", "no samples")
    late = Failure("timeout", "took 12 s, longer than its timeout of 1 s")
    made = run(
        [
            result("a", Outcome.ERROR, failure=lost, params={"n": 1}),
            result("b", Outcome.ERROR, failure=lost, params={"n": 1}),
            result("c", Outcome.ERROR, cause=late.cause, evidence=Evidence({"snr_db": 1.0})),
        ],
        Decision.ERROR,
    )
    _, first, second, third = re.split("^### ", text_of(made), flags=re.MULTILINE)
    assert first.count("no samples") == second.count("no samples") == 1
    assert third.count("took 12 s, longer than its timeout of 1 s") == 1
