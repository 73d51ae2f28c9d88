"""``matches``."""

from __future__ import annotations

import re
import subprocess
import sys
import time
import warnings
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speccheck.judge.parse import parse_expect
from speccheck.judge.patterns import matches_whole
from speccheck.model.metrics import Metric
from speccheck.model.values import TensorDescription
from speccheck.model.verdict import State
from unit.judge.judging import state

H, V, U = State.HELD, State.VIOLATED, State.UNKNOWN
TENSOR = TensorDescription("float32", (2, 3))

FORMS: dict[str, list[tuple[Any, list[Any]]]] = {
    "matches": [({"matches": "(?s).*"}, [3, True, ["a"], TENSOR])],
}


@pytest.mark.parametrize(
    ("constraint", "observed", "result"),
    [
        ({"matches": "[a-c]+"}, "abc", H),
        ({"matches": "[a-c]+"}, "abcd", V),
        ({"matches": "b"}, "abc", V),
        ({"matches": ".*"}, "", U),
        ({"matches": "1"}, 1, U),
    ],
)
def test_when_it_holds(constraint: Any, observed: Any, result: State) -> None:
    assert state(constraint, observed) is result


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("(a+)+b", "a" * 200_000),
        ("(a|a)*b", "a" * 200_000),
        ("(.*)*x", "ab" * 100_000),
        ("(a|b|ab)*c.{20}", "ab" * 100_000),
        ("(x+x+)+y", "x" * 200_000),
    ],
)
def test_no_pattern_takes_more_than_linear_time(pattern: str, text: str) -> None:
    started = time.monotonic()
    assert state({"matches": pattern}, text) is V
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("pattern", "code", "hint"),
    [
        ("(?=a)b", "SC208", "cannot look at what"),
        ("(?!a)b", "SC208", "cannot look at what"),
        ("(?<=a)b", "SC208", "cannot look at what"),
        ("(?<!a)b", "SC208", "cannot look at what"),
        (r"(a)\1", "SC208", "alternatives"),
        ("(?P<n>a)(?P=n)", "SC208", "alternatives"),
        (r"a\Z", "SC208", r"\z"),
        ("a{1001}", "SC208", "at most 1000"),
        ("(?x)a b", "SC208", "RE2"),
        ("(?>a)", "SC208", "RE2"),
        ("a*+", "SC208", "one repetition"),
        ("a{,3}", "SC208", "{0,3}"),
        ("[a-c]{,3}", "SC208", "{0,3}"),
        (r"\u0041", "SC208", r"\x{"),
        ("(", "SC205", ""),
        ("a**", "SC205", ""),
        ("[b-a]", "SC205", ""),
        (r"\8", "SC205", ""),
    ],
)
def test_a_pattern_of_another_grammar_is_refused_with_the_remedy(pattern: str, code: str, hint: str) -> None:
    metrics = {"m": Metric(kind="text", doc="a text")}
    (problem,) = parse_expect({"m": {"matches": pattern}}, metrics).problems
    assert (problem.code, problem.path) == (code, ("m", "matches"))
    assert hint in problem.hint
    assert "b'" not in problem.message


@pytest.mark.parametrize("pattern", ["[{,3}]", r"\{,3}", "a{,b}", "[]{,3}]", r"[\]{,3}]", r"\pL+", "(?i)x", "(?s).*"])
def test_a_pattern_that_is_read_alike_or_is_new_is_taken(pattern: str) -> None:
    assert parse_expect({"m": {"matches": pattern}}, None).sound


def test_text_that_is_no_unicode_is_matched_as_it_is_stored() -> None:
    assert matches_whole(r"caf\\udce9", "caf\udce9")


def test_the_engine_is_imported_by_a_pattern_alone() -> None:
    code = "import sys, speccheck.judge; sys.exit('re2' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


ATOMS = st.sampled_from(["a", "b", ".", r"\.", "[ab]", "[^a]", "[a-c]", r"\d", r"\w", r"\s", r"\x61", "-", "^", "()"])
REPEATS = st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])
PATTERNS = st.recursive(
    ATOMS,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: f"({'|'.join(parts)})"),
        st.tuples(inner, st.sampled_from(["*", "+", "?", "{2}", "{0,2}", "{1,}", "*?"])).map(
            lambda p: f"(?:{p[0]}){p[1]}"
        ),
        inner.map(lambda part: f"(?i:{part})"),
        inner.map(lambda part: f"(?s:{part})"),
        inner.map(lambda part: f"(?P<n>{part})" if "?P<n>" not in part else part),
    ),
    max_leaves=6,
)


@given(PATTERNS, st.lists(st.text(alphabet="abcAB.,-1 \n", max_size=6), max_size=8))
def test_what_both_engines_read_they_match_alike(pattern: str, texts: list[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            other = re.compile(pattern)
        except re.error:  # a group named twice
            return
    for text in texts:
        assert matches_whole(pattern, text) == (other.fullmatch(text) is not None)
